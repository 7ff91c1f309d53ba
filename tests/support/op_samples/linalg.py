"""Samples of `tracer/ops/linalg.py`: matrices well away from singular, their eigenvalues and singular values apart."""

from typing import Any

import numpy as np

from . import Sample

la = np.linalg

SQUARE = np.array([[2.03, 0.41, -0.72], [0.29, -1.54, 0.63], [0.91, 0.18, 0.84]])
OTHER = np.array([[0.3, -0.2, 0.5], [-0.6, 0.4, 0.1], [0.2, 0.7, -0.3]])
STACK = np.stack([SQUARE, SQUARE.T + 0.3 * OTHER])
TALL = np.array([[1.2, -0.4], [0.3, 2.1], [-0.8, 0.5], [0.6, 0.9]])
WIDE = np.ascontiguousarray(TALL.T)
POSITIVE = SQUARE @ SQUARE.T + 2.0 * np.eye(3)
SPREAD = np.array([[1.0, 0.3, -0.2], [0.4, 2.5, 0.5], [-0.1, 0.6, 4.5]])  # its eigenvalues are real, both ways
TURNING = np.array([[0.5, -1.2, 0.3], [1.1, 0.4, 0.2], [-0.3, 0.2, 2.0]])  # two of its eigenvalues are not
SINGULAR = np.outer([1.0, -0.5, 2.0], [0.3, 0.8, -0.6])
VECTOR = np.array([0.7, -1.1, 0.4])
SIDES = np.array([[0.7, 0.2], [-1.1, 0.5], [0.4, -0.9]])
CUBE = np.array([[[0.93, -0.41], [1.37, 0.22], [-0.74, 1.85]], [[-1.16, 0.67], [0.55, -1.62], [0.81, 0.36]]])


def halves(z: Any) -> Any:
    """The real and the imaginary part of a complex result, for differences to be taken of."""
    return np.stack([np.real(z), np.imag(z)])


def reals(z: Any) -> Any:
    """What is real and may come as a complex number: from NumPy 2.5 on, eig gives those whatever it finds."""
    return tuple(map(np.real, z)) if isinstance(z, tuple) else np.real(z)


def projector(vectors: Any) -> Any:
    """What does not depend on how a basis is picked."""
    return vectors @ np.conjugate(np.swapaxes(vectors, -1, -2))


def complex_(f: Any) -> Sample:
    """`f` at a complex matrix."""
    return Sample(lambda x, y: halves(f(x + 1j * y)), (SQUARE, OTHER))


def everywhere(f: Any) -> list[Sample]:
    """`f` at a matrix, a stack of them, one of one element and a complex one."""
    return [Sample(f, (SQUARE,)), Sample(f, (STACK,)), Sample(f, (SQUARE[:1, :1],)), complex_(f)]


