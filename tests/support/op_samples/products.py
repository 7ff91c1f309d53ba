"""Samples of `tracer/ops/products.py`."""

import numpy as np

from . import Sample

_random = np.random.default_rng(11)


def _array(*shape):
    return _random.uniform(0.3, 1.5, shape) * _random.choice([-1.0, 1.0], shape)


def _samples(f, *shapes, **options):
    """A sample per tuple of shapes."""
    return [Sample(f, tuple(_array(*shape) for shape in each), **options) for each in shapes]


#: Every form of einsum: implicit, ellipses, diagonals, sums within an operand, broadcasting, many operands.
EINSUM = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba", (2, 3)),
    ("ab,bc->ca", (2, 3), (3, 2)),
    ("i,i", (3,), (3,)),
    ("i,j->ij", (2,), (3,)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iij->j", (2, 2, 3)),
    ("iji->ij", (2, 3, 2)),
    ("iiii->i", (2, 2, 2, 2)),
    ("iij,j->i", (2, 2, 3), (3,)),
    ("ij->", (2, 3)),
    ("ij->i", (2, 3)),
    ("ijk,k->j", (2, 3, 2), (2,)),
    ("ij,k->k", (2, 3), (2,)),
    ("ij,ij,ij->i", (2, 3), (2, 3), (2, 3)),
    ("ai,bi,ci->abc", (2, 3), (1, 3), (2, 3)),
    ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 2)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
    ("...ij,...jk", (2, 2, 3), (3, 2)),
    ("i...,i...", (3, 2), (3,)),
    ("...i->...", (2, 3)),
    ("...ii->...i", (2, 3, 3)),
    ("...,...", (2, 3), (3,)),
    ("i...->...", (3, 2)),
    ("i,i", (1,), (3,)),
    ("ij,jk->ik", (2, 1), (3, 2)),
    ("ij,i->ij", (2, 3), (1,)),
    ("i...,...i->i...", (3, 1), (2, 3)),
    ("->", ()),
    (",i->i", (), (3,)),
    ("ij,jk->ik", (0, 3), (3, 2)),
    ("ij,jk->ik", (2, 0), (0, 3)),
    ("ij->i", (2, 0)),
    ("ii->i", (0, 0)),
    (" i j , j -> i ", (2, 3), (3,)),
]


def _einsum(subscripts):
    return lambda *operands: np.einsum(subscripts, *operands)


#: The axes that tensordot sums over, and the shapes.
TENSORDOT = [
    (2, (2, 3, 4), (3, 4, 2)),
    (1, (2, 3), (3, 4)),
    (0, (2,), (3,)),
    (0, (2, 2), (3,)),
    (2, (2, 3), (2, 3)),
    (([1, 0], [0, 1]), (2, 3), (3, 2)),
    (([0, 2], [1, 0]), (2, 3, 4), (4, 2, 3)),
    ((1, 0), (2, 3), (3,)),
    ((-1, -2), (2, 3), (3, 2)),
    (((), ()), (2,), (3,)),
    (([2, 0, 1], [1, 2, 0]), (2, 3, 4), (3, 4, 2)),
    (1, (2, 0), (0, 3)),
    (1, (0, 2), (2, 3)),
    (0, (), (3,)),
    (0, (), ()),
]


def _tensordot(axes):
    return lambda x, y: np.tensordot(x, y, axes)


def _cross(**axes):
    return lambda x, y: np.cross(x, y, **axes)


