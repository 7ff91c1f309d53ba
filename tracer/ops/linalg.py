"""Linear algebra: numpy.linalg's functions, over stacks of matrices as in NumPy.

What a reader of the gradients should know:

* cholesky, eigh, eigvalsh and whatever is called with ``hermitian=True`` read one triangle of their matrix only, and
  that triangle alone gets a gradient. Where the matrix was computed as M·Mᵀ, what arrives at M is the usual.
* Vectors that NumPy picks out of many (the columns of a full U or Q beyond the rank; eigenvectors and singular vectors
  of equal values) have no derivative of their own. Extra columns are refused where a function really depends on the
  pick, such as one column of two; a projector on them passes. Equal values give 0 for the vectors of that pair.
* A norm at 0 has gradient 0. A determinant has its cofactors as gradient, at singular matrices too (the second
  derivative too; of those larger than 8 × 8 down to rank n − 1).
* For complex matrices the convention is that of `fourier`. Eigenvectors and singular vectors then have a free phase:
  what does not depend on it (|v|, v·vᴴ) has the right gradient.

In the rules A is the operand, its factors have the names of the textbooks, and `ᵀ` is `_t`, `ᴴ` is `_h`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from weakref import ref

import numpy as np

from ..errors import GradientError, RecordError
from ..op import Op, Rule, row
from ..tensor import FUNCTIONS, apply, observe, value_of
from .products import ABSENT, MIXES, conj, constants_only, leave_out
from .reduction import kept

_la = np.linalg
_eigh: Callable[..., Any] = np.linalg.eigh  # its stubs take the letters only, not the name of one
_eigvalsh: Callable[..., Any] = np.linalg.eigvalsh


# -- small helpers -----------------------------------------------------------------------------------------------------


def _t(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _h(x: Any) -> Any:
    return conj(_t(x))


def _real(x: Any) -> Any:
    return np.real(x) if np.iscomplexobj(x) else x


def _hermitian_form(vjp: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that is written as textbooks write it for complex matrices, for ∂L/∂x + i·∂L/∂y, in our convention."""

    def conjugated(g: Any, out: Any, *operands: Any, **static: Any) -> Any:
        return conj(vjp(conj(g), out, *operands, **static))

    return conjugated


def _eye(x: Any) -> Any:
    """The mask of the diagonal of a stack of matrices."""
    return np.eye(np.shape(x)[-2], np.shape(x)[-1], dtype=bool)


def over(x: Any, y: Any) -> Any:
    """x / y, and 0 where y is 0."""
    zero = value_of(y) == 0
    return np.where(zero, 0.0, x / np.where(zero, 1.0, y)) if np.any(zero) else x / y


def _gaps(values: Any) -> Any:
    """1 / (λⱼ − λᵢ) at row i and column j; 0 where two are equal, and on the diagonal."""
    return over(1.0, np.expand_dims(values, -2) - np.expand_dims(values, -1))


def _column(x: Any) -> Any:
    return np.expand_dims(x, -1)


def _row(x: Any) -> Any:
    return np.expand_dims(x, -2)


def _below(n: int) -> Any:
    return np.tri(n, k=-1, dtype=bool)


def _to_triangle(g: Any, upper: bool) -> Any:
    """From the gradient of a Hermitian matrix to that of the triangle it was read from."""
    n = np.shape(g)[-1]
    mask = _below(n).T if upper else _below(n)
    return mask * (g + _h(g)) + np.eye(n, dtype=bool) * _real(g)


def _from_triangle(a: Any) -> Any:
    """The Hermitian matrix that NumPy reads out of the lower triangle."""
    n = np.shape(a)[-1]
    low = a * _below(n)
    return low + _h(low) + np.eye(n, dtype=bool) * _real(a)


def _parts(op: Op, result: Any, operand: Any, static: dict[str, Any]) -> Any:
    """Each output of `result`, a named tuple that was computed once, as an op record of its own."""

    def part(name: str) -> Any:
        return apply(op, (operand,), {**static, "part": name}, compute=lambda *_, **__: getattr(result, name))

    if all(type(value) is np.ndarray for value in result):
        parts = tuple([ref(value, functools.partial(_forget, id(value))) for value in result])
        _computed.update({id(value): parts for value in result})
    return type(result)(*[part(name) for name in result._fields])


# id of an array that a decomposition gave → all that it gave, while someone holds them. The rule for each part takes
# all of them, and would decompose the matrix again.
_computed: dict[int, tuple[ref[Any], ...]] = {}


def _forget(key: int, _: Any) -> None:
    _computed.pop(key, None)


def _whole(out: Any, decompose: Callable[[], Any]) -> Any:
    """All parts of the decomposition that `out` is a part of."""
    parts = [part() for part in _computed.get(id(out), ())]
    if any(part is out for part in parts) and not any(part is None for part in parts):
        return parts
    return decompose()


# -- inverses, determinants, systems of equations ----------------------------------------------------------------------


def _inverse(a: Any) -> Any:
    """A⁻¹; all nan where there is none, so that a gradient that does not exist shows as a finding."""
    try:
        return _la.inv(a)
    except _la.LinAlgError:
        values = np.asarray(value_of(a))
        good = _la.matrix_rank(values) == values.shape[-1]
        mask = good[..., None, None] if np.ndim(good) else bool(good)
        return np.where(mask, _la.inv(np.where(mask, a, np.eye(values.shape[-1]))), np.nan)


