# Softmax with cross-entropy: the gradient of the scores is p − y, the probabilities minus the right answer.
import gradviz as gv

scores = gv.tensor([2.0, 1.0, 0.1])
y = gv.constant([0.0, 1.0, 0.0])
loss = gv.cross_entropy(scores, y)
loss.backward()
print(scores.grad)
