"""Writing in place: `x[i] = v`, `x *= 2`, `out=x`, `x.sort()`; values are NumPy's, and gradients stay right.

A record never changes. The first write to a tensor turns what the user holds into a handle (`Written`) on a memory
cell; the cell holds the current record, and each write puts a new one there. Ops that used the tensor before keep the
record they used. A `View` knows what it is a view of by the op that made it; when it is used after a write to that, it
is taken anew from the cell. So code that never writes pays nothing, and code that does pays one copy per write, or none
where nobody could tell: while only places are read or written, the cell's buffer is passed on from record to record.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import Any

import numpy as np

from .backward import ALIAS, CONSTANT, INPUT, PARAMETER
from .errors import RecordError
from .frames import user_frame
from .gone import gone
from .layout import copied, empty_as
from .op import Op
from .ops import ufunc_methods
from .ops.indexing import GETITEM, is_basic, plain_index
from .ops.selection import WHERE
from .ops.shaping import FLAT, RAVEL
from .ops.writing import AT, WRITE, Path, taken
from .tensor import (
    FUNCTIONS,
    RESOLVE,
    VIEW_CLASS,
    Note,
    Tensor,
    apply,
    current_scope,
    describe,
    holds_tensor,
    is_differentiable,
    now,
    own_note,
    place,
    put_on_tape,
    records_stand_for_themselves,
    value_of,
)
from .tensor import binary as operator_of_two

__all__ = ["Version", "View", "Written", "hook", "write"]

# The module, whose state is read at each op: under its name the package has the function gv.tensor.
_state: Any = import_module(".tensor", __package__)


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

    `shared` says that an op may have kept the current record's value: the next write must copy. `stand_in` is what the
    records have for a value whose buffer was passed on.
    """

    __slots__ = ("record", "shared", "stand_in")

    def __init__(self, record: Tensor) -> None:
        self.record = record
        self.shared = True
        self.stand_in: Any = None


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
        # A copy: the buffer may be written again, and ops keep what they used.
        value = copied(part._op.compute(record._value, **(part._static or {})))
        record = _recorded(View, value, part._op, record, None, part._static, part._code, part._at, part._note)
        put_on_tape(record)
    return record


def _recorded(
    kind: type[Tensor], value: Any, op: Op, a: Any, b: Any, static: Any, code: Any, at: int, note: Note | None
) -> Tensor:
    """A record that `apply` does not make."""
    record: Tensor = object.__new__(kind)
    record._value, record._op, record._a, record._b, record._static = value, op, a, b, static
    record._code, record._at, record._grad, record._note = code, at, _state._fresh, note
    for x in (a, b):
        if isinstance(x, Tensor) and x._grad is not _state._fresh:
            _state._take_in(x)
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
    if type(value) is View and _stands_there(value, target, index):
        _end_augmented(_root(value), user_frame(1))
        return
    if type(target) is View and target._op is RAVEL and (target._static or {})["order"] is FLAT and np.ndim(value):
        if not np.size(value):
            return
        value = _repeated(value, np.arange(np.size(target._value))[index].shape)
    base, path, index, cell = _place(target, index)
    frame = user_frame(1)
    if isinstance(value, Tensor):
        value = value if type(value) is Tensor else now(value)
        _check_kind(target, base._value, value, frame)
        plain = value._value
    elif type(value) in _NUMBERS:
        plain = value
    else:
        value = FUNCTIONS[np.stack](value) if holds_tensor(value) else np.array(value)
        plain = value_of(value)
    passed_on = type(base) is Version and not cell.shared
    buffer = base._value if passed_on else copied(base._value)
    (taken(buffer, path) if path else buffer)[index] = plain
    if passed_on:
        cell.stand_in = base._value = gone(buffer) if cell.stand_in is None else cell.stand_in
    static, note = {"index": index, "path": path}, Note(None, current_scope(), -1, cell)
    record = _recorded(Version, buffer, WRITE, base, value, static, frame.f_code, frame.f_lasti, note)
    cell.record, cell.shared = record, False
    _state._append(record)
    if record._op is not WRITE:
        _keep_leaf(base, record)