def _cofactors(a: Any, out: Any) -> Any:
    """det(A)·A⁻ᵀ; where the determinant is 0, by minors, and for larger matrices by singular values."""
    value = np.asarray(value_of(out))
    singular = value == 0
    if not singular.any():
        return _column(_column(out)) * _t(_la.inv(a))
    mask = singular[..., None, None]
    inverse = _la.inv(np.where(mask, np.eye(np.shape(a)[-1]), a))
    cofactors = _cofactors_by_minors(a) if np.shape(a)[-1] <= 8 else _cofactors_by_svd(a)
    return np.where(mask, cofactors, np.reshape(out, (*value.shape, 1, 1)) * _t(inverse))


def _cofactors_by_minors(a: Any) -> Any:
    n = np.shape(a)[-1]
    others = np.array([[j for j in range(n) if j != i] for i in range(n)], dtype=np.intp).reshape(n, n - 1)
    minors = a[..., others[:, None, :, None], others[None, :, None, :]]
    return (-1.0) ** np.add.outer(np.arange(n), np.arange(n)) * _la.det(minors)


def _cofactors_by_svd(a: Any) -> Any:
    """conj(U)·diag(∏ⱼ≠ᵢ sⱼ)·conj(Vᴴ), times the determinants of U and Vᴴ: no division by anything that may be 0."""
    u, s, vh = _la.svd(a)
    others: Any = 1.0
    for i in range(np.shape(a)[-1]):
        others = others * np.where(np.arange(np.shape(a)[-1]) == i, 1.0, s[..., i : i + 1])
    turn = _la.det(u) * _la.det(vh) if np.iscomplexobj(a) else _la.det(value_of(u)) * _la.det(value_of(vh))
    return np.reshape(turn, (*np.shape(turn), 1, 1)) * conj(u * _row(others)) @ conj(vh)


def _slogdet_vjp(g: Any, out: Any, a: Any, part: str) -> Any:
    """log|det A| = Re log det A; the sign moves with the imaginary part, which real matrices don't have."""
    if part == "logabsdet":
        return _column(_column(g)) * _t(_inverse(a))
    if not np.iscomplexobj(a):
        return np.zeros(np.shape(a))
    return _column(_column(1j * np.imag(g * out))) * _t(_inverse(a))


