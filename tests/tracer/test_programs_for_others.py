"""Programs written for autograd and JAX run with only the import changed, and their gradients are right.

A program is a function of the array module alone, `np`, and of the inputs: what stands in a user's file below
`import autograd.numpy as np`. It is run as that file, and with `from gradviz import np` in place of the import.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as onp
import pytest

import gradviz as gv
from gradviz.tracer.check import check_gradients
from gradviz.tracer.transforms import grad, jacobian, value_and_grad

draw = onp.random.default_rng(20)

GAUSSIAN_MIXTURE = '''
def logsumexp(x, axis, keepdims=False):
    peak = np.max(x, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(x - peak), axis=axis, keepdims=True)) + peak
    return total if keepdims else np.squeeze(total, axis=axis)

def f(params, data):
    """The log-likelihood of a mixture with full covariances, by their Cholesky factors."""
    weights = params["log weights"] - logsumexp(params["log weights"], 0, keepdims=True)
    parts = []
    for log_weight, mean, root in zip(weights, params["means"], params["roots"]):
        covariance = root @ root.T + 0.1 * np.eye(2)
        shifted = data - mean
        quadratic = np.sum(shifted * np.linalg.solve(covariance, shifted.T).T, axis=1)
        sign, logdet = np.linalg.slogdet(2 * np.pi * covariance)
        parts.append(log_weight - 0.5 * quadratic - 0.5 * logdet)
    return np.sum(logsumexp(np.array(parts), 0))
'''

RNN = '''
def f(params, xs, targets):
    """A character-level network's loss, step by step."""
    def step(h, x):
        return np.tanh(np.dot(x, params["wx"]) + np.dot(h, params["wh"]) + params["bias"])
    h = np.zeros(params["bias"].shape)
    loss = 0.0
    for x, target in zip(xs, targets):
        h = step(h, x)
        logits = np.dot(h, params["out"])
        loss = loss - (logits[target] - np.log(np.sum(np.exp(logits))))
    return loss / len(xs)
'''

LSTM = '''
def sigmoid(x):
    return 0.5 * (np.tanh(x / 2.0) + 1.0)

def f(params, xs):
    """A batch through the cells of an LSTM; the gates are parts of one product."""
    w, b, out = params
    hidden = out.shape[0]
    h = c = np.zeros((xs.shape[1], hidden))
    outputs = []
    for t in range(xs.shape[0]):
        gates = np.dot(np.concatenate((xs[t], h), axis=1), w) + b
        forget, ignore, keep = (sigmoid(gates[:, i * hidden : (i + 1) * hidden]) for i in range(3))
        c = forget * c + ignore * np.tanh(gates[:, 3 * hidden :])
        h = keep * np.tanh(c)
        outputs.append(np.dot(h, out))
    return np.mean(np.array(outputs) ** 2)
'''

LOGISTIC_REGRESSION = """
def sigmoid(x):
    return 0.5 * (np.tanh(x / 2.) + 1)

def f(weights, inputs, targets):
    predictions = sigmoid(np.dot(inputs, weights))
    likely = predictions * targets + (1 - predictions) * (1 - targets)
    return -np.sum(np.log(likely)) + 0.1 * np.sum(weights ** 2)
"""

NEURAL_NET = """
def predict(params, inputs):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs - np.log(np.sum(np.exp(outputs), axis=1, keepdims=True))

def f(params, inputs, targets):
    norm = sum(np.sum(W ** 2) + np.sum(b ** 2) for W, b in params)
    return -np.sum(predict(params, inputs) * targets) + 0.01 * norm
"""

GAUSSIAN_PROCESS = '''
def f(params, x, y):
    """The log marginal likelihood, by a Cholesky factor and two triangular solves."""
    scale, length, noise = np.exp(params[0]), np.exp(params[1:3]), np.exp(params[3])
    shifted = np.expand_dims(x / length, 1) - np.expand_dims(x / length, 0)
    K = scale * np.exp(-0.5 * np.sum(shifted ** 2, axis=2)) + (noise + 1e-6) * np.eye(len(x))
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y - params[4]))
    return -0.5 * np.dot(y - params[4], alpha) - np.sum(np.log(np.diag(L))) - 0.5 * len(x) * np.log(2 * np.pi)
