# A gate of one's own, as in the lecture: what goes forward, and what comes back for each input.
import gradviz as gv


class Multiply(gv.Gate):
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, upstream):
        return upstream * self.y, upstream * self.x


x = gv.tensor(3.0)
y = gv.tensor(-4.0)
p = Multiply()(x, y)
f = 2.0 * p
f.backward()
print(x.grad, y.grad)