def _solve_rhs(g: Any, out: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1:  # one vector, against each matrix of a stack
        return np.squeeze(_la.solve(_t(a), _column(g)), -1)
    return _la.solve(_t(a), g)


def _solve_matrix(g: Any, out: Any, a: Any, b: Any) -> Any:
    back = _solve_rhs(g, out, a, b)
    return -_column(back) * _row(out) if np.ndim(b) == 1 else -back @ _t(out)


def _pinv_vjp(g: Any, out: Any, a: Any, hermitian: bool = False, **_: Any) -> Any:
    """−PᴴδPᴴ, and the two terms of what leaves the range and the kernel, at constant rank."""
    a = _from_triangle(a) if hermitian else a
    gh, ph = _h(g), _h(out)
    back = -ph @ g @ ph
    back = back + (gh - a @ (out @ gh)) @ (out @ ph) + (ph @ out) @ (gh - (gh @ out) @ a)
    return _to_triangle(back, upper=False) if hermitian else back


INV = row(
    "inv",
    _la.inv,
    [Rule("−{out}ᵀ δ {out}ᵀ", vjp=lambda g, out, a: -_t(out) @ g @ _t(out))],
    role=MIXES,
    role_text="−upstream between two inverses",
    symbol="A⁻¹",
    text="{0}⁻¹",
    binds=4,
)
PINV = row(
    "pinv",
    lambda a, hermitian, **tolerance: _la.pinv(a, hermitian=hermitian, **tolerance),
    [
        Rule(
            "−{out}ᵀ δ {out}ᵀ + (1−{0}{out}) δᵀ {out}{out}ᵀ + {out}ᵀ{out} δᵀ (1−{out}{0})",
            vjp=_hermitian_form(_pinv_vjp),
        )
    ],
    role=MIXES,
    symbol="A⁺",
    text="{0}⁺",
    binds=4,
)
DET = row(
    "det",
    _la.det,
    [Rule("δ·{out}·{0}⁻ᵀ", vjp=lambda g, out, a: _column(_column(g)) * _cofactors(a, out))],
    role=MIXES,
    role_text="upstream × cofactors",
)
SLOGDET = row(
    "slogdet",
    lambda a, part: getattr(_la.slogdet(a), part),
    [Rule("δ·{0}⁻ᵀ for log|det|, 0 for the sign", vjp=_slogdet_vjp)],
    role=MIXES,
    role_text="upstream × transposed inverse",
    text="slogdet({0}).{part}",
)
SOLVE = row(
    "solve",
    _la.solve,
    [Rule("−({0}⁻ᵀ δ) {out}ᵀ", vjp=_solve_matrix), Rule("{0}⁻ᵀ δ", vjp=_solve_rhs)],
    role="switches",
    role_text="upstream through the transposed system",
    symbol="A⁻¹b",
    text="{0}⁻¹ {1}",
    binds=2,
)


def _lstsq_matrix(g: Any, out: Any, a: Any, b: Any, rcond: Any, part: str) -> Any:
    if part == "singular values":
        return _svdvals_vjp(g, a)
    if part == "residuals":
        if not np.size(g):
            return np.zeros(np.shape(a))
        x, rest = _left_over(a, b, rcond)
        return -2.0 * (rest * g) @ _h(x)
    pseudo = _pseudo(a, rcond)
    columns = (_column(g), _column(b)) if np.ndim(b) == 1 else (g, b)
    return _pinv_vjp(columns[0] @ _h(columns[1]), pseudo, a)


def _lstsq_rhs(g: Any, out: Any, a: Any, b: Any, rcond: Any, part: str) -> Any:
    if part == "singular values":
        return np.zeros(np.shape(b))
    if part == "residuals":
        if not np.size(g):
            return np.zeros(np.shape(b))
        return np.reshape(2.0 * _left_over(a, b, rcond)[1] * g, np.shape(b))
    return _h(_pseudo(a, rcond)) @ g


def _pseudo(a: Any, rcond: Any) -> Any:
    """A⁺, with the singular values counted as 0 that lstsq counts as 0."""
    m, n = np.shape(a)
    return _la.pinv(a, rcond=np.finfo(value_of(a).dtype).eps * max(m, n) if rcond is None else rcond)


def _left_over(a: Any, b: Any, rcond: Any) -> tuple[Any, Any]:
    """The solution, and what it leaves of the right-hand side, both as matrices."""
    b = _column(b) if np.ndim(b) == 1 else b
    x = _pseudo(a, rcond) @ b
    return x, b - a @ x


def _tensorinv_vjp(g: Any, out: Any, a: Any, ind: int) -> Any:
    rows = int(np.prod(np.shape(out)[: np.ndim(a) - ind]))
    g, out = (np.reshape(x, (rows, -1)) for x in (g, out))
    return np.reshape(-_t(out) @ g @ _t(out), np.shape(a))


def _as_system(a: Any, axes: tuple[int, ...] | None) -> tuple[Any, list[int]]:
    """tensorsolve's matrix, its unknowns' axes last, and where each of its axes came from."""
    last = list(axes or ())
    order = [i for i in range(np.ndim(a)) if i not in last] + last
    return np.transpose(a, order), order


def _tensorsolve_rhs(g: Any, out: Any, a: Any, b: Any, axes: Any) -> Any:
    size = np.size(g)
    system = np.reshape(_as_system(a, axes)[0], (size, size))
    return np.reshape(_la.solve(_t(system), np.ravel(g)), np.shape(b))


def _tensorsolve_matrix(g: Any, out: Any, a: Any, b: Any, axes: Any) -> Any:
    moved, order = _as_system(a, axes)
    back = -_column(np.ravel(_tensorsolve_rhs(g, out, a, b, axes))) * np.ravel(out)
    return np.transpose(np.reshape(back, np.shape(moved)), [int(i) for i in np.argsort(order)])


TENSORINV = row(
    "tensorinv",
    lambda a, ind: _la.tensorinv(a, ind),
    [Rule("−{out}ᵀ δ {out}ᵀ, as matrices", vjp=_tensorinv_vjp)],
    role=MIXES,
    role_text="−upstream between two inverses",
    symbol="A⁻¹",
    text="{0}⁻¹",
    binds=4,
)
TENSORSOLVE = row(
    "tensorsolve",
    lambda a, b, axes: _la.tensorsolve(a, b, axes),
    [
        Rule("−({0}⁻ᵀ δ) {out}ᵀ, as matrices", vjp=_tensorsolve_matrix),
        Rule("{0}⁻ᵀ δ, as a matrix", vjp=_tensorsolve_rhs),
    ],
    role="switches",
    role_text="upstream through the transposed system",
    symbol="A⁻¹b",
    text="{0}⁻¹ {1}",
    binds=2,
)


_LSTSQ_PARTS = {"solution": 0, "residuals": 1, "singular values": 3}
LSTSQ = row(
    "lstsq",
    lambda a, b, rcond, part: _la.lstsq(a, b, rcond)[_LSTSQ_PARTS[part]],
    [
        Rule("the gradient of {0}⁺ {1}, its {part}", vjp=_hermitian_form(_lstsq_matrix)),
        Rule("({0}⁺)ᵀ δ for the solution", vjp=_hermitian_form(_lstsq_rhs)),
    ],
    role="switches",
    role_text="upstream through the pseudo-inverse",
    text="lstsq({0}, {1}).{part}",
)


def inv(a: Any) -> Any:
    """`np.linalg.inv` on a Tensor."""
    return apply(INV, (a,))


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = ABSENT) -> Any:
    """`np.linalg.pinv` on a Tensor; where the rank changes there is no derivative."""
    if rcond is not None and rtol is not ABSENT:
        raise ValueError("rtol and rcond can't be both set.")
    # The tolerance by the name that it was given: the two have different defaults.
    given = {"rcond": rcond} if rcond is not None else {} if rtol is ABSENT else {"rtol": rtol}
    return apply(PINV, (a,), {"hermitian": hermitian, **constants_only("linalg.pinv", **given)})