'''

RUNGE_KUTTA = '''
def f(params, start):
    """How far predators and prey are from where they should be, after twenty steps of order four."""
    def rate(y):
        prey, predators = y
        a, b, c, d = params
        return np.array([a * prey - b * prey * predators, -c * predators + d * prey * predators])
    y, h = start, 0.05
    for _ in range(20):
        k1 = rate(y)
        k2 = rate(y + 0.5 * h * k1)
        k3 = rate(y + 0.5 * h * k2)
        k4 = rate(y + h * k3)
        y = y + h / 6.0 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum((y - np.array([1.2, 0.9])) ** 2)
'''

CONVOLUTION = '''
def f(kernels, bias, images):
    """A convolution, ReLU and a pooling by the largest, all by stride tricks."""
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[2:], axis=(2, 3))
    maps = np.einsum("bcijkl,ockl->boij", windows, kernels) + bias[:, None, None]
    maps = np.maximum(maps, 0.0)
    batch, out, rows, columns = maps.shape
    pooled = np.max(np.reshape(maps, (batch, out, rows // 2, 2, columns // 2, 2)), axis=(3, 5))
    return np.sum(pooled ** 2)
'''

KALMAN_FILTER = '''
def f(params, observations):
    """The log-likelihood of a filter with learned dynamics and noises."""
    A, log_q, log_r = params["A"], params["log q"], params["log r"]
    C = np.array([[1.0, 0.0]])
    Q, R = np.diag(np.exp(log_q)), np.exp(log_r) * np.eye(1)
    mean, covariance, total = np.zeros(2), np.eye(2), 0.0
    for y in observations:
        mean, covariance = A @ mean, A @ covariance @ A.T + Q
        S = C @ covariance @ C.T + R
        gain = covariance @ C.T @ np.linalg.inv(S)
        residual = y - C @ mean
        total = total - 0.5 * (residual @ np.linalg.solve(S, residual) + np.log(2 * np.pi * np.linalg.det(S)))
        mean = mean + gain @ residual
        covariance = (np.eye(2) - gain @ C) @ covariance
    return total
'''


class Program(NamedTuple):
    """A user's file, what it is called with, and how many of the arguments are differentiated."""

    source: str
    args: tuple[Any, ...]
    differentiated: int = 1
    autograd: bool = True


def normal(*shape: int) -> Any:
    return draw.normal(size=shape)


PROGRAMS = {
    "Gaussian mixture": Program(
        GAUSSIAN_MIXTURE,
        ({"log weights": normal(3), "means": normal(3, 2), "roots": normal(3, 2, 2)}, normal(12, 2)),
    ),
    "RNN": Program(
        RNN,
        (
            {"wx": normal(4, 5), "wh": 0.5 * normal(5, 5), "bias": normal(5), "out": normal(5, 4)},
            onp.eye(4)[[0, 2, 1, 3, 3]],
            [1, 3, 0, 2, 2],
        ),
    ),
    "LSTM": Program(LSTM, ((normal(3 + 4, 16), normal(16), normal(4, 2)), normal(6, 3, 3)), 2),
    "logistic regression": Program(LOGISTIC_REGRESSION, (normal(3), normal(10, 3), (normal(10) > 0) * 1.0)),
    "neural net": Program(
        NEURAL_NET,
        ([(normal(3, 6), normal(6)), (normal(6, 4), normal(4))], normal(8, 3), onp.eye(4)[draw.integers(0, 4, 8)]),
    ),
    "Gaussian process": Program(GAUSSIAN_PROCESS, (0.3 * normal(5), normal(9, 2), normal(9)), 2),
    "Runge–Kutta": Program(RUNGE_KUTTA, (onp.array([1.1, 0.4, 0.4, 0.1]), onp.array([2.0, 1.0])), 2),
    # autograd has no rule for sliding_window_view
    "convolution": Program(CONVOLUTION, (normal(2, 3, 3, 3), normal(2), normal(2, 3, 8, 8)), 3, autograd=False),
    "Kalman filter": Program(
        KALMAN_FILTER,
        ({"A": onp.array([[1.0, 0.1], [-0.2, 0.9]]), "log q": normal(2), "log r": 0.3}, normal(15, 1)),
    ),
}


def run_as(source: str, np: Any) -> Callable[..., Any]:
    """The program's `f`, with `np` as its import."""
    module = ModuleType("program")
    vars(module)["np"] = np
    exec(compile(source, "program.py", "exec"), vars(module))
    return vars(module)["f"]


def flat(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [x for part in tree.values() for x in flat(part)]
    if isinstance(tree, (list, tuple)):
        return [x for part in tree for x in flat(part)]
    return [tree]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_agrees_with_differences(name: str) -> None:
    program = PROGRAMS[name]
    f = run_as(program.source, gv.np)
    rest = program.args[program.differentiated :]
    report = check_gradients(lambda *args: f(*args, *rest), *program.args[: program.differentiated])
    assert all(x.verdict == "right" for x in report.inputs), str(report)
    assert not report.wrong_ops, str(report)
    assert len(report.ops) >= 8


@pytest.mark.parametrize("name", [name for name in PROGRAMS if PROGRAMS[name].autograd])
def test_value_and_gradient_are_autograds(name: str) -> None:
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    program = PROGRAMS[name]
    value, gradients = value_and_grad(run_as(program.source, gv.np), tuple(range(program.differentiated)))(
        *program.args
    )
    expected = [autograd.grad(run_as(program.source, anp), i)(*program.args) for i in range(program.differentiated)]
    assert value == run_as(program.source, onp)(*program.args)
    for got, want in zip(flat(gradients), flat(expected), strict=True):
        onp.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11)


def test_the_convolution_is_torchs() -> None:
    torch = pytest.importorskip("torch")
    program = PROGRAMS["convolution"]
    inputs = [torch.tensor(x, requires_grad=True) for x in program.args]
    kernels, bias, images = inputs
    maps = torch.nn.functional.max_pool2d(torch.relu(torch.nn.functional.conv2d(images, kernels, bias)), 2)
    torch.sum(maps**2).backward()
    for got, want in zip(grad(run_as(program.source, gv.np), (0, 1, 2))(*program.args), inputs, strict=True):
        onp.testing.assert_allclose(got, want.grad, rtol=1e-10, atol=1e-10)


SECOND = ["Gaussian mixture", "RNN", "logistic regression", "Gaussian process", "Runge–Kutta", "Kalman filter"]


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_agree_with_differences(name: str) -> None:
    program = PROGRAMS[name]
    f = run_as(program.source, gv.np)
    first = program.args[0]
    weight = draw.normal()

    def slope(params: Any) -> Any:
        return sum((np_sum(g) for g in flat(grad(f)(params, *program.args[1:]))), 0.0) * weight

    def np_sum(x: Any) -> Any:
        return gv.np.sum(gv.np.sin(x))

    report = check_gradients(slope, first, ops=0)
    assert all(x.verdict == "right" for x in report.inputs), str(report)


def test_training_goes_down_the_slope() -> None:
    program = PROGRAMS["neural net"]
    f = run_as(program.source, gv.np)
    params, inputs, targets = program.args
    step = value_and_grad(f)
    losses: list[float] = []
    for _ in range(60):
        loss, gradient = step(params, inputs, targets)
        losses.append(loss)
        params = [(w - 0.05 * dw, b - 0.05 * db) for (w, b), (dw, db) in zip(params, gradient, strict=True)]
    assert all(type(w) is onp.ndarray for w, _ in params)
    assert losses[-1] < 0.5 * losses[0]


def test_newtons_method_by_a_jacobian_of_the_gradient() -> None:
    program = PROGRAMS["logistic regression"]
    f = run_as(program.source, gv.np)
    w, data = program.args[0], program.args[1:]
    for _ in range(8):
        w = w - onp.linalg.solve(jacobian(grad(f))(w, *data), grad(f)(w, *data))
    onp.testing.assert_allclose(grad(f)(w, *data), onp.zeros(3), atol=1e-10)
