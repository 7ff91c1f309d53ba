"""Products: einsum, tensordot, inner, outer, kron, cross, trace and their kin."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ..backward import sum_to
from ..errors import RecordError
from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, UFUNCS, Tensor, apply, call, is_differentiable, value_of
from .indexing import SCATTER
from .linear import MATMUL, transposed

#: NumPy's own default for an argument that was not given.
ABSENT: Any = np._NoValue  # pyright: ignore[reportPrivateUsage]

#: The role of what weighs the gradient and adds it up in a way of its own, which the row's `role_text` then says.
MIXES = "scales by its slope"

_Labels = list[str]


def leave_out(what: str, **given: Any) -> None:
    """Refuse, by name, the arguments that have no rule."""
    for name, value in given.items():
        if value is not None and value is not ABSENT and value is not False:
            raise RecordError(f"np.{what} with {name}= has no gradient rule in gradviz: leave {name}= out")


def constants_only(what: str, **given: Any) -> dict[str, Any]:
    """The plain values of arguments that no gradient goes to; a Tensor that would get one is refused by name."""
    for name, value in given.items():
        if _wants_gradient(value):
            raise RecordError(
                f"np.{what} has no gradient rule towards {name}= in gradviz: take {name} as a constant, by its .value"
            )
    return {name: _own(value_of(value)) for name, value in given.items()}


def _own(value: Any) -> Any:
    # An array that the user may change later is copied: the gradient must be that of what was computed.
    return value.copy() if isinstance(value, np.ndarray) else value  # pyright: ignore[reportUnknownVariableType]


def conj(x: Any) -> Any:
    """The complex conjugate; what is real stays what it is, with no op in the graph of a gradient."""
    return np.conjugate(x) if dtype_of(x).kind == "c" else x


def dtype_of(x: Any) -> np.dtype[Any]:
    """The dtype of a Tensor's value, of an array or of a number."""
    return np.asarray(value_of(x)).dtype


def _wants_gradient(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_wants_gradient, value))  # pyright: ignore[reportUnknownArgumentType]
    return isinstance(value, Tensor) and is_differentiable(value.value) and value._op.name not in ("constant", "detach")


# -- einsum ------------------------------------------------------------------------------------------------------------

# In the order in which NumPy numbers them where the subscripts are lists of integers.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # string's, without 0.4 ms to import it

# From how many multiplications on a gradient's einsum is worth planning, which takes some 30 µs.
_WORTH_PLANNING = 10_000


def _letters(sublist: Any) -> str:
    """A list of integers as subscripts: ``[0, Ellipsis, 1]`` is ``A...B``."""
    labels: _Labels = []
    for label in sublist:
        if label is not Ellipsis and not 0 <= operator.index(label) < len(_LETTERS):
            raise ValueError(f"subscript {label} is not within the valid range [0, {len(_LETTERS)})")
        labels.append("..." if label is Ellipsis else _LETTERS[label])
    return "".join(labels)