def det(a: Any) -> Any:
    """`np.linalg.det` on a Tensor."""
    return apply(DET, (a,))


def slogdet(a: Any) -> Any:
    """`np.linalg.slogdet` on a Tensor."""
    return _parts(SLOGDET, _la.slogdet(value_of(a)), a, {})


def solve(a: Any, b: Any) -> Any:
    """`np.linalg.solve` on Tensors."""
    return apply(SOLVE, (a, b))


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """`np.linalg.lstsq` on Tensors; the rank is a plain fact."""
    rcond = constants_only("linalg.lstsq", rcond=rcond)["rcond"]
    result = _la.lstsq(value_of(a), value_of(b), rcond)
    rank = observe(lambda x, y: _la.lstsq(x, y, rcond)[2], (a, b), "rank")

    def part(name: str) -> Any:
        value = result[_LSTSQ_PARTS[name]]
        return apply(LSTSQ, (a, b), {"rcond": rcond, "part": name}, compute=lambda *_, **__: value)

    return part("solution"), part("residuals"), rank, part("singular values")


def tensorinv(a: Any, ind: int = 2) -> Any:
    """`np.linalg.tensorinv` on a Tensor."""
    return apply(TENSORINV, (a,), {"ind": ind})


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """`np.linalg.tensorsolve` on Tensors."""
    return apply(TENSORSOLVE, (a, b), {"axes": None if axes is None else tuple(axes)})


# -- cholesky and qr ---------------------------------------------------------------------------------------------------


def _cholesky_vjp(g: Any, out: Any, a: Any, upper: bool) -> Any:
    """L⁻ᴴ Φ(Lᴴ δ) L⁻¹, where Φ takes the lower triangle with half the diagonal, on the triangle that is read."""
    lower, g = (_h(out), _h(g)) if upper else (out, g)
    n = np.shape(a)[-1]
    middle = _h(lower) @ (g * np.tri(n, dtype=bool))
    middle = middle * _below(n) + 0.5 * _real(middle) * np.eye(n, dtype=bool)
    inverse = _la.inv(lower)
    return _to_triangle(_h(inverse) @ middle @ inverse, upper)


def _qr_vjp(g: Any, out: Any, a: Any, mode: str, part: str) -> Any:
    m, n = np.shape(a)[-2:]
    q, r = _whole(out, lambda: _la.qr(a, "complete" if mode == "complete" else "reduced"))
    k = min(m, n)
    if part == "Q":
        q = out  # one record for the extra columns, so that a second derivative sees all that they do
        if np.shape(q)[-1] > k:
            g = _fold_extra(g, q, k, "np.linalg.qr in mode='complete': the extra columns of Q")
        return _qr_wide(a, q[..., :k], r[..., :k, :], g, None)
    return _qr_wide(a, q[..., :k], r[..., :k, :], None, g[..., :k, :] * _upper(k, n))


def _upper(m: int, n: int) -> Any:
    return ~np.tri(m, n, k=-1, dtype=bool)


def _qr_wide(a: Any, q: Any, r: Any, gq: Any, gr: Any) -> Any:
    """From Q and R of the first columns, of which there are no more than rows; the others are Qᴴ times theirs."""
    k, n = np.shape(r)[-2:]
    if n == k:
        return _qr_tall(q, r, gq, gr)
    if gr is None:
        left = _qr_tall(q, r[..., :k], gq, None)
        return np.concatenate([left, np.zeros_like(value_of(a[..., k:]))], axis=-1)
    extra = gr[..., k:]
    left = _qr_tall(q, r[..., :k], a[..., k:] @ _h(extra), gr[..., :k])
    return np.concatenate([left, q @ extra], axis=-1)


def _qr_tall(q: Any, r: Any, gq: Any, gr: Any) -> Any:
    """(δQ + Q·copyltu(R δRᴴ − δQᴴ Q)) R⁻ᴴ, where copyltu copies the lower triangle over the upper one."""
    middle: Any = 0.0
    if gr is not None:
        middle = r @ _h(gr)
    if gq is not None:
        middle = middle - _h(gq) @ q
    n = np.shape(r)[-1]
    low = middle * _below(n)
    sides = q @ (low + _h(low) + _real(middle) * np.eye(n, dtype=bool))
    return _h(_la.solve(r, _h(sides if gq is None else gq + sides)))


def _fold_extra(g: Any, u: Any, k: int, what: str) -> Any:
    """The gradient of all columns of a unitary matrix, from its first k: the others only turn with what they must.

    Columns that complete a basis can be picked in many ways. What does not depend on the pick, a projector, say, has a
    gradient; what does is refused.
    """
    extra, rest = g[..., k:], u[..., k:]
    free = value_of(_h(rest) @ extra)
    turn = free - _h(free)
    if np.max(np.abs(turn), initial=0.0) > 1e-6 * (1.0 + np.max(np.abs(value_of(extra)), initial=0.0)):
        raise GradientError(
            f"{what} complete a basis in one of many ways, and this gradient depends on the pick: use the reduced "
            f"form, or a function of them that does not depend on it, like their projector"
        )
    return g[..., :k] - rest @ (_h(extra) @ u[..., :k])


