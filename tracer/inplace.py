"""Writing in place: `x[i] = v`, `x *= 2`, `out=x`, `x.sort()`; values are NumPy's, and gradients stay right.

A record never changes. The first write to a tensor turns what the user holds into a handle (`Written`) on a memory
cell; the cell holds the current record, and each write puts a new one there. Ops that used the tensor before keep the
record they used. A `View` knows what it is a view of by the op that made it; when it is used after a write to that, it
is taken anew from the cell. So code that never writes pays nothing, and code that does pays one copy per write, or none
where nobody could tell: while only places are read or written, the cell's buffer is passed on from record to record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .backward import ALIAS, CONSTANT, INPUT, PARAMETER, sum_to
from .constants import copied
from .errors import RecordError
from .frames import user_frame
from .gone import gone
from .op import Op, Rule, row
from .ops import ufunc_methods
from .ops.indexing import GETITEM, is_basic, plain_index
from .ops.selection import WHERE
from .tensor import (
    FUNCTIONS,
    RESOLVE,
    VIEW_CLASS,
    Note,
    Tensor,
    apply,
    call,
    current_scope,
    describe,
    holds_tensor,
    now,
    own_note,
    place,
    put_on_tape,
    records_stand_for_themselves,
    value_of,
)
from .tensor import binary as operator_of_two

__all__ = ["WRITE", "Version", "View", "Written", "hook", "write"]


class View(Tensor):
    """A tensor whose value is a view of another's memory."""

    __slots__ = ()


class Version(Tensor):
    """What a written tensor held after one of the writes. Users never hold one; records use it."""

    __slots__ = ()


class Written(Tensor):
    """A tensor that was written in place: a handle on its cell. As a record it is its value before the first write."""

    __slots__ = ()


class Cell:
    """A written tensor's memory: the record of what is in it now.

    `shared` says that an op may have kept the current record's value: the next write must copy.
    """

    __slots__ = ("record", "shared")

    def __init__(self, record: Tensor) -> None:
        self.record = record
        self.shared = True


# -- the ops ---------------------------------------------------------------------------------------------------------


def _taken(x: Any, path: tuple[tuple[Op, dict[str, Any]], ...]) -> Any:
    """The view that a chain of view ops gives: of an array, or of a Tensor."""
    for op, static in path:
        x = call(op, (x,), static)
    return x


def _written(root: Any, value: Any, index: Any, path: Any) -> Any:
    whole = np.array(root)
    _taken(whole, path)[index] = value
    return whole


def _untouched(shape: tuple[int, ...], index: Any, path: Any) -> Any:
    """1 where a write left the old value, 0 where it put a new one."""
    mask = np.ones(shape)
    _taken(mask, path)[index] = 0.0
    return mask


def _write_value(g: Any, out: Any, root: Any, value: Any, index: Any, path: Any) -> Any:
    part = _taken(g, path)
    part = call(GETITEM, (part,), {"index": index})
    # A place that an index names twice keeps the last value written: only that one gets the gradient.
    if not is_basic(index):
        part = part * _last_wins(np.shape(root), index, path, np.shape(part))
    return sum_to(part, np.shape(value)) if np.size(part) >= np.size(value) else np.reshape(part, np.shape(value))


def _last_wins(shape: tuple[int, ...], index: Any, path: Any, part: tuple[int, ...]) -> Any:
    order = np.arange(int(np.prod(part))).reshape(part)
    owner = np.full(shape, -1)
    _taken(owner, path)[index] = order
    return (_taken(owner, path)[index] == order).astype(float)


WRITE = row(
    "setitem",
    _written,
    [
        Rule(
            "δ, 0 where written",
            vjp=lambda g, out, root, value, index, path: g * _untouched(np.shape(root), index, path),
        ),
        Rule("δ[{index}]", vjp=_write_value),
    ],
    role="routes",
    role_text="upstream → what was written, the rest → the old",
    symbol="[ ]=",
    text="{0} with [{index}] = {1}",
)


def _add_at(sign: float) -> Callable[..., Any]:
    ufunc = np.add if sign > 0 else np.subtract

    def compute(root: Any, value: Any, index: Any) -> Any:
        whole = np.array(root)
        ufunc.at(whole, index, value)
        return whole

    return compute