def _as_text(operands: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The subscripts as a string, and the arrays, of whichever form einsum was called in."""
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), operands[1:]
    pairs = len(operands) // 2 * 2
    subscripts = ",".join(_letters(sublist) for sublist in operands[1:pairs:2])
    if len(operands) % 2:
        subscripts += "->" + _letters(operands[-1])
    return subscripts, operands[:pairs:2]


def _spelled_out(subscripts: str, ndims: list[int]) -> tuple[_Labels, str]:
    """Each operand's labels and the result's, with letters for the axes that ellipses stand for."""
    left, arrow, result = subscripts.partition("->")
    terms = left.split(",")
    covered = [n - len(t.replace("...", "")) if "..." in t else 0 for t, n in zip(terms, ndims, strict=True)]
    widest = max(covered)
    unused = "".join(c for c in _LETTERS if c not in subscripts)[:widest]
    if not arrow:
        once = "".join(sorted(c for c in set(left) if c in _LETTERS and left.count(c) == 1))
        result = f"...{once}" if "..." in left else once
    terms = [t.replace("...", unused[widest - n :]) for t, n in zip(terms, covered, strict=True)]
    return terms, result.replace("...", unused)


def _einsum_vjp(g: Any, out: Any, *operands: Any, subscripts: str, optimize: Any, position: int, **options: Any) -> Any:
    terms, result = _spelled_out(subscripts, [np.ndim(x) for x in operands])
    own, shape = terms[position], np.shape(operands[position])
    labels = "".join(dict.fromkeys(own))  # each of them once: a repeated one reads a diagonal
    sizes = dict(zip(own, shape, strict=True))
    others = [(t, x) for i, (t, x) in enumerate(zip(terms, operands, strict=True)) if i != position]
    elsewhere = {*result}.union(*[t for t, _ in others])
    met = "".join(c for c in labels if c in elsewhere)
    inputs = ",".join([result, *[t for t, _ in others]])
    share = np.einsum(
        f"{inputs}->{met}", g, *[x for _, x in others], optimize=_plan(optimize, terms, [np.shape(x) for x in operands])
    )
    # What is summed within the operand gets the gradient copied along it.
    share = np.expand_dims(share, tuple(i for i, c in enumerate(labels) if c not in elsewhere))
    whole = tuple(max(sizes[c], n) if sizes[c] else 0 for c, n in zip(labels, np.shape(share), strict=True))
    share = sum_to(np.broadcast_to(share, whole), tuple(sizes[c] for c in labels))
    if len(labels) == len(own):
        return share
    places = tuple(np.reshape(np.arange(sizes[c]), _column(labels.index(c), len(labels))) for c in own)
    return call(SCATTER, (share,), {"index": places, "shape": shape})


def _column(axis: int, ndim: int) -> tuple[int, ...]:
    return tuple(-1 if i == axis else 1 for i in range(ndim))


def _plan(optimize: Any, terms: _Labels, shapes: list[tuple[int, ...]]) -> bool:
    """Whether the order of a gradient's einsum is planned: where the user's was, and where it saves time."""
    sizes = {c: n for term, shape in zip(terms, shapes, strict=True) for c, n in zip(term, shape, strict=True)}
    return optimize is not False or prod(sizes.values()) > _WORTH_PLANNING


EINSUM = row(
    "einsum",
    lambda *operands, subscripts, optimize, **options: np.einsum(subscripts, *operands, optimize=optimize, **options),
    [Rule("einsum of δ with the other operands", vjp=_einsum_vjp)],
    role="switches",
    role_text="upstream × the other inputs, summed over what they don't share",
    text="einsum({subscripts}; {all})",
    variadic=True,
    view=True,  # of one operand: its diagonal, its transpose
)


def einsum(*operands: Any, out: Any = None, optimize: Any = False, **options: Any) -> Any:
    """`np.einsum` on Tensors, with subscripts as a string or as lists of integers."""
    leave_out("einsum", out=out)
    subscripts, arrays = _as_text(operands)
    made = apply(EINSUM, arrays, {"subscripts": subscripts, "optimize": optimize, **options})
    if len(arrays) == 1:
        made._a = made._a[0]  # as a view has it
    return made


def einsum_path(*operands: Any, **options: Any) -> Any:
    """`np.einsum_path` on Tensors: a plan, made from the shapes alone."""
    return np.einsum_path(*map(value_of, operands), **options)


# -- tensordot, inner, outer, kron -------------------------------------------------------------------------------------


def _paired(axes: Any, x: Any, y: Any) -> tuple[list[int], list[int]]:
    """The axes of x and of y that tensordot sums over, counted from the front."""
    n, m = np.ndim(x), np.ndim(y)
    if np.ndim(axes) == 0 and not isinstance(axes, (list, tuple)):
        return list(range(n - axes, n)), list(range(axes))
    left, right = axes
    return [int(i) % n for i in np.ravel(left)], [int(i) % m for i in np.ravel(right)]


def _free(x: Any, summed: list[int]) -> list[int]:
    return [i for i in range(np.ndim(x)) if i not in summed]


def _ordered(x: Any, labels: list[int]) -> Any:
    """The axes of x, which have these labels, put in the order of their labels."""
    return np.transpose(x, tuple(int(i) for i in np.argsort(labels))) if len(labels) > 1 else x


def _tensordot_left(g: Any, out: Any, x: Any, y: Any, axes: Any) -> Any:
    mine, others = _paired(axes, x, y)
    lead = _free(x, mine)
    share = np.tensordot(g, y, axes=(list(range(len(lead), np.ndim(g))), _free(y, others)))
    return _ordered(share, lead + [mine[others.index(j)] for j in sorted(others)])


def _tensordot_right(g: Any, out: Any, x: Any, y: Any, axes: Any) -> Any:
    others, mine = _paired(axes, x, y)
    lead = _free(x, others)
    share = np.tensordot(x, g, axes=(lead, list(range(len(lead)))))
    return _ordered(share, [mine[others.index(i)] for i in sorted(others)] + _free(y, mine))


TENSORDOT = row(
    "tensordot",
    lambda x, y, axes: np.tensordot(x, y, axes=axes),
    [
        Rule("δ · {1}, over the free axes of {1}", vjp=_tensordot_left),
        Rule("{0} · δ, over the free axes of {0}", vjp=_tensordot_right),
    ],
    role="switches",
    symbol="⊗",
    text="tensordot({0}, {1})",
)


def _inner_rule(one: Callable[..., Any], text: str, other: int) -> Rule:
    def vjp(g: Any, out: Any, x: Any, y: Any) -> Any:
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return g * (x, y)[other]
        return one(g, out, x, y, axes=(-1, -1))

    return Rule(text, vjp=vjp)


INNER = row(
    "inner",
    np.inner,
    [_inner_rule(_tensordot_left, "δ · {1}", 1), _inner_rule(_tensordot_right, "{0} · δ", 0)],
    role="switches",
    symbol="·",
    text="inner({0}, {1})",
)
OUTER = row(
    "outer",
    np.outer,
    [
        Rule("δ · {1}", vjp=lambda g, out, x, y: np.reshape(np.matmul(g, np.ravel(y)), np.shape(x))),
        Rule("{0} · δ", vjp=lambda g, out, x, y: np.reshape(np.matmul(np.ravel(x), g), np.shape(y))),
    ],
    role="switches",
    symbol="⊗",
    text="outer({0}, {1})",
)
VDOT = row(
    "vdot",
    np.vdot,
    [
        Rule("δ · {1}", vjp=lambda g, out, x, y: np.reshape(conj(g * np.ravel(y)), np.shape(x))),
        Rule("δ · {0}", vjp=lambda g, out, x, y: np.reshape(g * np.ravel(conj(x)), np.shape(y))),
    ],
    role="switches",
    symbol="·",
    text="vdot({0}, {1})",
)


def _kron_rule(position: int, text: str) -> Rule:
    def vjp(g: Any, out: Any, *operands: Any) -> Any:
        n = max(map(np.ndim, operands))
        shapes = [(1,) * (n - np.ndim(x)) + np.shape(x) for x in operands]
        # Each axis of the result splits into one of the first operand and one of the second.
        blocks = np.reshape(g, [size for pair in zip(*shapes, strict=True) for size in pair])
        summed = list(range(1 - position, 2 * n, 2))
        other = np.reshape(operands[1 - position], shapes[1 - position])
        return np.reshape(np.tensordot(blocks, other, axes=(summed, list(range(n)))), np.shape(operands[position]))

    return Rule(text, vjp=vjp)


KRON = row(
    "kron",
    np.kron,
    [_kron_rule(0, "Σ δ · {1} over its blocks"), _kron_rule(1, "Σ δ · {0} over its blocks")],
    role="switches",
    symbol="⊗",
    text="kron({0}, {1})",
)

# -- products along one axis -------------------------------------------------------------------------------------------


def _in_space(x: Any) -> Any:
    """Vectors of the plane as vectors of space, along the last axis."""
    if np.shape(x)[-1] == 3:
        return x
    return np.concatenate([x, np.zeros((*np.shape(x)[:-1], 1), dtype_of(x))], axis=-1)


# Their types in NumPy's stubs can't be called with Any.
_np_cross: Any = np.cross
_np_vecdot: Any = np.vecdot


def _cross_rule(position: int, text: str) -> Rule:
    def vjp(g: Any, out: Any, x: Any, y: Any, axisa: int, axisb: int, axisc: int) -> Any:
        axes = (axisa, axisb)
        vectors = [np.moveaxis(v, axis, -1) for v, axis in zip((x, y), axes, strict=True)]
        if all(np.shape(v)[-1] == 2 for v in vectors):  # the result is the third component alone
            g = np.expand_dims(g, -1)
            g = np.concatenate([np.zeros((*np.shape(g)[:-1], 2), dtype_of(g)), g], axis=-1)
        else:
            g = np.moveaxis(g, axisc, -1)
        other = _in_space(vectors[1 - position])
        share: Any = _np_cross(g, other) if position else _np_cross(other, g)
        own = np.shape(vectors[position])
        return np.moveaxis(sum_to(share[..., : own[-1]], own), -1, axes[position])

    return Rule(text, vjp=vjp)


CROSS = row(
    "cross",
    lambda x, y, axisa, axisb, axisc: np.cross(x, y, axisa=axisa, axisb=axisb, axisc=axisc),
    [_cross_rule(0, "{1} × δ"), _cross_rule(1, "δ × {0}")],
    role="switches",
    symbol="×",
    text="{0} × {1}",
    binds=2,
)


def _vecdot_rule(position: int, text: str) -> Rule:
    def vjp(g: Any, out: Any, *operands: Any, axis: int = -1) -> Any:
        own, other = (np.moveaxis(operands[i], axis, -1) for i in (position, 1 - position))
        share = np.expand_dims(g, -1) * conj(other) if position else conj(np.expand_dims(g, -1) * other)
        return np.moveaxis(sum_to(share, np.shape(own)), -1, axis)

    return Rule(text, vjp=vjp)


VECDOT = row(
    "vecdot",
    lambda x, y, axis=-1: _np_vecdot(x, y, axis=axis),
    [_vecdot_rule(0, "δ · {1}"), _vecdot_rule(1, "δ · {0}")],
    role="switches",
    symbol="·",
    text="vecdot({0}, {1})",
)


def _column_of(v: Any) -> Any:
    return np.expand_dims(v, -1)


def _row_of(v: Any) -> Any:
    return np.expand_dims(v, -2)


def _times(matrix: Any, vector: Any, like: Any) -> Any:
    """Matrix times vector for each of a stack, summed over the stack where the operand had none."""
    return sum_to(np.squeeze(np.matmul(matrix, _column_of(vector)), -1), np.shape(like))


def _matvec() -> None:
    """The rows that NumPy has since 2.2."""
    UFUNCS[np.matvec] = row(
        "matvec",
        np.matvec,
        [
            Rule("δ · {1}ᵀ", vjp=lambda g, out, x, y: sum_to(_column_of(g) * _row_of(y), np.shape(x))),
            Rule("{0}ᵀ · δ", vjp=lambda g, out, x, y: _times(transposed(x), g, y)),
        ],
        role="switches",
        symbol="@",
        text="{0} {1}",
        binds=2,
    )
    UFUNCS[np.vecmat] = row(
        "vecmat",
        np.vecmat,
        [
            Rule("{1} · δ", vjp=lambda g, out, x, y: conj(_times(y, g, x))),
            Rule("{0} · δᵀ", vjp=lambda g, out, x, y: sum_to(_column_of(conj(x)) * _row_of(g), np.shape(y))),
        ],
        role="switches",
        symbol="@",
        text="{0}ᵀ {1}",
        binds=2,
    )


# -- diagonals ---------------------------------------------------------------------------------------------------------


def _onto_diagonal(g: Any, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    """Zeros of this shape with `g`, whose last axis runs along the diagonal, put on it."""
    places = np.arange(np.shape(g)[-1])
    n = len(shape)
    rest = tuple(size for i, size in enumerate(shape) if i not in (axis1 % n, axis2 % n))
    index = (Ellipsis, places + max(-offset, 0), places + max(offset, 0))
    whole = call(SCATTER, (g,), {"index": index, "shape": (*rest, shape[axis1], shape[axis2])})
    return np.moveaxis(whole, (-2, -1), (axis1, axis2))


def _trace_vjp(g: Any, out: Any, x: Any, offset: int, axis1: int, axis2: int, dtype: Any) -> Any:
    shape = np.shape(x)
    diagonal = np.eye(shape[axis1], shape[axis2], offset, dtype=bool)
    return np.moveaxis(np.expand_dims(g, (-2, -1)) * diagonal, (-2, -1), (axis1, axis2))


TRACE = row(
    "trace",
    lambda x, offset, axis1, axis2, dtype: np.trace(x, offset, axis1, axis2, dtype),
    [Rule("δ on the diagonal, else 0", vjp=_trace_vjp)],
    role="broadcasts",
    role_text="upstream → every element of the diagonal",
    symbol="tr",
    text="tr {0}",
    binds=4,
)
DIAGONAL = row(
    "diagonal",
    lambda x, offset, axis1, axis2: np.diagonal(x, offset, axis1, axis2),
    [
        Rule(
            "δ on the diagonal, else 0",
            vjp=lambda g, out, x, offset, axis1, axis2: _onto_diagonal(g, np.shape(x), offset, axis1, axis2),
        )
    ],
    role="scatters",
    text="diagonal({0})",
)
DIAG = row(
    "diag",
    lambda v, k: np.diag(v, k),
    [Rule("δ's diagonal", vjp=lambda g, out, v, k: np.diagonal(g, k))],
    role="slices",
    role_text="upstream, read on the diagonal",
    text="diag({0})",
)
DIAGFLAT = row(
    "diagflat",
    lambda v, k: np.diagflat(v, k),
    [Rule("δ's diagonal", vjp=lambda g, out, v, k: np.reshape(np.diagonal(g, k), np.shape(v)))],
    role="slices",
    role_text="upstream, read on the diagonal",
    text="diagflat({0})",
)

# -- polynomials -------------------------------------------------------------------------------------------------------


def _derivative(p: Any) -> Any:
    """The coefficients of a polynomial's derivative, the highest power first."""
    return p[:-1] * np.arange(np.shape(p)[0] - 1, 0, -1)


POLYVAL = row(
    "polyval",
    np.polyval,
    [
        Rule(
            "Σ δ · {1}ⁿ",
            vjp=lambda g, out, p, x: np.matmul(np.ravel(g), np.vander(np.ravel(x), np.shape(p)[0])),
        ),
        Rule("p′({1})", local=lambda out, p, x: np.polyval(_derivative(p), x)),
    ],
    role=MIXES,
    role_text="upstream × powers → the coefficients, upstream × slope → the place",
    text="polyval({0}, {1})",
)


def _vander_vjp(g: Any, out: Any, x: Any, N: Any, increasing: bool) -> Any:
    columns = np.shape(g)[1]
    g = g if increasing else g[:, ::-1]
    lower = np.vander(x, max(columns - 1, 0), increasing=True)
    return np.sum(g[:, 1:] * lower * np.arange(1, max(columns, 1)), axis=1)


VANDER = row(
    "vander",
    lambda x, N, increasing: np.vander(x, N, increasing),
    [Rule("Σ δ · n·{0}ⁿ⁻¹", vjp=_vander_vjp)],
    role=MIXES,
    role_text="Σ upstream × slope, over the powers",
    text="vander({0})",
)

# -- what NumPy calls --------------------------------------------------------------------------------------------------


def _binary(op: Op) -> Callable[..., Any]:
    """A function of two operands and nothing else."""

    def function(a: Any, b: Any, /) -> Any:
        return apply(op, (a, b))

    return function


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """`np.tensordot` on Tensors."""
    return apply(TENSORDOT, (a, b), {"axes": axes})


def outer(a: Any, b: Any, out: Any = None) -> Any:
    """`np.outer` on Tensors."""
    leave_out("outer", out=out)
    return apply(OUTER, (a, b))


def kron(a: Any, b: Any) -> Any:
    """`np.kron` on Tensors."""
    return apply(KRON, (a, b))


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    """`np.cross` on Tensors."""
    if axis is not None:
        axisa = axisb = axisc = axis
    return apply(CROSS, (a, b), {"axisa": axisa, "axisb": axisb, "axisc": axisc})


def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """`np.linalg.cross` on Tensors: of vectors of space only."""
    axes = {"axisa": axis, "axisb": axis, "axisc": axis}
    return apply(CROSS, (x1, x2), axes, compute=lambda x, y, **_: np.linalg.cross(x, y, axis=axis))


def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """`np.linalg.outer` on Tensors: of vectors only."""
    return apply(OUTER, (x1, x2), compute=np.linalg.outer)


def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """`np.linalg.vecdot` on Tensors."""
    return apply(VECDOT, (x1, x2), {"axis": axis})


def linalg_matmul(x1: Any, x2: Any, /) -> Any:
    """`np.linalg.matmul` on Tensors."""
    return apply(MATMUL, (x1, x2))


def linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """`np.linalg.tensordot` on Tensors."""
    return tensordot(x1, x2, axes)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """`np.trace` on a Tensor."""
    leave_out("trace", out=out)
    return apply(TRACE, (a,), {"offset": offset, "axis1": axis1, "axis2": axis2, "dtype": dtype})


def linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """`np.linalg.trace` on a Tensor: over the last two axes."""
    return trace(x, offset, -2, -1, dtype)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """`np.diagonal` on a Tensor."""
    return apply(DIAGONAL, (a,), {"offset": offset, "axis1": axis1, "axis2": axis2})


def linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """`np.linalg.diagonal` on a Tensor: over the last two axes."""
    return diagonal(x, offset, -2, -1)


def diag(v: Any, k: int = 0) -> Any:
    """`np.diag` on a Tensor: a vector becomes a matrix, a matrix gives its diagonal."""
    if np.ndim(v) == 2:
        return diagonal(v, k)
    return apply(DIAG, (v,), {"k": k})


def diagflat(v: Any, k: int = 0) -> Any:
    """`np.diagflat` on a Tensor."""
    return apply(DIAGFLAT, (v,), {"k": k})


def polyval(p: Any, x: Any) -> Any:
    """`np.polyval` on Tensors."""
    return apply(POLYVAL, (p, x))


def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """`np.vander` on a Tensor."""
    return apply(VANDER, (x,), {"N": N, "increasing": bool(increasing)})


UFUNCS[np.vecdot] = VECDOT
if hasattr(np, "matvec"):
    _matvec()

FUNCTIONS.update(
    {
        np.einsum: einsum,
        np.einsum_path: einsum_path,
        np.tensordot: tensordot,
        np.inner: _binary(INNER),
        np.outer: outer,
        np.vdot: _binary(VDOT),
        np.kron: kron,
        np.cross: cross,
        np.trace: trace,
        np.diagonal: diagonal,
        np.diag: diag,
        np.diagflat: diagflat,
        np.polyval: polyval,
        np.vander: vander,
        np.linalg.cross: linalg_cross,
        np.linalg.outer: linalg_outer,
        np.linalg.vecdot: linalg_vecdot,
        np.linalg.matmul: linalg_matmul,
        np.linalg.tensordot: linalg_tensordot,
        np.linalg.trace: linalg_trace,
        np.linalg.diagonal: linalg_diagonal,
    }
)