CHOLESKY = row(
    "cholesky",
    lambda a, upper: _la.cholesky(a, upper=upper),
    [Rule("{out}⁻ᵀ Φ({out}ᵀ δ) {out}⁻¹, on the triangle that is read", vjp=_hermitian_form(_cholesky_vjp))],
    role=MIXES,
    symbol="chol",
)
QR = row(
    "qr",
    lambda a, mode, part: _la.qr(a, "r") if mode == "r" else getattr(_la.qr(a, mode), part),
    [Rule("(δQ + Q·copyltu(R δRᵀ − δQᵀ Q)) R⁻ᵀ, for its {part}", vjp=_hermitian_form(_qr_vjp))],
    role=MIXES,
    text="qr({0}).{part}",
)


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """`np.linalg.cholesky` on a Tensor."""
    return apply(CHOLESKY, (a,), {"upper": upper})


def qr(a: Any, mode: str = "reduced") -> Any:
    """`np.linalg.qr` on a Tensor."""
    if mode == "r":
        return apply(QR, (a,), {"mode": "r", "part": "R"})
    if mode not in ("reduced", "complete"):
        raise RecordError(f"np.linalg.qr with mode={mode!r} has no gradient rule: use 'reduced', 'complete' or 'r'")
    return _parts(QR, _la.qr(value_of(a), mode), a, {"mode": mode})


# -- singular values ---------------------------------------------------------------------------------------------------


def _svd_vjp(g: Any, out: Any, a: Any, full_matrices: bool, hermitian: bool, part: str) -> Any:
    u, s, vh = _whole(out, lambda: _la.svd(a, full_matrices=full_matrices, hermitian=hermitian))
    k = np.shape(s)[-1]
    # One record for the extra columns, so that a second derivative sees all that they do.
    u, vh = (out, vh) if part == "U" else (u, out) if part == "Vh" else (u, vh)
    first_u, first_vh = u[..., :k], vh[..., :k, :]
    if part == "S":
        back = (first_u * _row(g)) @ first_vh
    elif part == "U":
        what = "np.linalg.svd with full_matrices=True: the extra columns of U"
        back = _singular_vectors(_fold_extra(g, u, k, what) if np.shape(u)[-1] > k else g, first_u, s, first_vh)
    else:  # the right vectors of A are the left ones of Aᴴ
        v, gv = _h(vh), _h(g)
        what = "np.linalg.svd with full_matrices=True: the extra rows of Vh"
        gv = _fold_extra(gv, v, k, what) if np.shape(v)[-1] > k else gv
        back = _h(_singular_vectors(gv, v[..., :k], s, _h(first_u)))
    return _to_triangle(back, upper=False) if hermitian else back


def _singular_vectors(g: Any, u: Any, s: Any, vh: Any) -> Any:
    """U (skew(Uᴴδ)/(sⱼ² − sᵢ²)) S Vᴴ, and what turns out of the range of U."""
    projected = _h(u) @ g
    skew = projected - _h(projected)
    middle = skew * _gaps(s * s) * _row(s)
    if np.iscomplexobj(g) or np.iscomplexobj(u):
        middle = middle + _eye(middle) * skew * _row(over(0.25, s))  # half the phase, the other vectors have the rest
    back = u @ middle @ vh
    if np.shape(u)[-2] > np.shape(u)[-1]:
        back = back + ((g - u @ projected) * _row(over(1.0, s))) @ vh
    return back


def _svdvals_vjp(g: Any, a: Any, hermitian: bool = False) -> Any:
    u, _, vh = _la.svd(a, full_matrices=False, hermitian=hermitian)
    back = (u * _row(g)) @ vh
    return _to_triangle(back, upper=False) if hermitian else back


SVD = row(
    "svd",
    lambda a, full_matrices, hermitian, part: getattr(
        _la.svd(a, full_matrices=full_matrices, hermitian=hermitian), part
    ),
    [Rule("U (diag δS + vectors' turns/(sⱼ² − sᵢ²)) Vᵀ, for its {part}", vjp=_hermitian_form(_svd_vjp))],
    role=MIXES,
    text="svd({0}).{part}",
)
SVDVALS = row(
    "svdvals",
    lambda a, hermitian: _la.svd(a, compute_uv=False, hermitian=hermitian),
    [
        Rule(
            "U diag(δ) Vᵀ",
            vjp=_hermitian_form(lambda g, out, a, hermitian: _svdvals_vjp(g, a, hermitian)),
        )
    ],
    role=MIXES,
    role_text="Σ upstream × u vᵀ",
    symbol="σ(A)",
    text="σ({0})",
)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """`np.linalg.svd` on a Tensor."""
    if not compute_uv:
        return apply(SVDVALS, (a,), {"hermitian": hermitian})
    result = _la.svd(value_of(a), full_matrices=full_matrices, hermitian=hermitian)
    return _parts(SVD, result, a, {"full_matrices": full_matrices, "hermitian": hermitian})


def svdvals(x: Any, /) -> Any:
    """`np.linalg.svdvals` on a Tensor."""
    return apply(SVDVALS, (x,), {"hermitian": False})


# -- eigenvalues -------------------------------------------------------------------------------------------------------


