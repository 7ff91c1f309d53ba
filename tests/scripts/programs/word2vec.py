"""Skip-gram with negative sampling: rows of the tables are looked up, and only they are updated."""

import numpy as np

corpus = "the cat sat on the mat the dog sat on the log the cat saw the dog".split()
vocab = sorted(set(corpus))
index = {word: i for i, word in enumerate(vocab)}
rng = np.random.default_rng(2)
dim, window, negatives, lr = 8, 2, 3, 0.05
center = rng.uniform(-0.5, 0.5, (len(vocab), dim)) / dim
context = np.zeros((len(vocab), dim))


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


losses = []
for epoch in range(5):
    epoch_loss = 0.0
    for position, word in enumerate(corpus):
        c = index[word]
        for offset in range(-window, window + 1):
            if offset == 0 or not 0 <= position + offset < len(corpus):
                continue
            o = index[corpus[position + offset]]
            noise = rng.integers(0, len(vocab), negatives)
            v = center[c]
            u = context[o]
            good = sigmoid(u @ v)
            bad = sigmoid(context[noise] @ v)
            pair_loss = -np.log(good) - np.sum(np.log(1 - bad))
            grad_v = (good - 1) * u + bad @ context[noise]
            grad_u = (good - 1) * v
            np.subtract.at(context, noise, lr * np.outer(bad, v))
            context[o] -= lr * grad_u
            center[c] -= lr * grad_v
            epoch_loss += float(pair_loss)
    losses.append(epoch_loss)
    print(epoch, f"{epoch_loss:.4f}")
print(losses == sorted(losses, reverse=True), center.shape)
