"""Ops that make arrays out of Tensors: array, full, linspace, logspace, geomspace, arange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..backward import push
from ..errors import RecordError
from ..op import Rule, row
from ..tensor import FUNCTIONS, Tensor, apply, call, holds_tensor, is_differentiable, operands, value_of
from .pushing import hand
from .rearranging import refuse
from .shaping import array_of

_OBJECTS = np.dtype("O")

# -- array: a nest of lists --------------------------------------------------------------------------------------------


def _leaves(nest: Any, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], Any]]:
    """The parts of a nest with their places: Tensors, numbers, and lists in which no Tensor is."""
    if not holds_tensor(nest) or isinstance(nest, Tensor):
        return [(path, np.array(nest) if isinstance(nest, (list, tuple)) else nest)]
    return [leaf for i, item in enumerate(nest) for leaf in _leaves(item, (*path, i))]


def _nested(leaves: Sequence[Any], paths: Sequence[tuple[int, ...]]) -> Any:
    """The nest of lists that has these parts in these places."""
    if len(paths) == 1 and not paths[0]:
        return leaves[0]
    groups: dict[int, tuple[list[Any], list[tuple[int, ...]]]] = {}
    for leaf, path in zip(leaves, paths, strict=True):
        held, rest = groups.setdefault(path[0], ([], []))
        held.append(leaf)
        rest.append(path[1:])
    return [_nested(*groups[i]) for i in sorted(groups)]


def _array_part(g: Any, out: Any, *leaves: Any, paths: Any, position: int, **options: Any) -> Any:
    path = paths[position]
    return g[(0,) * (np.ndim(g) - len(path) - np.ndim(leaves[position])) + path]


def _push_array(tensor: Any, upstream: Any) -> None:
    """The general way gives each element's rule all of them: n² steps for n of them."""
    if type(upstream) is not np.ndarray:
        push(tensor, upstream)
        return
    for x, path in zip(operands(tensor), tensor._static["paths"], strict=True):
        if isinstance(x, Tensor):
            hand(x, upstream[(0,) * (upstream.ndim - len(path) - x.ndim) + path])


ARRAY = row(
    "array",
    lambda *leaves, paths, **options: np.array(_nested(leaves, paths), **options),
    [Rule("δ, its own element", vjp=_array_part)],
    role="slices",
    symbol="array",
    variadic=True,
    text="[{all}]",
    push=_push_array,
)


def array(object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0,
          like: Any = None) -> Any:  # fmt: skip
    """`np.array` that makes a Tensor of what holds any: a number for a number, lists nested at will.

    Of the options, `subok` changes nothing.
    """
    if isinstance(object, np.ndarray) and object.dtype == _OBJECTS:
        object = object.tolist()
    if not holds_tensor(object):
        more = {} if like is None else {"like": like}
        return np.array(object, dtype=dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **more)
    if dtype is not None and np.dtype(dtype) == _OBJECTS:
        raise RecordError("an array of objects can't hold Tensors: leave dtype=object out, or keep them in a list")
    if isinstance(object, Tensor):
        return array_of(object, dtype, copy, order, ndmin)
    found = _leaves(object)
    options = {"dtype": dtype, "ndmin": ndmin, "order": "F" if order == "F" else None}
    options = {key: value for key, value in options.items() if value}
    return call(ARRAY, tuple(leaf for _, leaf in found), {"paths": [path for path, _ in found], **options})


# -- full --------------------------------------------------------------------------------------------------------------

FULL = row(
    "full",
    lambda value, shape, dtype, **order: np.full(shape, value, dtype=dtype, **order),
    [Rule("Σ δ", vjp=lambda g, out, value, shape, dtype, **order: g)],  # the engine undoes the broadcasting
    role="sums",
)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", **more: Any) -> Any:
    """`np.full`; a Tensor that fills it gets the gradients of all elements."""
    if not isinstance(fill_value, Tensor):
        return np.full(value_of(shape), fill_value, dtype=dtype, order=order, **more)  # pyright: ignore
    more = {"order": order} if order == "F" else {}
    return call(FULL, (fill_value,), {"shape": value_of(shape), "dtype": dtype, **more})


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None,
              **more: Any) -> Any:  # fmt: skip
    """`np.full_like`; of `a` only the shape, the dtype and how it lies in memory count."""
    like = value_of(a)
    if not isinstance(fill_value, Tensor):
        return np.full_like(like, fill_value, dtype, order, subok, shape, **more)
    kind = np.asarray(like).dtype if dtype is None else dtype
    static = {"shape": np.shape(like) if shape is None else shape, "dtype": kind}
    as_it_lies: Any = lambda value, **_: np.full_like(like, value, dtype, order, subok, shape)  # noqa: E731
    return apply(FULL, (fill_value,), static, compute=as_it_lies)


# -- from here to there ------------------------------------------------------------------------------------------------


def _steps(num: int, endpoint: bool) -> Any:
    """How far along each sample is: the share of `stop` in it; the rest is that of `start`."""
    return np.arange(num) / max(num - 1 if endpoint else num, 1)