def _eigh_vjp(g: Any, out: Any, a: Any, UPLO: str, part: str) -> Any:
    values, vectors = _whole(out, lambda: _eigh(a, UPLO))
    if part == "eigenvalues":
        back = (vectors * _row(g)) @ _h(vectors)
    else:
        back = vectors @ ((_h(vectors) @ g) * _gaps(values)) @ _h(vectors)
    return _to_triangle(back, UPLO.upper() == "U")


def _eig_vjp(g: Any, out: Any, a: Any, part: str) -> Any:
    """V⁻ᵀ (diag δλ + (Vᵀδ')/(λⱼ − λᵢ)) Vᵀ, where δ' is δ without what scaling and turning each vector would do."""
    values, vectors = _whole(out, lambda: _la.eig(a))
    turned = _row(g) * _eye(a)
    if part == "eigenvectors":
        turned = (_t(vectors) @ _without_scaling(g, vectors)) * _gaps(values)
    return _la.solve(_t(vectors), turned @ _t(vectors))


def _without_scaling(g: Any, vectors: Any) -> Any:
    """NumPy's eigenvectors have length 1 and, where they are complex, a real largest element."""
    along = _row(np.sum(g * vectors, axis=-2))
    g = g - conj(vectors) * _real(along)
    if not np.iscomplexobj(vectors):
        return g
    values = value_of(vectors)
    largest = np.argmax(np.where(values.imag == 0, np.abs(values), -1.0), axis=-2)
    there = np.arange(values.shape[-2])[:, None] == largest[..., None, :]
    return g - 1j * there * over(np.imag(along), _real(np.sum(there * vectors, axis=-2, keepdims=True)))


EIGH = row(
    "eigh",
    lambda a, UPLO, part: getattr(_eigh(a, UPLO), part),
    [Rule("V (diag δλ + (Vᵀ δV)/(λⱼ − λᵢ)) Vᵀ, for its {part}", vjp=_hermitian_form(_eigh_vjp))],
    role=MIXES,
    text="eigh({0}).{part}",
)
EIGVALSH = row(
    "eigvalsh",
    lambda a, UPLO: _eigvalsh(a, UPLO),
    [
        Rule(
            "V diag(δ) Vᵀ",
            vjp=_hermitian_form(lambda g, out, a, UPLO: _eigh_vjp(g, out, a, UPLO, "eigenvalues")),
        )
    ],
    role=MIXES,
    role_text="Σ upstream × v vᵀ",
    symbol="λ(A)",
    text="λ({0})",
)
EIG = row(
    "eig",
    lambda a, part: getattr(_la.eig(a), part),
    [Rule("V⁻ᵀ (diag δλ + (Vᵀ δV)/(λⱼ − λᵢ)) Vᵀ, for its {part}", vjp=_eig_vjp)],
    role=MIXES,
    text="eig({0}).{part}",
)
EIGVALS = row(
    "eigvals",
    _la.eigvals,
    [Rule("V⁻ᵀ diag(δ) Vᵀ", vjp=lambda g, out, a: _eig_vjp(g, out, a, "eigenvalues"))],
    role=MIXES,
    role_text="Σ upstream × left and right vector",
    symbol="λ(A)",
    text="λ({0})",
)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """`np.linalg.eigh` on a Tensor."""
    return _parts(EIGH, _eigh(value_of(a), UPLO), a, {"UPLO": UPLO})


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """`np.linalg.eigvalsh` on a Tensor."""
    return apply(EIGVALSH, (a,), {"UPLO": UPLO})


def eig(a: Any) -> Any:
    """`np.linalg.eig` on a Tensor."""
    return _parts(EIG, _la.eig(value_of(a)), a, {})


def eigvals(a: Any) -> Any:
    """`np.linalg.eigvals` on a Tensor."""
    return apply(EIGVALS, (a,))


# -- norms -------------------------------------------------------------------------------------------------------------


def _direction(x: Any) -> Any:
    """The slope of |x|: its sign, or conj(x)/|x|; 0 at 0."""
    return over(np.conjugate(x), np.abs(x)) if np.iscomplexobj(x) else np.sign(x)


def _euclidean(g: Any, out: Any, x: Any, axis: Any, ord: Any) -> Any:
    return over(g * conj(x), out)


def _extreme_norm(g: Any, out: Any, x: Any, axis: Any, ord: Any) -> Any:
    return g * _winners(np.abs(value_of(x)), value_of(out), axis) * _direction(x)


def _winners(x: Any, top: Any, axis: Any) -> Any:
    """1 at the winner, split evenly where several tie."""
    winner = (x == top) | (np.isnan(x) & np.isnan(top))
    return winner / np.sum(winner, axis=axis, keepdims=True)


def _power_norm(g: Any, out: Any, x: Any, axis: Any, ord: Any) -> Any:
    """δ·(|x|/‖x‖)^(p−1)·sign x, and 0 where x is 0 or the norm is."""
    absolute = np.abs(x)
    zero = (value_of(absolute) == 0) | (value_of(out) == 0)
    if np.any(zero):
        absolute, out = np.where(zero, 1.0, absolute), np.where(zero, 1.0, out)
    return g * np.where(zero, 0.0, (absolute / out) ** (ord - 1)) * _direction(x)