def _at(name: str, sign: float) -> Op:
    return row(
        f"{name}.at",
        _add_at(sign),
        [
            Rule("δ", vjp=lambda g, out, root, value, index: g),
            Rule(
                "δ[{index}]" if sign > 0 else "−δ[{index}]",
                vjp=lambda g, out, root, value, index: sum_to(
                    sign * call(GETITEM, (g,), {"index": index}), np.shape(value)
                ),
            ),
        ],
        role="broadcasts",
        role_text=f"upstream → the old, {'' if sign > 0 else '−'}upstream at the places → what is added",
        text=f"{name}.at({{0}}, {{index}}, {{1}})",
    )


_AT: dict[np.ufunc, Op] = {np.add: _at("add", 1.0), np.subtract: _at("subtract", -1.0)}


# -- what a tensor stands for now ------------------------------------------------------------------------------------


def _handle_now(handle: Written) -> Tensor:
    if records_stand_for_themselves():
        return handle._a
    cell = _cell(handle)
    cell.shared = True
    return cell.record


def _view_now(view: View) -> Tensor:
    root = _root(view)
    if type(root) is Tensor or records_stand_for_themselves():
        return view
    cell = _cell(root)
    return view if cell.record is root else _retaken(view, root, cell)


def _retaken(view: View, root: Tensor, cell: Cell) -> Tensor:
    """A view of what was written since: taken again from the current record, by the ops that made it."""
    chain: list[Tensor] = []
    part: Tensor = view
    while part is not root:
        chain.append(part)
        part = part._a
    record = cell.record
    for part in reversed(chain):
        taken: Tensor = object.__new__(View)
        # A copy: the buffer may be written again, and ops keep what they used.
        taken._value = copied(part._op.compute(record._value, **(part._static or {})))
        taken._op, taken._a, taken._b, taken._static = part._op, record, None, part._static
        taken._code, taken._at, taken._grad, taken._note = part._code, part._at, None, part._note
        put_on_tape(taken)
        record = taken
    return record


def _root(view: Tensor) -> Tensor:
    root = view._a
    while type(root) is View:
        root = root._a
    return root


def _cell(written: Tensor) -> Cell:
    return written._note.cell  # pyright: ignore[reportOptionalMemberAccess]


RESOLVE.update({Written: _handle_now, View: _view_now})
VIEW_CLASS.append(View)


# -- writing ---------------------------------------------------------------------------------------------------------


def write(target: Tensor, index: Any, value: Any) -> None:
    """`target[index] = value`.

    Raises
    ------
    RecordError
        If `target` holds integers and `value` is a Tensor of floats, whose gradient would be lost.
    TypeError
        If `target` is a single number, as Python says it of one.
    """
    index = plain_index(index)
    base, path, cell = _place(target)
    whole = base._value
    value = now(value) if isinstance(value, Tensor) else value
    plain = value_of(value)
    _check_kind(target, whole, value)
    if isinstance(plain, (list, tuple)):
        value = plain = FUNCTIONS[np.stack](value) if holds_tensor(value) else np.asarray(plain)
        plain = value_of(plain)
    steal = type(base) is Version and base._op is WRITE and not cell.shared
    buffer = whole if steal else copied(whole)
    _taken(buffer, path)[index] = plain
    if steal:
        base._value = gone(whole)
    operand = value if isinstance(value, Tensor) else np.array(plain)
    _renew(cell, WRITE, base, operand, {"index": index, "path": path}, buffer)
    cell.shared = False


def _place(target: Tensor) -> tuple[Tensor, tuple[tuple[Op, dict[str, Any]], ...], Cell]:
    """Where a write to `target` goes: the current record, the view ops that lead to the target, and the cell."""
    if type(target) is View:
        chain: list[tuple[Op, dict[str, Any]]] = []
        part: Tensor = target
        while type(part) is View:
            chain.append((part._op, part._static or {}))
            part = part._a
        root, path = part, tuple(reversed(chain))
    else:
        root, path = target, ()
    if not isinstance(root._value, np.ndarray):
        raise TypeError(f"{type(root._value).__name__!r} object does not support item assignment")
    if type(root) is Tensor:
        _to_handle(root)
    cell = _cell(root)
    if type(root) not in (Written, Version):
        raise RecordError("a tensor of this kind can't be written in place: copy it first with np.copy")
    return cell.record, path, cell