SAMPLES = {
    "inv": everywhere(la.inv),
    "pinv": [
        *everywhere(la.pinv),
        Sample(la.pinv, (TALL,)),
        Sample(la.pinv, (WIDE,)),
        Sample(lambda a: la.pinv(a, hermitian=True), (SQUARE,)),
        Sample(lambda a: la.pinv(a, rtol=1e-3), (TALL,)),
    ],
    "det": [
        *everywhere(la.det),
        Sample(la.det, (SINGULAR,), note="the gradient is the cofactors, here with no inverse"),
        Sample(la.det, (np.stack([SINGULAR, SQUARE]),)),
        Sample(la.det, (np.zeros((2, 2)),)),
    ],
    "slogdet": [
        *everywhere(lambda a: la.slogdet(a).logabsdet),
        Sample(la.slogdet, (STACK,)),
        complex_(lambda a: la.slogdet(a[None]).sign),
    ],
    "solve": [
        Sample(la.solve, (SQUARE, SIDES)),
        Sample(la.solve, (SQUARE, VECTOR)),
        Sample(la.solve, (STACK, SIDES)),
        Sample(la.solve, (STACK, VECTOR), note="a vector, against each matrix of the stack"),
        Sample(la.solve, (SQUARE, np.stack([SIDES, 2.0 * SIDES]))),
        complex_(lambda a: la.solve(a, SIDES)),
    ],
    "tensorinv": [
        Sample(lambda a: la.tensorinv(a, 1), (POSITIVE.reshape(3, 3, 1),)),
        Sample(la.tensorinv, (POSITIVE[:, :, None].reshape(3, 1, 1, 3),)),
    ],
    "tensorsolve": [
        Sample(la.tensorsolve, (SQUARE.reshape(3, 1, 3), VECTOR.reshape(3, 1))),
        Sample(lambda a, b: la.tensorsolve(a, b, (0,)), (SQUARE.reshape(3, 3, 1), VECTOR.reshape(3, 1))),
    ],
    "lstsq": [
        Sample(lambda a, b: la.lstsq(a, b)[0], (TALL, np.array([0.3, -0.8, 1.1, 0.5]))),
        Sample(la.lstsq, (TALL, np.array([[0.3, 1.2], [-0.8, 0.4], [1.1, -0.2], [0.5, 0.9]]))),
        Sample(lambda a, b: la.lstsq(a, b)[0], (WIDE, SIDES[:2])),
    ],
    "cholesky": [
        Sample(la.cholesky, (POSITIVE,), note="the lower triangle alone is read, and alone has a gradient"),
        Sample(lambda a: la.cholesky(a, upper=True), (POSITIVE,)),
        Sample(la.cholesky, (np.stack([POSITIVE, 2.0 * POSITIVE + np.eye(3)]),)),
        Sample(lambda a: la.cholesky(a @ a.T), (SQUARE,)),
        complex_(lambda a: la.cholesky(a + 5.0 * np.eye(3))),
    ],
    "qr": [
        Sample(la.qr, (SQUARE,)),
        Sample(la.qr, (TALL,)),
        Sample(la.qr, (WIDE,)),
        Sample(la.qr, (STACK,)),
        Sample(lambda a: la.qr(a, "r"), (TALL,)),
        Sample(lambda a: la.qr(a, mode="complete").R, (TALL,)),
        Sample(lambda a: projector(la.qr(a, mode="complete").Q[:, 2:]), (TALL,)),
        complex_(lambda a: la.qr(a).Q),
        complex_(lambda a: la.qr(a).R),
    ],
    "svd": [
        Sample(lambda a: la.svd(a, full_matrices=False), (TALL,)),
        Sample(lambda a: la.svd(a, full_matrices=False), (WIDE,)),
        Sample(la.svd, (SQUARE,)),
        Sample(la.svd, (STACK,)),
        Sample(lambda a: projector(la.svd(a).U[:, 2:]), (TALL,), note="the extra columns, as a projector"),
        Sample(lambda a: la.svd(a, hermitian=True), (SPREAD,)),
        complex_(lambda a: projector(la.svd(a).U[:, :2])),
    ],
    "svdvals": [
        *everywhere(la.svdvals)[:3],
        Sample(la.svdvals, (TALL,)),
        Sample(lambda a: la.svd(a, compute_uv=False), (TALL,)),
        Sample(lambda x, y: la.svdvals(x + 1j * y), (SQUARE, OTHER)),
    ],
    "eigh": [
        Sample(la.eigh, (SPREAD,), note="the lower triangle alone is read"),
        Sample(lambda a: la.eigh(a, UPLO="U"), (SPREAD,)),
        Sample(la.eigh, (np.stack([SPREAD, SPREAD.T + 0.1]),)),
        complex_(lambda a: projector(la.eigh(a).eigenvectors[:, :1])),
    ],
    "eigvalsh": [
        Sample(la.eigvalsh, (SPREAD,)),
        Sample(lambda a: la.eigvalsh(a, UPLO="U"), (np.stack([SPREAD, SPREAD.T + 0.1]),)),
        Sample(lambda x, y: la.eigvalsh(x + 1j * y), (SPREAD, OTHER)),
    ],
    "eig": [
        Sample(lambda a: reals(la.eig(a)), (SPREAD,)),
        Sample(lambda a: reals(la.eig(a)), (np.stack([SPREAD, SPREAD.T + 0.1]),)),
        Sample(lambda a: halves(la.eig(a).eigenvalues), (TURNING,), note="complex eigenvalues of a real matrix"),
        Sample(lambda a: halves(la.eig(a).eigenvectors), (TURNING,)),
        complex_(lambda a: la.eig(a).eigenvectors),
    ],
    "eigvals": [
        Sample(lambda a: reals(la.eigvals(a)), (SPREAD,)),
        Sample(lambda a: halves(la.eigvals(a)), (TURNING,)),
        complex_(la.eigvals),
    ],
    "norm": [
        Sample(la.norm, (CUBE,)),
        *[Sample(lambda x, p=p: la.norm(x, p), (VECTOR,)) for p in (None, 2, 1, 0, 3, 2.5, -1, np.inf, -np.inf)],
        *[Sample(lambda x, p=p: la.norm(x, p, axis=1), (CUBE,)) for p in (None, 1, 3, np.inf, -np.inf)],
        *[Sample(lambda x, p=p: la.norm(x, p), (TALL,)) for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)],
        *[Sample(lambda x, p=p: la.norm(x, p, axis=(2, 0)), (CUBE,)) for p in (None, "nuc", 1, -1, 2, -2, np.inf)],
        Sample(lambda x: la.norm(x, 1, axis=(0, 1), keepdims=True), (CUBE,)),
        Sample(lambda x: la.norm(x, axis=-1, keepdims=True), (CUBE,)),
        Sample(lambda x, y: la.norm(x + 1j * y, 3), (VECTOR, VECTOR[::-1])),
        Sample(lambda x, y: la.norm(x + 1j * y, "nuc"), (SQUARE, OTHER)),
    ],
    "vector_norm": [
        *[Sample(lambda x, p=p: la.vector_norm(x, ord=p), (CUBE,)) for p in (2, 1, 3, np.inf, -np.inf)],
        Sample(lambda x: la.vector_norm(x, axis=(0, 2), keepdims=True), (CUBE,)),
        Sample(lambda x: la.vector_norm(x, axis=1, ord=1), (CUBE,)),
    ],
    "matrix_norm": [
        *[Sample(lambda x, p=p: la.matrix_norm(x, ord=p), (CUBE,)) for p in ("fro", "nuc", 2, -2, 1, np.inf)],
        Sample(lambda x: la.matrix_norm(x, keepdims=True), (CUBE,)),
    ],
    "cond": [Sample(lambda a, p=p: la.cond(a, p), (SQUARE,)) for p in (None, 2, -2, "fro", 1, -1, np.inf, -np.inf)]
    + [Sample(la.cond, (TALL,)), Sample(lambda a: la.cond(a, "nuc"), (STACK,))],
    "matrix_power": [Sample(lambda a, n=n: la.matrix_power(a, n), (SQUARE,)) for n in (0, 1, 2, 3, 6, 7, -1, -2)]
    + [Sample(lambda a: la.matrix_power(a, 3), (STACK,)), complex_(lambda a: la.matrix_power(a, 5))],
    "multi_dot": [
        Sample(lambda a, b, c: la.multi_dot([a, b, c]), (WIDE, TALL, SIDES.T)),
        Sample(lambda a, b, c: la.multi_dot([a, b, c]), (VECTOR, SQUARE, VECTOR)),
        Sample(lambda a, b, c, d: la.multi_dot([a, b, c, d]), (SIDES.T, SQUARE, OTHER, VECTOR)),
        Sample(lambda a, b: la.multi_dot([a, b]), (VECTOR, SIDES)),
    ],
}