#: ord → the gradient of that vector norm, from an upstream with the axes put back
_VECTOR_NORMS: dict[Any, Callable[..., Any]] = {
    None: _euclidean,
    2: _euclidean,
    1: lambda g, out, x, axis, ord: g * _direction(x),
    0: lambda g, out, x, axis, ord: np.zeros(np.shape(x)),
    np.inf: _extreme_norm,
    -np.inf: _extreme_norm,
}


def _vector_norm_vjp(g: Any, out: Any, x: Any, axis: Any, ord: Any) -> Any:
    shape = np.shape(x)
    return _VECTOR_NORMS.get(ord, _power_norm)(kept(g, shape, axis), kept(out, shape, axis), x, axis, ord)


def _sum_norm(g: Any, out: Any, a: Any, ord: Any) -> Any:
    """The largest or smallest sum of a column, or of a row: δ goes to that column, times the signs."""
    along = -2 if abs(ord) == 1 else -1
    sums = np.sum(np.abs(value_of(a)), axis=along, keepdims=True)
    top = (np.max if ord > 0 else np.min)(sums, axis=(-2, -1), keepdims=True)
    return g * _winners(sums, top, (-2, -1)) * _direction(a)


def _singular_norm(g: Any, out: Any, a: Any, ord: Any) -> Any:
    """By the singular values: all of them (nuc), the first or the last."""
    u, s, vh = _la.svd(a, full_matrices=False)
    k = np.shape(s)[-1]
    chosen = np.ones(k, dtype=bool) if ord == "nuc" else np.arange(k) == (0 if ord == 2 else k - 1)
    return g * conj((u * _row(chosen)) @ vh)


#: ord → the gradient of that norm of the matrices in the last two axes, from an upstream with both put back
_MATRIX_NORMS: dict[Any, Callable[..., Any]] = {
    "fro": lambda g, out, a, ord: over(g * conj(a), out),
    "nuc": _singular_norm,
    2: _singular_norm,
    -2: _singular_norm,
    1: _sum_norm,
    -1: _sum_norm,
    np.inf: _sum_norm,
    -np.inf: _sum_norm,
}
_MATRIX_NORMS["f"] = _MATRIX_NORMS["fro"]


def _matrix_norm_vjp(g: Any, out: Any, a: Any, axis: tuple[int, ...], ord: Any) -> Any:
    shape = np.shape(a)
    moved = np.moveaxis(a, axis, (-2, -1))
    g, out = (np.moveaxis(kept(v, shape, axis), axis, (-2, -1)) for v in (g, out))
    return np.moveaxis(_MATRIX_NORMS[ord](g, out, moved, ord), (-2, -1), axis)


def _norm_vjp(g: Any, out: Any, x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    if axis is None:
        if ord is None or (ord in ("f", "fro") and np.ndim(x) == 2) or (ord == 2 and np.ndim(x) == 1):
            return _vector_norm_vjp(g, out, x, None, None)
        axis = tuple(range(np.ndim(x)))
    axis = axis if isinstance(axis, tuple) else (axis,)
    if len(axis) == 1:
        return _vector_norm_vjp(g, out, x, axis, ord)
    return _matrix_norm_vjp(g, out, x, axis, "fro" if ord is None else ord)


_NORM_RULE = "δ·{0}/{out}, or what ord={ord} says"
NORM = row(
    "norm",
    lambda x, ord, axis, keepdims: _la.norm(x, ord, axis, keepdims),
    [Rule(_NORM_RULE, vjp=_norm_vjp)],
    role=MIXES,
    role_text="upstream × direction",
    symbol="‖x‖",
    text="‖{0}‖",
)
VECTOR_NORM = row(
    "vector_norm",
    lambda x, ord, axis, keepdims: _la.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord),
    [Rule(_NORM_RULE, vjp=lambda g, out, x, ord, axis, keepdims: _vector_norm_vjp(g, out, x, axis, ord))],
    role=MIXES,
    role_text="upstream × direction",
    symbol="‖x‖",
    text="‖{0}‖",
)
MATRIX_NORM = row(
    "matrix_norm",
    lambda x, ord, keepdims: _la.matrix_norm(x, keepdims=keepdims, ord=ord),
    [Rule(_NORM_RULE, vjp=lambda g, out, x, ord, keepdims: _norm_vjp(g, out, x, ord, (-2, -1), keepdims))],
    role=MIXES,
    role_text="upstream × direction",
    symbol="‖A‖",
    text="‖{0}‖",
)


def _cond_vjp(g: Any, out: Any, a: Any, p: Any) -> Any:
    """κ = s₁/sₙ by the singular values (its reciprocal for p=−2), else ‖A‖·‖A⁻¹‖."""
    g = _column(_column(g))
    if p in (None, 2, -2):
        s = _la.svd(a, compute_uv=False)
        first, last = _column(s[..., :1]), _column(s[..., -1:])
        if p == -2:
            first, last = last, first
        top, bottom = (2, -2) if p != -2 else (-2, 2)
        return _singular_norm(g / last, None, a, top) - _singular_norm(g * first / (last * last), None, a, bottom)
    inverse = _la.inv(a)
    norms = [_la.norm(x, p, axis=(-2, -1), keepdims=True) for x in (a, inverse)]
    through = _MATRIX_NORMS[p](g * norms[0], norms[1], inverse, p)
    return _MATRIX_NORMS[p](g * norms[1], norms[0], a, p) - _t(inverse) @ through @ _t(inverse)


