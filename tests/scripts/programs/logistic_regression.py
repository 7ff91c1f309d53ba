import numpy as np

np.random.seed(0)
n, d = 100, 2
X = np.vstack([np.random.randn(n // 2, d) - 1.0, np.random.randn(n // 2, d) + 1.0])
y = np.hstack([np.zeros(n // 2), np.ones(n // 2)])


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


weights = np.zeros(d)
bias = 0.0
learning_rate = 0.1
history = []

for iteration in range(400):
    logits = np.dot(X, weights) + bias
    probs = sigmoid(logits)
    cost = -np.mean(y * np.log(probs + 1e-12) + (1 - y) * np.log(1 - probs + 1e-12))
    history.append(cost)
    gradient_w = np.dot(X.T, probs - y) / n
    gradient_b = np.sum(probs - y) / n
    weights -= learning_rate * gradient_w
    bias -= learning_rate * gradient_b
    if iteration % 100 == 0:
        print("Iteration {}: cost {:.5f}".format(iteration, cost))

accuracy = np.mean((sigmoid(X @ weights + bias) > 0.5) == y)
print("weights:", weights, "bias:", bias)
print("accuracy:", accuracy)
print("cost fell:", history[0] > history[-1], len(history))