def _spanning(
    name: str, compute: Callable[..., Any], slopes: Sequence[Callable[..., Any]], text: tuple[str, ...]
) -> Any:
    """A row for samples between two ends: each end's gradient is the sum of its slope · δ over the samples."""

    def rule(position: int) -> Callable[..., Any]:
        def share(g: Any, out: Any, *ends: Any, num: int, endpoint: bool, axis: int, dtype: Any) -> Any:
            last, value = np.moveaxis(g, axis, -1), np.moveaxis(out, axis, -1)
            wide = [np.expand_dims(end, -1) if np.ndim(end) else end for end in ends]
            slope = slopes[position](_steps(num, endpoint), value, *wide)
            return np.sum(last * slope, axis=-1)

        return share

    rules = [Rule(line, vjp=rule(i)) for i, line in enumerate(text)]
    return row(
        name,
        lambda *ends, num, endpoint, axis, dtype: compute(ends, num=num, endpoint=endpoint, axis=axis, dtype=dtype),
        rules,
        role="scales by its slope",
        role_text="Σ upstream × its share in each sample",
        text=f"{name}({', '.join(f'{{{i}}}' for i in range(len(rules)))})",
    )


LINSPACE = _spanning(
    "linspace",
    lambda ends, **options: np.linspace(*ends, **options),
    (lambda t, out, start, stop: 1.0 - t, lambda t, out, start, stop: t),
    ("Σ (1 − i/n) δ", "Σ i/n δ"),
)
GEOMSPACE = _spanning(
    "geomspace",
    lambda ends, **options: np.geomspace(*ends, **options),
    (lambda t, out, start, stop: (1.0 - t) * out / start, lambda t, out, start, stop: t * out / stop),
    ("Σ (1 − i/n)·{out}/{0} δ", "Σ i/n·{out}/{1} δ"),
)
LOGSPACE = _spanning(
    "logspace",
    lambda ends, **options: np.logspace(*ends[:2], base=ends[2], **options),
    (
        lambda t, out, start, stop, base: (1.0 - t) * out * np.log(base),
        lambda t, out, start, stop, base: t * out * np.log(base),
        lambda t, out, start, stop, base: out * (start + t * (stop - start)) / base,
    ),
    ("Σ (1 − i/n)·{out}·ln {2} δ", "Σ i/n·{out}·ln {2} δ", "Σ {out}·exponent/{2} δ"),
)


def _rounding(name: str, dtype: Any) -> RecordError:
    return RecordError(
        f"np.{name} with dtype={np.dtype(dtype)} makes integers, which have no gradient: leave dtype= out"
    )


def _span(op: Any, ends: tuple[Any, ...], num: Any, endpoint: Any, dtype: Any, axis: int) -> Any:
    if dtype is not None and np.dtype(dtype).kind in "iu":
        raise _rounding(op.name, dtype)
    static = {"num": value_of(num), "endpoint": bool(endpoint), "axis": axis, "dtype": dtype}
    return call(op, ends, static)


def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
             axis: int = 0, *, device: Any = None) -> Any:  # fmt: skip
    """`np.linspace` between Tensors."""
    samples = _span(LINSPACE, (start, stop), num, endpoint, dtype, axis)
    if not retstep:
        return samples
    parts = value_of(num) - 1 if endpoint else value_of(num)
    return samples, (np.subtract(stop, start) / parts if parts > 0 else np.nan)


def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`np.geomspace` between Tensors."""
    return _span(GEOMSPACE, (start, stop), num, endpoint, dtype, axis)


def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None,
             axis: int = 0) -> Any:  # fmt: skip
    """`np.logspace` between Tensors; the base may be one too, as long as it is a single number."""
    if np.ndim(base):
        refuse("logspace", base=base)
    return _span(LOGSPACE, (start, stop, base), num, endpoint, dtype, axis)


ARANGE = row(
    "arange",
    lambda start, stop, step, dtype: np.arange(start, stop, step, dtype=dtype),
    [
        Rule("Σ δ", vjp=lambda g, out, start, stop, step, dtype: np.sum(g)),
        Rule("0"),
        Rule("Σ i δ", vjp=lambda g, out, start, stop, step, dtype: np.sum(np.arange(np.size(g)) * g)),
    ],
    role="scales by its slope",
    role_text="Σ upstream → start, Σ i · upstream → step",
)


def arange(*args: Any, dtype: Any = None, **named: Any) -> Any:
    """`np.arange`: start and step get their gradients; where it stops only says how many there are."""
    if not any(isinstance(x, Tensor) and is_differentiable(value_of(x)) for x in (*args, *named.values())):
        return np.arange(*[value_of(x) for x in args], dtype=dtype, **{k: value_of(v) for k, v in named.items()})
    refuse("arange", **{key: value for key, value in named.items() if key not in ("start", "stop", "step")})
    names = ("stop",) if len(args) == 1 and "stop" not in named else ("start", "stop", "step", "dtype")
    given = {**dict(zip(names, args, strict=False)), **named}
    kind = given.get("dtype", dtype)
    if kind is not None and np.dtype(kind).kind not in "fc":
        raise _rounding("arange", kind)
    return call(ARANGE, (given.get("start", 0), given["stop"], given.get("step", 1)), {"dtype": kind})


FUNCTIONS.update(
    {
        np.full_like: full_like,
        np.linspace: linspace,
        np.geomspace: geomspace,
        np.logspace: logspace,
    }
)