def _to_handle(held: Tensor) -> None:
    """Turn what the user holds into a handle; as a record it becomes the alias of its old self."""
    old: Tensor = object.__new__(Tensor)
    for slot in Tensor.__slots__:
        setattr(old, slot, getattr(held, slot))
    scope = held._note.scope if held._note is not None else ()
    held._op, held._a, held._b, held._static = ALIAS, old, None, None
    held._note = Note(None, scope, cell=Cell(old))
    held.__class__ = Written


def _renew(cell: Cell, op: Op, base: Tensor, operand: Any, static: dict[str, Any], value: Any) -> None:
    frame = user_frame(1)
    record: Tensor = object.__new__(Version)
    record._value, record._op, record._a, record._b, record._static = value, op, base, operand, static
    record._code, record._at, record._grad, record._note = frame.f_code, frame.f_lasti, None, None
    _adopt(cell, record)
    put_on_tape(record)
    _keep_leaf(base, record)


def _adopt(cell: Cell, record: Tensor) -> None:
    """Make `record` what the cell holds."""
    record._note = Note(record.name, current_scope(), cell=cell)
    cell.record = record
    cell.shared = True


def _keep_leaf(before: Tensor, record: Tensor) -> None:
    """Where nothing is recorded (`gv.no_trace`), a leaf that is written stays that leaf, with another value."""
    if record._op is not CONSTANT or record._a is not None or before._op not in (INPUT, PARAMETER):
        return
    note, old = own_note(record), own_note(before)
    record._op, record._code, record._at = before._op, before._code, before._at
    note.name, note.serial = old.name, old.serial


def _replace(target: Tensor, record: Tensor) -> None:
    """Put a newly computed record in place of all that `target` holds."""
    if type(target) is View:
        write(target, ..., record)
        return
    if type(target) is Tensor:
        _to_handle(target)
    before = _cell(target).record
    record.__class__ = Version
    _adopt(_cell(target), record)
    _keep_leaf(before, record)


def _check_kind(target: Tensor, whole: Any, value: Any) -> None:
    kinds = np.asarray(whole).dtype.kind, np.asarray(value_of(value)).dtype.kind
    if isinstance(value, Tensor) and kinds[0] in "biu" and kinds[1] in "fc":
        raise RecordError(
            f"{target.name or 'the tensor'} has dtype {whole.dtype}: writing {describe(value._value)} into it at "
            f"{place(user_frame(1))} would round it and lose its gradient: make it an array of floats"
        )


# -- Python's operators ----------------------------------------------------------------------------------------------


def _into(ufunc: np.ufunc, dtype: Any, shape: tuple[int, ...]) -> Callable[..., Any]:
    """The ufunc as it computes with `out=` an array of this dtype and shape: the same values, the same errors."""
    return lambda *values: ufunc(*values, out=np.empty(shape, dtype=dtype))


def _augmented(ufunc: np.ufunc, op: Op) -> Callable[[Tensor, Any], Any]:
    """`x += y` and its kin. What is a single number, and immutable, is bound anew as Python does it."""

    def operate(self: Tensor, other: Any) -> Any:
        record = now(self)
        value = record._value
        if not isinstance(value, np.ndarray):
            return apply(op, (record, other))
        _check_kind(self, value, other)
        _replace(self, apply(op, (record, other), compute=_into(ufunc, value.dtype, value.shape)))
        return self

    return operate


def hook(binary: dict[str, Op], unary: dict[str, Op], in_place: dict[str, np.ufunc]) -> None:
    """Put `x[i] = v` and the augmented operators on Tensor, and everything that reads a tensor on its subclasses."""
    for name, ufunc in in_place.items():
        setattr(Tensor, f"__i{name}__", _augmented(ufunc, binary[name]))
    setattr(Tensor, "__setitem__", write)  # noqa: B010  # its first parameter is the target, whatever it is called
    for kind in (View, Written):
        for name, op in binary.items():
            forward, reflected = operator_of_two(op, op.compute, depth=2)  # the user is the caller of the delegate
            setattr(kind, f"__{name}__", _operator(forward))
            setattr(kind, f"__r{name}__", _operator(reflected))
        for name, op in unary.items():
            setattr(kind, f"__{name}__", _operator_of_one(op))
        _delegate(kind)
    Written.__getitem__ = _item_of_handle