SAMPLES = {
    "einsum": [
        *[Sample(_einsum(s), tuple(_array(*shape) for shape in shapes)) for s, *shapes in EINSUM],
        *_samples(lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), ((2, 3), (3, 4))),
        *_samples(lambda x, y: np.einsum(x, [0, 1], y, [1, 2]), ((2, 3), (3, 4))),
        *_samples(lambda x, y: np.einsum(x, [30, 1], y, [1, 2]), ((2, 3), (3, 4))),
        *_samples(lambda x: np.einsum(x, [Ellipsis, 0, 0]), ((2, 3, 3),)),
        *_samples(lambda x: np.einsum(x, [0, Ellipsis], [Ellipsis, 0]), ((2, 3),)),
        *_samples(
            lambda x, y, z: np.einsum("ij,jk,kl->il", x, y, z, optimize=True),
            ((2, 3), (3, 2), (2, 4)),
            ((2, 3), (3, 1), (1, 2)),
        ),
        *_samples(lambda x, y: np.einsum("ij,jk->ik", x, y, optimize="optimal"), ((2, 3), (3, 2))),
        *_samples(
            lambda x, y, z: np.einsum("ij,jk,kl", x, y, z, optimize=["einsum_path", (0, 1), (0, 1)]),
            ((2, 3), (3, 2), (2, 2)),
        ),
        *_samples(lambda x: np.einsum("ij,ij,ji->", x, x, x), ((2, 2),)),
        *_samples(lambda x: np.einsum("ij,j->i", x, np.arange(3)), ((2, 3),)),
        *_samples(lambda x: np.einsum("ij,j->i", [[1.0, 2.0], [3.0, 4.0]], x), ((2,),)),
        *_samples(lambda x: np.einsum("ij->i", x, dtype=float, order="C"), ((2, 3),)),
        *_samples(lambda x, y: np.einsum("ij,jk->ik", x, y), ((12, 15), (15, 60))),
        Sample(lambda x: np.einsum("i,->i", np.arange(3.0), x), (1.5,)),
    ],
    "tensordot": [
        *[Sample(_tensordot(axes), (_array(*a), _array(*b))) for axes, a, b in TENSORDOT],
        *_samples(np.tensordot, ((2, 3, 4), (3, 4))),
        *_samples(lambda x: np.tensordot(x, x, axes=1), ((3, 3),)),
        *_samples(lambda x, y: np.linalg.tensordot(x, y, axes=1), ((2, 3), (3, 2))),
    ],
    "inner": [
        *_samples(
            np.inner,
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (2, 3)),
            ((2, 3), (4, 3)),
            ((2, 2, 3), (2, 3)),
            ((), (2, 3)),
            ((2, 3), ()),
            ((0, 3), (2, 3)),
            ((2, 0), (3, 0)),
        ),
        Sample(np.inner, (1.5, -0.5)),
    ],
    "outer": [
        *_samples(np.outer, ((2,), (3,)), ((2, 2), (3,)), ((2,), (2, 2)), ((), (3,)), ((0,), (3,)), ((2,), (0,))),
        *_samples(np.linalg.outer, ((2,), (3,))),
        *_samples(lambda x: np.outer(x, x), ((3,),)),
        Sample(lambda x: np.outer(x, [1.0, 2.0]), (1.5,)),
    ],
    "vdot": [
        *_samples(np.vdot, ((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (6,)), ((0,), (0,))),
        Sample(np.vdot, (1.5, -0.5)),
    ],
    "kron": [
        *_samples(
            np.kron,
            ((2,), (3,)),
            ((2, 2), (2, 3)),
            ((2, 2), (3,)),
            ((3,), (2, 2)),
            ((2, 1, 2), (3, 2)),
            ((2,), (2, 1, 3)),
            ((), (2, 2)),
            ((2, 2), ()),
            ((0, 2), (2, 2)),
        ),
        Sample(np.kron, (1.5, -0.5)),
        *_samples(lambda x: np.kron(x, np.eye(2)), ((2, 2),)),
    ],
    "cross": [
        *_samples(
            np.cross,
            ((3,), (3,)),
            ((2, 3), (2, 3)),
            ((2, 3), (3,)),
            ((3,), (2, 3)),
            ((2, 1, 3), (4, 3)),
            ((0, 3), (3,)),
        ),
        *_samples(_cross(axis=0), ((3, 2), (3, 2))),
        *_samples(_cross(axisa=0, axisb=1), ((3, 2), (2, 3))),
        *_samples(_cross(axisa=1, axisb=0, axisc=0), ((2, 3, 2), (3, 2, 2))),
        *_samples(_cross(axisc=0), ((4, 3), (4, 3))),
        *_samples(lambda x: np.cross(x, x[::-1]), ((2, 3),)),
        *_samples(np.linalg.cross, ((2, 3), (2, 3)), ((3,), (2, 3))),
        *_samples(lambda x, y: np.linalg.cross(x, y, axis=0), ((3, 2), (3, 2))),
    ],
    "vecdot": [
        *_samples(
            np.vecdot,
            ((3,), (3,)),
            ((2, 3), (2, 3)),
            ((2, 3), (3,)),
            ((3,), (2, 3)),
            ((2, 1, 3), (4, 3)),
            ((2, 0), (0,)),
        ),
        *_samples(np.linalg.vecdot, ((2, 3), (2, 3))),
        *_samples(lambda x, y: np.linalg.vecdot(x, y, axis=0), ((3, 2), (3, 2)), ((3, 2), (3, 1))),
        *_samples(lambda x, y: np.linalg.vecdot(x, y, axis=-2), ((2, 3, 2), (3, 2))),
    ],
    "trace": [
        *_samples(np.trace, ((3, 3),), ((2, 4),), ((3, 3, 2),), ((0, 0),), ((0, 3),), ((3, 3, 0),)),
        *_samples(lambda x: np.trace(x, offset=1), ((3, 4),)),
        *_samples(lambda x: np.trace(x, -1), ((3, 2),)),
        *_samples(lambda x: np.trace(x, 5), ((3, 3),)),
        *_samples(lambda x: np.trace(x, 1, 2, 0), ((3, 2, 4),)),
        *_samples(lambda x: np.trace(x, axis1=-1, axis2=0), ((3, 2, 3),)),
        *_samples(lambda x: np.linalg.trace(x), ((2, 3, 3),)),
        *_samples(lambda x: np.linalg.trace(x, offset=-1), ((2, 3, 2),)),
    ],
    "diagonal": [
        *_samples(np.diagonal, ((3, 3),), ((2, 4),), ((3, 3, 2),), ((0, 3),), ((2, 2, 0),)),
        *_samples(lambda x: np.diagonal(x, 1), ((3, 4),)),
        *_samples(lambda x: np.diagonal(x, -1), ((3, 2),)),
        *_samples(lambda x: np.diagonal(x, 5), ((3, 3),)),
        *_samples(lambda x: np.diagonal(x, 1, 2, 0), ((3, 2, 4),)),
        *_samples(lambda x: np.diagonal(x, axis1=-1, axis2=0), ((3, 2, 3),)),
        *_samples(lambda x: np.linalg.diagonal(x, offset=1), ((2, 3, 3),)),
        *_samples(np.diag, ((3, 3),), ((2, 4),)),
        *_samples(lambda x: np.diag(x, -1), ((3, 4),)),
    ],
    "diag": [
        *_samples(np.diag, ((3,),), ((0,),), ((1,),)),
        *_samples(lambda x: np.diag(x, 2), ((3,),)),
        *_samples(lambda x: np.diag(x, k=-1), ((3,),)),
    ],
    "diagflat": [
        *_samples(np.diagflat, ((3,),), ((2, 2),), ((0,),)),
        *_samples(lambda x: np.diagflat(x, 1), ((2, 2),)),
        *_samples(lambda x: np.diagflat(x, -2), ((2,),)),
        Sample(np.diagflat, (1.5,)),
    ],
    "polyval": [
        *_samples(
            np.polyval, ((4,), (3,)), ((3,), (2, 2)), ((3,), ()), ((2,), (3,)), ((1,), (3,)), ((0,), (3,)), ((3,), (0,))
        ),
        *_samples(lambda x: np.polyval([2.0, -1.0, 3.0], x), ((3,),)),
        *_samples(lambda p: np.polyval(p, np.arange(3.0)), ((3,),)),
        *_samples(lambda p: np.polyval(p, 2), ((3,),)),
        Sample(np.polyval, (_array(3), 0.7)),
        *_samples(lambda x: np.polyval(x, x), ((3,),)),
    ],
    "vander": [
        *_samples(np.vander, ((3,),), ((1,),), ((0,),)),
        *_samples(lambda x: np.vander(x, 5), ((2,),)),
        *_samples(lambda x: np.vander(x, 2, increasing=True), ((3,),)),
        *_samples(lambda x: np.vander(x, increasing=True), ((3,),)),
        *_samples(lambda x: np.vander(x, 1), ((3,),)),
        *_samples(lambda x: np.vander(x, 0), ((3,),)),
    ],
}
if hasattr(np, "matvec"):  # NumPy 2.2
    SAMPLES["matvec"] = _samples(
        np.matvec,
        ((2, 3), (3,)),
        ((4, 2, 3), (3,)),
        ((2, 3), (4, 3)),
        ((4, 2, 3), (4, 3)),
        ((2, 1, 2, 3), (4, 3)),
        ((0, 3), (3,)),
        ((2, 0), (0,)),
    )
    SAMPLES["vecmat"] = _samples(
        np.vecmat,
        ((2,), (2, 3)),
        ((2,), (4, 2, 3)),
        ((4, 2), (2, 3)),
        ((4, 2), (4, 2, 3)),
        ((2, 1, 2), (4, 2, 3)),
        ((2,), (2, 0)),
        ((0,), (0, 3)),
    )
