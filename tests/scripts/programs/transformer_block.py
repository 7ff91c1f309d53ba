"""A transformer block from scratch: layer norm, causal attention with heads, GELU; cross-entropy on a line of text."""
import math
import numpy as np

np.random.seed(1337)
text = "hello world, hello tensors"
vocab = sorted(set(text))
stoi = {c: i for i, c in enumerate(vocab)}
ids = np.array([stoi[c] for c in text])
T, C, nh, V = 6, 8, 2, len(vocab)


def gelu(x):
    return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * np.power(x, 3.0))))


def softmax(x, axis=-1):
    x = x - np.max(x, axis=axis, keepdims=True)
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


class Module:
    def __call__(self, *args):
        return self.forward(*args)

    def parameters(self):
        for v in vars(self).values():
            if isinstance(v, np.ndarray):
                yield v
            elif isinstance(v, Module):
                yield from v.parameters()
            elif isinstance(v, (list, tuple)):
                for m in v:
                    yield from m.parameters()


class LayerNorm(Module):
    def __init__(self, n, eps=1e-5):
        self.weight, self.bias, self.eps = np.ones(n), np.zeros(n), eps

    def forward(self, x):
        mean = x.mean(-1, keepdims=True)
        var = ((x - mean) ** 2).mean(-1, keepdims=True)
        return (x - mean) / np.sqrt(var + self.eps) * self.weight + self.bias


class Linear(Module):
    def __init__(self, n_in, n_out):
        self.weight = 0.2 * np.random.randn(n_in, n_out)
        self.bias = np.zeros(n_out)

    def forward(self, x):
        return x @ self.weight + self.bias


class CausalSelfAttention(Module):
    def __init__(self):
        self.c_attn, self.c_proj = Linear(C, 3 * C), Linear(C, C)

    def forward(self, x):
        T, C = x.shape
        q, k, v = np.split(self.c_attn(x), 3, axis=-1)
        q, k, v = (m.reshape(T, nh, C // nh).transpose(1, 0, 2) for m in (q, k, v))
        att = q @ k.swapaxes(-2, -1) / math.sqrt(k.shape[-1])
        att = np.where(np.tril(np.ones((T, T))) == 0, -np.inf, att)
        y = softmax(att) @ v
        return self.c_proj(y.transpose(1, 0, 2).reshape(T, C))


class Block(Module):
    def __init__(self):
        self.ln_1, self.attn, self.ln_2 = LayerNorm(C), CausalSelfAttention(), LayerNorm(C)
        self.mlp = [Linear(C, 4 * C), Linear(4 * C, C)]

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp[1](gelu(self.mlp[0](self.ln_2(x))))


class GPT(Module):
    def __init__(self, n_layer=2):
        self.wte = 0.5 * np.random.randn(V, C)
        self.wpe = 0.1 * np.random.randn(T, C)
        self.h = [Block() for _ in range(n_layer)]
        self.ln_f = LayerNorm(C)

    def forward(self, idx, targets=None):
        x = self.wte[idx] + self.wpe[: len(idx)]
        for block in self.h:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.T
        if targets is None:
            return logits, None
        logp = logits - logits.max(-1, keepdims=True)
        logp = logp - np.log(np.exp(logp).sum(-1, keepdims=True))
        return logits, -logp[np.arange(len(targets)), targets].mean()


model = GPT()
print("number of parameters: %d" % sum(p.size for p in model.parameters()))
logits, loss = model(ids[:T], ids[1:T + 1])
print(f"loss {loss:.6f}, uniform would be {math.log(V):.6f}")
out = list(ids[:3])
for _ in range(5):
    logits, _ = model(np.array(out[-T:]))
    out.append(int(np.random.choice(V, p=softmax(logits[-1]))))
print(repr("".join(vocab[i] for i in out)))