_NUMBERS = frozenset({float, int})


def _stands_there(value: View, target: Tensor, index: Any) -> bool:
    """Whether a view is that of the very place it would be written to."""
    root, path = _whence(value)
    other, before = _whence(target)
    same = root is other or (type(root) is Version and type(other) is not Tensor and _cell(root) is _cell(other))
    return same and is_basic(index) and path == (*before, (GETITEM, {"index": index}))


def _end_augmented(root: Tensor, frame: FrameType) -> None:
    """The second half of `x[i] += v`: the first has written through the view, at the place in the code of its +."""
    written = _cell(root).record if type(root) in (Written, Version) else root
    added = written._b
    if written._op is not WRITE or not isinstance(added, Tensor):
        return
    if added._code is written._code is frame.f_code and added._at == written._at:
        written._at = frame.f_lasti


def _whence(held: Tensor) -> tuple[Tensor, Path]:
    """What a tensor is a view of, and the view ops that lead from there to it."""
    path: list[tuple[Op, dict[str, Any]]] = []
    while type(held) is View:
        path.append((held._op, held._static or {}))
        held = held._a
    return held, tuple(reversed(path))


def _place(target: Tensor, index: Any) -> tuple[Tensor, Path, Any, Cell]:
    """Where a write to `target` goes: the current record, the view ops that lead to where the index counts, and it.

    The cell comes last.
    """
    if type(target) is Written:
        cell = _cell(target)
        return cell.record, (), index, cell
    root, path = _whence(target)
    if not isinstance(root._value, np.ndarray):
        raise TypeError(f"{type(root._value).__name__!r} object does not support item assignment")
    if type(root) is Tensor:
        _to_handle(root)
    cell = _cell(root)
    if type(root) not in (Written, Version):
        raise RecordError("a tensor of this kind can't be written in place: copy it first with np.copy")
    path, index = _through_flat(cell.record, path, index)
    if path and index is Ellipsis and path[-1][0] is GETITEM:  # all of a part: that part of the rest
        path, index = path[:-1], path[-1][1]["index"]
    return cell.record, path, index, cell


def _through_flat(record: Tensor, path: Path, index: Any) -> tuple[Path, Any]:
    """The same place without `x.flat` on the way where that copies, as it does what does not lie row after row."""
    for i in reversed(range(len(path))):
        if path[i][0] is RAVEL and path[i][1]["order"] is FLAT:
            whole = taken(record._value, path[:i])
            if not whole.flags.c_contiguous:
                places = taken(np.arange(whole.size), path[i + 1 :])[index]
                return path[:i], np.unravel_index(places, whole.shape)
    return path, index


def _to_handle(held: Tensor) -> None:
    """Turn what the user holds into a handle; as a record it becomes the alias of its old self."""
    old: Tensor = object.__new__(Tensor)
    for slot in Tensor.__slots__:
        setattr(old, slot, getattr(held, slot))
    if held._grad is _state._fresh:  # on the tape is what the user holds: the old self is from outside
        old._grad = None
        _state._take_in(old)
    scope = held._note.scope if held._note is not None else ()
    held._op, held._a, held._b, held._static = ALIAS, old, None, None
    held._note = Note(None, scope, cell=Cell(old))
    held.__class__ = Written


def _adopt(cell: Cell, record: Tensor) -> None:
    """Make `record` what the cell holds."""
    note = record._note  # its property has a stand-in in scripts, which takes its time
    record._note = Note(None if note is None else note.name, current_scope(), cell=cell)
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


def _check_kind(target: Tensor, whole: Any, value: Any, frame: FrameType) -> None:
    if whole.dtype.kind in "biu" and isinstance(value, Tensor) and is_differentiable(value._value):
        raise RecordError(
            f"{target.name or 'the tensor'} has dtype {whole.dtype}: writing {describe(value._value)} into it at "
            f"{place(frame)} would round it and lose its gradient: make it an array of floats"
        )


# -- Python's operators ----------------------------------------------------------------------------------------------