COND = row(
    "cond",
    lambda a, p: _la.cond(a, p),
    [Rule("the gradient of ‖{0}‖·‖{0}⁻¹‖", vjp=_cond_vjp)],
    role=MIXES,
    symbol="κ",
    text="κ({0})",
)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """`np.linalg.norm` on a Tensor."""
    return apply(NORM, (x,), {**constants_only("linalg.norm", ord=ord), "axis": _axes(axis), "keepdims": keepdims})


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """`np.linalg.vector_norm` on a Tensor."""
    return apply(
        VECTOR_NORM, (x,), {**constants_only("linalg.vector_norm", ord=ord), "axis": _axes(axis), "keepdims": keepdims}
    )


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """`np.linalg.matrix_norm` on a Tensor."""
    return apply(MATRIX_NORM, (x,), {**constants_only("linalg.matrix_norm", ord=ord), "keepdims": keepdims})


def cond(x: Any, p: Any = None) -> Any:
    """`np.linalg.cond` on a Tensor."""
    return apply(COND, (x,), constants_only("linalg.cond", p=p))


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


# -- powers and products of many ---------------------------------------------------------------------------------------


def _matrix_power_vjp(g: Any, out: Any, a: Any, n: int) -> Any:
    """Σ (Aᵀ)ᵏ δ (Aᵀ)ⁿ⁻¹⁻ᵏ, built by doubling; a negative power is a power of the inverse."""
    if n == 0:
        return np.zeros(np.shape(a))
    if n < 0:
        inverse = _t(_la.inv(a))
        return -inverse @ _power_sum(g, inverse, -n) @ inverse
    return _power_sum(g, _t(a), n)


def _power_sum(g: Any, a: Any, n: int) -> Any:
    total, power = g, a
    for bit in f"{n:b}"[1:]:
        total, power = power @ total + total @ power, power @ power
        if bit == "1":
            total, power = a @ total + g @ power, power @ a
    return total


def _multi_dot_vjp(g: Any, out: Any, *operands: Any, position: int) -> Any:
    """What stands left of the operand, transposed, δ, and what stands right of it, transposed."""
    matrices = [np.reshape(x, (1, -1)) if np.ndim(x) == 1 and i == 0 else _as_matrix(x) for i, x in enumerate(operands)]
    back = np.reshape(g, (np.shape(matrices[0])[0], np.shape(matrices[-1])[1]))
    for x in matrices[:position]:
        back = _t(x) @ back
    for x in reversed(matrices[position + 1 :]):
        back = back @ _t(x)
    return np.reshape(back, np.shape(operands[position]))


def _as_matrix(x: Any) -> Any:
    return _column(x) if np.ndim(x) == 1 else x


MATRIX_POWER = row(
    "matrix_power",
    _la.matrix_power,
    [Rule("Σ ({0}ᵀ)ᵏ δ ({0}ᵀ)ⁿ⁻¹⁻ᵏ", vjp=_matrix_power_vjp)],
    role=MIXES,
    symbol="Aⁿ",
    text="{0}^{n}",
    binds=4,
)
MULTI_DOT = row(
    "multi_dot",
    lambda *operands: _la.multi_dot(operands),
    [Rule("(what stands before)ᵀ δ (what stands after)ᵀ", vjp=_multi_dot_vjp)],
    role="switches",
    role_text="upstream × the other inputs",
    symbol="A·B·C",
    variadic=True,
    text="multi_dot({all})",
)


def matrix_power(a: Any, n: int) -> Any:
    """`np.linalg.matrix_power` on a Tensor."""
    return apply(MATRIX_POWER, (a,), {"n": value_of(n)})


def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """`np.linalg.multi_dot` of Tensors and arrays."""
    leave_out("linalg.multi_dot", out=out)
    return apply(MULTI_DOT, tuple(arrays))


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """`np.linalg.matrix_rank` of a Tensor: a fact, no number to differentiate."""
    tol, rtol = value_of(tol), value_of(rtol)
    return observe(lambda a: _la.matrix_rank(a, tol, hermitian, rtol=rtol), (A,), "matrix_rank")


FUNCTIONS.update(
    {
        _la.inv: inv,
        _la.pinv: pinv,
        _la.det: det,
        _la.slogdet: slogdet,
        _la.solve: solve,
        _la.lstsq: lstsq,
        _la.tensorinv: tensorinv,
        _la.tensorsolve: tensorsolve,
        _la.cholesky: cholesky,
        _la.qr: qr,
        _la.svd: svd,
        _la.svdvals: svdvals,
        _la.eigh: eigh,
        _la.eigvalsh: eigvalsh,
        _la.eig: eig,
        _la.eigvals: eigvals,
        _la.norm: norm,
        _la.vector_norm: vector_norm,
        _la.matrix_norm: matrix_norm,
        _la.cond: cond,
        _la.matrix_power: matrix_power,
        _la.multi_dot: multi_dot,
        _la.matrix_rank: matrix_rank,
        _la.matrix_transpose: _t,
    }
)