def _operator(operate: Callable[[Tensor, Any], Any]) -> Callable[[Tensor, Any], Any]:
    return lambda self, other: operate(now(self), other)


def _operator_of_one(op: Op) -> Callable[[Tensor], Any]:
    return lambda self: apply(op, (self,))


#: Of a Tensor's attributes, those that a handle and a view have of their own or need not hand on.
_OWN = {"__init__", "__new__", "__module__", "__doc__", "__slots__", "__hash__", "__setitem__", "__class_getitem__",
        "__array_priority__", "__annotations__", "__array_ufunc__", "__array_function__"}  # fmt: skip


def _delegate(kind: type[Tensor]) -> None:
    """Let each attribute of a `kind` be that of the record it stands for now."""
    for name, attribute in vars(Tensor).items():
        if name in _OWN or name in Tensor.__slots__ or name in vars(kind) or name.startswith("__i"):
            continue
        if isinstance(attribute, property):
            setattr(kind, name, _delegated_property(attribute))
        elif callable(attribute):
            setattr(kind, name, _delegated(attribute))
    for name in ("__int__", "__index__", "__iter__"):
        setattr(kind, name, _delegated(getattr(Tensor, name)))


def _delegated(method: Callable[..., Any]) -> Callable[..., Any]:
    def delegate(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return method(now(self), *args, **kwargs)

    delegate.__name__ = getattr(method, "__name__", "delegate")
    return delegate


def _delegated_property(inner: property) -> property:
    def get(self: Tensor) -> Any:
        return inner.__get__(now(self))

    def put(self: Tensor, value: Any) -> None:
        inner.__set__(now(self), value)

    return property(get, put if inner.fset is not None else None, doc=inner.__doc__)


def _item_of_handle(self: Tensor, index: Any) -> Any:
    """`x[index]` of a written tensor: what is read is copied, so the buffer may be written on without a copy."""
    index = plain_index(index)
    cell = _cell(self)
    if records_stand_for_themselves() or not is_basic(index):
        return apply(GETITEM, (now(self),), {"index": index})
    shared = cell.shared
    made = apply(GETITEM, (cell.record,), {"index": index}, compute=lambda x, index: copied(x[index]))
    if isinstance(made._value, np.ndarray):
        made.__class__ = View
    cell.shared = shared
    return made


# -- NumPy's functions and ufuncs that write -------------------------------------------------------------------------


def _out(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`np.add(a, b, out=x)`: x holds the result, and is returned."""
    kwargs = dict(kwargs)
    outs = kwargs.pop("out")
    target = outs[0] if isinstance(outs, tuple) else outs
    if len(outs if isinstance(outs, tuple) else (outs,)) != 1 or not isinstance(target, Tensor):
        raise RecordError(
            f"np.{ufunc.__name__} would write a Tensor into a plain array at {place(user_frame(1))}, which would cut "
            f"it off the graph: write y = x + t instead of y += t, or make y a Tensor first with gv.tensor(y)"
        )
    old = now(target)
    where = kwargs.pop("where", True)
    if where is not True and method == "__call__":
        result = ufunc_methods.masked(ufunc, inputs, where, old)
    else:
        kwargs.setdefault("casting", "same_kind")
        casting = kwargs.pop("casting")
        result = getattr(ufunc, method)(*inputs, **kwargs) if method != "__call__" else ufunc(*inputs, **kwargs)
        if not np.can_cast(np.asarray(value_of(result)).dtype, old.dtype, casting):
            raise TypeError(
                f"Cannot cast ufunc {ufunc.__name__!r} output from {np.asarray(value_of(result)).dtype!r} to "
                f"{old.dtype!r} with casting rule {casting!r}"
            )
    if np.shape(result) != old.shape:
        np.broadcast_to(value_of(result), old.shape)  # NumPy's own error where it does not fit
    write(target, ..., result)
    return target


def _at_method(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """`np.add.at(x, index, v)`: adds at each place as often as the index names it."""
    target, index, *rest = inputs
    if not isinstance(target, Tensor):
        raise RecordError(
            f"np.{ufunc.__name__}.at would write a Tensor into a plain array at {place(user_frame(1))}: "
            f"make it a Tensor first with gv.tensor"
        )
    if ufunc not in _AT:
        known = ", ".join(f"np.{u.__name__}.at" for u in _AT)
        raise RecordError(f"np.{ufunc.__name__}.at has no gradient rule in gradviz (must be one of {known})")
    record = apply(_AT[ufunc], (now(target), rest[0]), {"index": plain_index(index)})
    _replace(target, record)


ufunc_methods.IN_PLACE |= {"out": _out, "at": _at_method}


def fill(self: Tensor, value: Any) -> None:
    """`x.fill(value)`."""
    write(self, ..., value)


def sort(self: Tensor, axis: int = -1, kind: Any = None) -> None:
    """`x.sort()`: in place."""
    write(self, ..., FUNCTIONS[np.sort](now(self), axis=axis, kind=kind))


def partition(self: Tensor, kth: Any, axis: int = -1, kind: str = "introselect") -> None:
    """`x.partition(kth)`: in place."""
    write(self, ..., FUNCTIONS[np.partition](now(self), kth, axis=axis, kind=kind))


def _target(name: str, x: Any) -> Tensor:
    if isinstance(x, Tensor):
        return x
    raise RecordError(
        f"np.{name} would write a Tensor into a plain array at {place(user_frame(1))}, which would cut it off the "
        f"graph: make the array a Tensor first with gv.tensor"
    )


def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """`np.copyto` into a Tensor."""
    target = _target("copyto", dst)
    if where is True:
        write(target, ..., src)
    else:
        mask = np.broadcast_to(value_of(where), target.shape)
        write(target, ..., apply(WHERE, (src, now(target)), {"condition": np.array(mask)}))


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """`np.put` into a Tensor: by place in the flattened array, values repeated as needed."""
    target = _target("put", a)
    if mode != "raise":
        raise RecordError(f"np.put with mode={mode!r} has no gradient rule in gradviz: leave mode= out")
    flat = np.asarray(value_of(ind)).ravel()
    values = np.ravel(v) if np.ndim(v) else v
    if np.ndim(values) and np.size(values) != flat.size:
        values = values[np.arange(flat.size) % np.size(values)]
    write(target, np.unravel_index(flat, target.shape), values)


def putmask(a: Any, mask: Any, values: Any) -> None:
    """`np.putmask` into a Tensor: the value at a place is that of the same place, values repeated as needed."""
    target = _target("putmask", a)
    flat = np.flatnonzero(value_of(mask))
    values = np.ravel(values)
    write(target, np.unravel_index(flat, target.shape), values[flat % np.size(values)])


def place_(arr: Any, mask: Any, vals: Any) -> None:
    """`np.place` into a Tensor: the values go to the masked places one after the other."""
    target = _target("place", arr)
    flat = np.flatnonzero(value_of(mask))
    vals = np.ravel(vals)
    write(target, np.unravel_index(flat, target.shape), vals[np.arange(flat.size) % np.size(vals)])


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """`np.fill_diagonal` of a Tensor."""
    target = _target("fill_diagonal", a)
    marks = np.zeros(target.shape, dtype=bool)
    np.fill_diagonal(marks, True, wrap=wrap)
    putmask_places = np.nonzero(marks)
    count = len(putmask_places[0])
    value = np.ravel(val)[np.arange(count) % np.size(val)] if np.ndim(val) else val
    write(target, putmask_places, value)


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None, mode: str = "raise") -> None:
    """`np.put_along_axis` into a Tensor."""
    target = _target("put_along_axis", arr)
    indices = np.asarray(value_of(indices))
    if axis is None:
        put(target, indices, values)
        return
    grid = list(np.ogrid[tuple(slice(n) for n in indices.shape)])
    grid[axis] = indices
    write(target, tuple(np.broadcast_arrays(*grid)), values)


FUNCTIONS.update(
    {
        np.copyto: copyto,
        np.put: put,
        np.putmask: putmask,
        np.place: place_,
        np.fill_diagonal: fill_diagonal,
        np.put_along_axis: put_along_axis,
    }
)