def _into(ufunc: np.ufunc, like: Any) -> Callable[..., Any]:
    """The ufunc as it computes with `out=` an array like this one: the same values and strides, the same errors."""
    return lambda *values: ufunc(*values, out=empty_as(like))


def _augmented(ufunc: np.ufunc, op: Op) -> Callable[[Tensor, Any], Any]:
    """`x += y` and its kin. What is a single number, and immutable, is bound anew as Python does it."""
    anew, _ = operator_of_two(op, op.compute, depth=2)

    def operate(self: Tensor, other: Any) -> Any:
        record = self if type(self) is Tensor else now(self)
        value = record._value
        if not isinstance(value, np.ndarray):
            return anew(record, other)
        _check_kind(self, value, other, user_frame(1))
        _replace(self, apply(op, (record, other), compute=_into(ufunc, value)))
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
        record = _looked_at if kind is Written and name in _LOOKS else now
        if isinstance(attribute, property):
            setattr(kind, name, _delegated_property(attribute, record))
        elif callable(attribute):
            setattr(kind, name, _delegated(attribute, record))
    for name in ("__int__", "__index__", "__iter__"):
        setattr(kind, name, _delegated(getattr(Tensor, name)))


#: Those that keep nothing of the value: after them the next write need not copy it.
_LOOKS = {"shape", "dtype", "ndim", "size", "strides", "nbytes", "itemsize", "name", "grad",
          "__len__", "__repr__", "__str__", "__format__"}  # fmt: skip


def _looked_at(handle: Tensor) -> Tensor:
    return handle._a if records_stand_for_themselves() else _cell(handle).record


def _delegated(method: Callable[..., Any], record: Callable[[Tensor], Tensor] = now) -> Callable[..., Any]:
    def delegate(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return method(record(self), *args, **kwargs)

    delegate.__name__ = getattr(method, "__name__", "delegate")
    return delegate


def _delegated_property(inner: property, record: Callable[[Tensor], Tensor]) -> property:
    def get(self: Tensor) -> Any:
        return inner.__get__(record(self))

    def put(self: Tensor, value: Any) -> None:
        inner.__set__(record(self), value)

    return property(get, put if inner.fset is not None else None, doc=inner.__doc__)


def _item_of_handle(self: Tensor, index: Any) -> Any:
    """`x[index]` of a written tensor: what is read is copied, so the buffer may be written on without a copy."""
    index = plain_index(index)
    record = _looked_at(self)
    value = record._value[index]
    kind = Tensor
    if isinstance(value, np.ndarray) and is_basic(index):
        value, kind = copied(value), View
    frame = user_frame(1)
    static = {"index": index}
    made = _recorded(kind, value, GETITEM, record, None, static, frame.f_code, frame.f_lasti, _state._note)
    _state._append(made)
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
    if ufunc not in AT:
        known = ", ".join(f"np.{u.__name__}.at" for u in AT)
        raise RecordError(f"np.{ufunc.__name__}.at has no gradient rule in gradviz (must be one of {known})")
    record = apply(AT[ufunc], (now(target), rest[0]), {"index": plain_index(index)})
    _replace(target, record)


ufunc_methods.IN_PLACE |= {"out": _out, "at": _at_method}


def fill(self: Tensor, value: Any) -> None:
    """`x.fill(value)`."""
    write(self, ..., value)


def flat(self: Tensor) -> Tensor:
    """`x.flat`: its elements in a row, which are written in place whether or not they lie so in memory."""
    made = apply(RAVEL, (self,), {"order": FLAT})
    if isinstance(value_of(self), np.ndarray):
        made.__class__ = View
    return made


def fill_flat(self: Tensor, value: Any) -> None:
    """`x.flat = v`: values repeated as needed."""
    write(flat(self), ..., value)


def _repeated(value: Any, shape: tuple[int, ...]) -> Any:
    """What is written to as many places of `x.flat`, from the beginning again where it is not enough."""
    return np.reshape(np.ravel(value)[np.arange(int(np.prod(shape))) % np.size(value)], shape)


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
