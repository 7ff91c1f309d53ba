"""The Tensor: what user code holds, and at the same time the record of the op that made it.

One slotted object per op is what keeps recording cheap. A Tensor's record never changes once it is made. The operators
and methods are hooked on in `operators` and `methods`; this module holds the record itself and the two ways in:

* the direct path, `binary` and `unary`: Python's own operators on numbers and arrays;
* the general path, `apply`: everything else, NumPy's protocols included.
"""

from __future__ import annotations

import operator
import sys
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from . import constants
from .errors import HOW_TO_ADD, GradientError, RecordError
from .frames import _other_codes as other_codes  # whose code it is: looked up here, at each op, without a call
from .frames import _user_codes as user_codes
from .frames import user_frame
from .gone import Gone
from .op import OPS, Op

if TYPE_CHECKING:
    from .typing import TensorMethods
else:

    class TensorMethods:
        """Stands where the type checker sees the operators and methods that are hooked on later."""

        __slots__ = ()


__all__ = [
    "AGAIN",
    "FUNCTIONS",
    "LATE",
    "PENDING",
    "PLAIN_UFUNCS",
    "RESOLVE",
    "UFUNCS",
    "UFUNC_METHODS",
    "VIEW_CLASS",
    "Fresh",
    "Later",
    "Note",
    "Tensor",
    "Watch",
    "apply",
    "binary",
    "call",
    "current_scope",
    "holds_tensor",
    "leaf",
    "now",
    "operands",
    "operate",
    "plain",
    "put_back",
    "put_on_tape",
    "recording",
    "records_stand_for_themselves",
    "sweeping",
    "unary",
    "value_of",
    "watch",
]

#: A ufunc → the op that records it. Filled by the families in `ops/`.
UFUNCS: dict[np.ufunc, Op] = {}

#: Ufuncs whose results are facts about the values, not numbers to differentiate: they give plain arrays.
PLAIN_UFUNCS: set[np.ufunc] = set()

#: A NumPy function → what handles it when a Tensor is among its arguments. Filled by the families in `ops/`.
FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}

#: How a ufunc was called (``__call__`` with keyword arguments, ``reduce``, ``at`` …) → what handles that. Filled by
#: `ops/ufunc_methods`.
UFUNC_METHODS: dict[str, Callable[[np.ufunc, str, tuple[Any, ...], dict[str, Any]], Any]] = {}

#: Called when a ufunc comes that is in no table: families of a library that gradviz itself does not import (scipy)
#: register then, where that library has been imported meanwhile, and take themselves off this list.
LATE: list[Callable[[], None]] = []


#: A subclass of Tensor → what one of its kind stands for now. Filled by `inplace`: a tensor that was written in place,
#: or a view of one, stands for another record than the one it was made as.
RESOLVE: dict[type, Callable[[Any], Tensor]] = {}

#: What computes a value again that was let go of (see `keeping`).
AGAIN: list[Callable[[Any], Any]] = []

#: What an op that gives a view of its operand's memory makes: `inplace` puts its own subclass here.
VIEW_CLASS: list[type[Tensor]] = []


class Tape(Protocol):
    """What takes in records: a list, a deque that keeps the last few, a `Keeper`."""

    def append(self, record: Tensor, /) -> None: ...


class _Pending:
    """The gradient of a tensor that the current sweep covers and has not reached."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "PENDING"


PENDING: Any = _Pending()


class Later:
    """Stands for a gradient that a sweep handed on and let go of: the graph computes it again for whoever looks.

    The graph is held weakly: records would keep each other alive through it.
    """

    __slots__ = ("_graph",)

    def __init__(self, graph: Any) -> None:
        self._graph = weakref.ref(graph)

    def belongs_to(self, graph: Any) -> bool:
        """Whether it is this graph's."""
        return self._graph() is graph

    def of(self, tensor: Tensor) -> Any:
        """The gradient of `tensor`.

        Raises
        ------
        GradientError
            If nobody holds the graph any more.
        """
        graph = self._graph()
        if graph is None:
            raise GradientError(
                f"the gradient of {describe(tensor._value)} went with its graph: hold what gv.trace returns, "
                f"or call backward() on the output, which leaves each gradient on its tensor"
            )
        return graph.gradient_of(tensor)


class Fresh:
    """Stands for the gradient of whatever the trace that runs has made: an op tells by it what its trace did not make.

    That is noted with the gradient it had, and marked too, so that it is noted once.
    """

    __slots__ = ("outside",)

    def __init__(self) -> None:
        self.outside: dict[Tensor, Any] = {}

    def take_in(self, tensor: Tensor) -> None:
        """Note what the trace uses and did not make."""
        self.outside[tensor] = tensor._grad
        tensor._grad = self

    def put_back(self) -> None:
        """Give what is marked the gradient that it had."""
        for tensor, gradient in self.outside.items():
            if tensor._grad is self:
                tensor._grad = gradient


_serials = count()
_new = object.__new__
_frame = sys._getframe  # pyright: ignore[reportPrivateUsage]
_ndarray = np.ndarray
_COPIED = constants.COPIED
_FLOAT64 = np.dtype(float)


class Watch:
    """A fact about traced values that Python code acted on: a comparison, a truth value, a number taken out.

    A replay with other inputs computes it again, and says so where it would come out differently.
    """

    __slots__ = ("at", "code", "compute", "operands", "result", "text")

    def __init__(
        self, compute: Callable[..., Any], operands: tuple[Any, ...], result: Any, text: str, code: CodeType, at: int
    ) -> None:
        self.compute = compute
        self.operands = operands
        self.result = result
        self.text = text
        self.code = code
        self.at = at

    def repeats(self, other: Watch) -> bool:
        """Whether it is the same fact, at the same place and about the same operands."""
        if self.code is not other.code or self.at != other.at or len(self.operands) != len(other.operands):
            return False
        return all(x is y for x, y in zip(self.operands, other.operands, strict=True))

    def on(self, operands: tuple[Any, ...]) -> Watch:
        """The same fact about other tensors."""
        return Watch(self.compute, operands, self.result, self.text, self.code, self.at)


class Note:
    """What few tensors have: a name of their own, a scope, a place in the order of leaves, watches, a memory cell."""

    __slots__ = ("cell", "name", "scope", "serial", "watches")

    def __init__(
        self, name: str | None = None, scope: tuple[str, ...] = (), serial: int = -1, cell: Any = None
    ) -> None:
        self.name = name
        self.scope = scope
        self.serial = serial
        self.cell = cell  # of what was written in place: see `inplace`
        self.watches: list[Watch] | None = None


# What every op reads while it is recorded. `_append` takes each new record: a list's append while a trace holds a
# tape, else that of a deque of length 0, which drops it without a branch. `_note` is the note that new records share:
# None, or that of the scope they are in. `_fresh` is the gradient that they are made with, and `_take_in` takes each
# operand that has another: the trace's, or None and what drops it.
_drop: Callable[[Tensor], None] = deque[Any](maxlen=0).append
_append: Callable[[Tensor], None] = _drop
_note: Note | None = None
_fresh: Fresh | None = None
_take_in: Callable[[Tensor], None] = _drop

# What becomes of a value that leaves the graph through float(x) or np.asarray(x): None raises; the command, which runs
# scripts that do not know of gradviz, puts a function here that notes the place, and the run goes on.
_on_leak: Callable[[Tensor, str, FrameType], None] | None = None


class Tensor(TensorMethods):
    """A number or an array, and the record of the op that computed it.

    Make one with `gv.tensor`; ops on Tensors give Tensors.

    Attributes
    ----------
    value : float or numpy.ndarray or numpy.generic
        What the op computed, exactly as NumPy does.
    grad : float or numpy.ndarray or None
        The gradient of the output on which `backward` was called last, with this value's shape; None before.
    name : str or None
        Its own name, where it was given one.

    Examples
    --------
    >>> import gradviz as gv
    >>> x, y = gv.tensor(3.0), gv.tensor(4.0)
    >>> f = x * y
    >>> f.backward()
    >>> f.value, x.grad, y.grad
    (12.0, 4.0, 3.0)
    """

    __slots__ = ("_a", "_at", "_b", "_code", "_grad", "_note", "_op", "_static", "_value")

    _value: Any
    _op: Op
    _a: Any  # the first operand; the tuple of all of them where there are more than two
    _b: Any
    _static: dict[str, Any] | None
    _code: CodeType | None
    _at: int
    _grad: Any
    _note: Note | None

    __array_priority__ = 1000.0
    __hash__ = object.__hash__

    def __init__(self) -> None:
        raise RecordError("a Tensor is made by gv.tensor(value), not by calling Tensor")

    # -- what it holds ------------------------------------------------------------------------------------------

    @property
    def value(self) -> Any:
        """The value, as NumPy computed it."""
        value = self._value
        return value if type(value) is not Gone else AGAIN[0](self)

    @property
    def grad(self) -> Any:
        """The gradient of the output on which `backward` was called last; None where there is none.

        Raises
        ------
        GradientError
            Where the value is an integer or a boolean: those are constants.
        """
        if not is_differentiable(self._value):
            raise GradientError(integer_message(self._value, self.name or "this tensor"))
        grad = self._grad
        if type(grad) is Fresh:
            grad = grad.outside.get(self)
        if type(grad) is Later:
            grad = grad.of(self)
        return None if grad is PENDING or self._op.name == "constant" else grad

    @grad.setter
    def grad(self, gradient: Any) -> None:
        self._grad = gradient

    @property
    def name(self) -> str | None:
        """The name it was given; names found in the source belong to the graph's nodes."""
        return self._note.name if self._note is not None else None

    @name.setter
    def name(self, name: str) -> None:
        own_note(self).name = name

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape; () for a single number."""
        return np.shape(self._value)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The value's dtype."""
        return np.asarray(self._value).dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return np.ndim(self._value)

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one element to the next, along each axis."""
        return np.asarray(self._value).strides

    @property
    def nbytes(self) -> int:
        """The bytes its elements take."""
        return np.asarray(self._value).nbytes

    @property
    def size(self) -> int:
        """The number of elements."""
        return np.size(self._value)

    # -- leaving the graph --------------------------------------------------------------------------------------

    def __float__(self) -> float:
        return float(_taken_out(self, "float({})", user_frame(1)))

    def __int__(self) -> int:
        return int(_taken_out(self, "int({})", user_frame(1)))

    def __complex__(self) -> complex:
        return complex(_taken_out(self, "complex({})", user_frame(1)))

    def __index__(self) -> int:
        value = self._value
        if is_differentiable(value):
            raise TypeError(f"{describe(value)} cannot be interpreted as an integer")
        return operator.index(value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = np.asarray(_taken_out(self, "np.asarray({})", user_frame(1)), dtype=dtype)
        return value.copy() if copy else value

    def __bool__(self) -> bool:
        result = bool(self._value)
        watch(self, bool, (self,), result, "bool({})", user_frame(1))
        return result

    def item(self, *index: int) -> Any:
        """The value as a plain Python number: it leaves the graph, as `float(x)` does."""
        return np.asarray(_taken_out(self, "{}.item()", user_frame(1))).item(*index)

    def tolist(self) -> Any:
        """The value as plain Python lists: it leaves the graph, as `float(x)` does."""
        return np.asarray(_taken_out(self, "{}.tolist()", user_frame(1))).tolist()

    # -- being printed ------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        if _on_leak is not None:
            return repr(self._value)
        text = np.array2string(self._value, separator=", ") if isinstance(self._value, np.ndarray) else str(self._value)
        name = f", name={self.name!r}" if self.name else ""
        return f"Tensor({text}{name})"

    def __str__(self) -> str:
        return str(self._value)

    def __format__(self, spec: str) -> str:
        return format(self._value, spec)

    # -- containers ---------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._value)

    def __iter__(self) -> Iterator[Any]:
        if np.ndim(self._value) == 0:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self._value)))

    # -- NumPy's protocols --------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        op = UFUNCS.get(ufunc)
        if op is None and LATE and ufunc not in PLAIN_UFUNCS:
            for register in tuple(LATE):
                register()
            op = UFUNCS.get(ufunc)
        try:
            if method == "__call__" and not kwargs:
                if op is not None:
                    return apply(op, inputs, compute=ufunc, depth=2)
                if ufunc in PLAIN_UFUNCS:
                    return observe(ufunc, inputs, ufunc.__name__)
                if ufunc in FUNCTIONS:  # one with several results
                    return FUNCTIONS[ufunc](*inputs)
                raise RecordError(_no_rule(f"np.{ufunc.__name__}", user_frame(1)))
            return UFUNC_METHODS[method](ufunc, method, inputs, dict(kwargs))
        except RecordError:
            if _on_leak is None:
                raise
            name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            return _unrecorded(getattr(ufunc, method), name, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        handler = FUNCTIONS.get(func)
        try:
            if handler is not None:
                return handler(*args, **kwargs) if kwargs.get("out") is None else _into(handler, args, kwargs)
            name = f"{getattr(func, '__module__', 'numpy') or 'numpy'}.{getattr(func, '__name__', func)}"
            raise RecordError(_no_rule(name.replace("numpy", "np", 1), user_frame(1)))
        except RecordError:
            if _on_leak is None:
                raise
            return _unrecorded(func, getattr(func, "__name__", "function"), args, kwargs)


# -- the two ways in ------------------------------------------------------------------------------------------------

#: Operands that the direct path takes as they are, besides Tensors.
_DIRECT = frozenset({float, int, np.float64, np.float32})


def binary(op: Op, compute: Callable[[Any, Any], Any], depth: int = 1) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Python's operator for `op`, and its reflected form, by the direct path. The user is `depth` callers up."""

    def forward(self: Tensor, other: Any) -> Any:
        if type(other) is Tensor:
            right = other._value
            if other._grad is not _fresh:
                _take_in(other)
        elif type(other) in _DIRECT:
            right = other
        elif type(other) is _ndarray and other.size <= _COPIED and (other.dtype is _FLOAT64 or other.dtype.kind != "O"):
            right, other = other, other.copy()  # computed with as it lies in memory
        elif type(other) in RESOLVE:
            other = RESOLVE[type(other)](other)
            right = other._value
            if other._grad is not _fresh:
                _take_in(other)
        else:
            return operate(op, self, other, other)
        try:
            value = compute(self._value, right)
        except ArithmeticError as error:
            value = _as_numpy(op, self._value, right, error)
        if self._grad is not _fresh:
            _take_in(self)
        made: Tensor = _new(Tensor)
        made._value = value
        made._op = op
        made._a = self
        made._b = other
        made._static = None
        frame = _frame(depth)
        made._code = frame.f_code
        made._at = frame.f_lasti
        made._grad = _fresh
        made._note = _note
        _append(made)
        return made

    def reflected(self: Tensor, other: Any) -> Any:
        if type(other) is Tensor:  # to the left of a view: Python asks the subclass first
            left = other._value
            if other._grad is not _fresh:
                _take_in(other)
        elif type(other) in _DIRECT:
            left = other
        else:
            return operate(op, other, self, other)
        try:
            value = compute(left, self._value)
        except ArithmeticError as error:
            value = _as_numpy(op, left, self._value, error)
        if self._grad is not _fresh:
            _take_in(self)
        made: Tensor = _new(Tensor)
        made._value = value
        made._op = op
        made._a = other
        made._b = self
        made._static = None
        frame = _frame(depth)
        made._code = frame.f_code
        made._at = frame.f_lasti
        made._grad = _fresh
        made._note = _note
        _append(made)
        return made

    return forward, reflected


def unary(op: Op, compute: Callable[[Any], Any]) -> Callable[..., Any]:
    """Python's operator for an `op` of one operand, by the direct path."""

    def forward(self: Tensor) -> Any:
        if self._grad is not _fresh:
            _take_in(self)
        made: Tensor = _new(Tensor)
        made._value = compute(self._value)
        made._op = op
        made._a = self
        made._b = None
        made._static = None
        frame = _frame(1)
        made._code = frame.f_code
        made._at = frame.f_lasti
        made._grad = _fresh
        made._note = _note
        _append(made)
        return made

    return forward


def apply(
    op: Op,
    inputs: tuple[Any, ...],
    static: dict[str, Any] | None = None,
    *,
    compute: Callable[..., Any] | None = None,
    depth: int = 1,
) -> Any:
    """Compute `op` and record it: the general path, through which every op goes that is not a plain operator.

    Parameters
    ----------
    op
        The row of the table.
    inputs
        Its operands: Tensors, numbers, arrays; nested lists become arrays.
    static
        What else it needs and has no gradient, by keyword: an axis, an index, a shape.
    compute
        What computes the value where that is not the op's own function: the ufunc that was called.
    depth
        So many callers up, or further, is the user.
    """
    a: Any
    b: Any = None
    compute = compute or op.compute
    count = len(inputs)
    try:
        if count == 1 and not op.variadic:  # one or two operands, as nearly all have: the lists below cost 0.4 µs
            a = inputs[0]
            if type(a) is not Tensor:
                a = as_operand(a)
            first = a
            if isinstance(a, Tensor):
                first = a._value
                if a._grad is not _fresh:
                    _take_in(a)
            value = compute(first, **static) if static else compute(first)
        elif count == 2 and not op.variadic:
            # A plain array is computed with as it lies in memory, on which NumPy's sums depend; its copy is kept.
            a, b = first, second = inputs
            if type(a) is not Tensor and type(a) not in _DIRECT:
                a = as_operand(a)
                if type(first) is not _ndarray:
                    first = a
            if type(b) is not Tensor and type(b) not in _DIRECT:
                b = as_operand(b)
                if type(second) is not _ndarray:
                    second = b
            if isinstance(a, Tensor):
                first = a._value
                if a._grad is not _fresh:
                    _take_in(a)
            if isinstance(b, Tensor):
                second = b._value
                if b._grad is not _fresh:
                    _take_in(b)
            value = compute(first, second, **static) if static else compute(first, second)
        else:
            a = tuple([x if type(x) is Tensor or type(x) in _DIRECT else as_operand(x) for x in inputs])
            first, *others = [
                x._value if isinstance(x, Tensor) else given if type(given) is _ndarray else x
                for x, given in zip(a, inputs, strict=True)
            ]
            for x in a:
                if isinstance(x, Tensor) and x._grad is not _fresh:
                    _take_in(x)
            value = compute(first, *others, **static) if static else compute(first, *others)
    except ArithmeticError as error:
        value = _as_numpy(op, *[value_of(x) for x in inputs], error)
    if type(value) is complex:  # Python's own, which has no dtype: a float and 1j
        value = np.complex128(value)
    # Whatever raises an ArithmeticError does so after the operands were taken.
    made: Tensor = _new(VIEW_CLASS[0] if op.view and _is_view(value, first) else Tensor)  # pyright: ignore[reportPossiblyUnboundVariable]
    made._value = value
    made._op = op
    made._a = a  # pyright: ignore[reportPossiblyUnboundVariable]
    made._b = b
    made._static = static
    # `user_frame`, without its calls: 0.3 µs instead of 0.8 where the user is two callers away, as from a ufunc.
    frame = _frame(depth)
    while id(frame.f_code) not in user_codes:
        outer = frame.f_back
        if outer is None or id(frame.f_code) not in other_codes:
            frame = user_frame(1)
            break
        frame = outer
    made._code = frame.f_code
    made._at = frame.f_lasti
    made._grad = _fresh
    made._note = _note
    _append(made)
    return made


def _is_view(value: Any, x: Any) -> bool:
    """Whether an op's result lies in its operand's memory. NumPy lets a view of a view say whose memory it is."""
    if type(value) is not _ndarray or not isinstance(x, _ndarray):
        return False
    base = value.base  # None where it has memory of its own: the usual case, which spares asking NumPy (0.7 µs)
    return value is x or (
        base is not None and (base is x or base is getattr(x, "base", None) or np.may_share_memory(value, x))
    )


def call(op: Op, inputs: tuple[Any, ...], static: dict[str, Any] | None = None) -> Any:
    """`apply` where a Tensor is among the inputs, and the bare value where there is none.

    Gradient rules are written with this, so that they run on arrays and on Tensors.
    """
    for x in inputs:
        if isinstance(x, Tensor):
            return apply(op, inputs, static)
    return op.compute(*inputs, **(static or {}))


def leaf(value: Any, op: Op, name: str | None, frame: FrameType) -> Tensor:
    """A new leaf: a tensor that no op computed."""
    made: Tensor = _new(Tensor)
    made._value = value
    made._op = op
    made._a = made._b = made._static = None
    made._grad = _fresh
    made._code = frame.f_code
    made._at = frame.f_lasti
    made._note = Note(name, current_scope(), next(_serials))
    _append(made)
    return made


def operands(tensor: Tensor) -> tuple[Any, ...]:
    """The operands of the op that made `tensor`, in order: Tensors and plain values; () for a leaf."""
    a = tensor._a
    if a is None:
        return ()
    if type(a) is tuple:
        return a
    return (a,) if tensor._b is None else (a, tensor._b)


def operate(op: Op, left: Any, right: Any, other: Any) -> Any:
    """An operator whose other operand is not a plain number or array: a list, a boolean, a stranger."""
    if not (isinstance(other, (Tensor, np.ndarray, np.generic, int, float, complex, list, tuple))):
        return NotImplemented
    return apply(op, (left, right))


def _as_numpy(op: Op, *values_and_error: Any) -> Any:
    """What NumPy gives (inf or nan, with its warning) where Python's own floats raise.

    A script that does not know of gradviz computes with Python's floats and expects their exceptions.
    """
    *values, error = values_and_error
    if _on_leak is not None or not all(isinstance(v, (float, int)) for v in values):
        raise error
    return op.compute(*[np.float64(v) for v in values])


# -- what the outside hands in --------------------------------------------------------------------------------------


def is_differentiable(value: Any) -> bool:
    """Whether a gradient can be asked of this value: floats and complex can have one, integers and booleans can't."""
    if type(value) is float:
        return True
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fc"


def describe(value: Any) -> str:
    """A short text for a value in an error: the number itself, or what kind of array it is."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{value.dtype} array of shape {value.shape}"
    return f"{value!r}" if not isinstance(value, np.generic | np.ndarray) else f"{value.item()!r}"


def integer_message(value: Any, name: str) -> str:
    """The error for a gradient that is asked of an integer."""
    kind = np.asarray(value).dtype
    remedy = f"write {float(value)!r}" if np.ndim(value) == 0 else "make it an array of floats: .astype(float)"
    return (
        f"{name} = {describe(value)} has dtype {kind}, and gradviz takes integers and booleans as constants, "
        f"which have no gradient: {remedy}"
    )


def as_operand(value: Any) -> Any:
    """A value as an operand: what is no number or array yet becomes one, and what can't be refuses."""
    if type(value) is _ndarray:
        return _kept(value)
    resolve = RESOLVE.get(type(value))
    if resolve is not None:
        return resolve(value)
    if isinstance(value, (Tensor, np.generic, float, int, complex)):
        return value
    if isinstance(value, _ndarray):
        _refuse_kinds(type(value))
        return _kept(value)
    if isinstance(value, (list, tuple)) and holds_tensor(value):  # pyright: ignore[reportUnknownArgumentType]
        raise RecordError(
            f"a {type(value).__name__} that holds Tensors is no operand; build it with gv.np.array or np.stack"
        )
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise RecordError(f"{value!r} is neither a number nor an array of numbers")
    return array


def _kept(array: Any) -> Any:
    """A plain array as an operand: a copy of it while it is small, else a constant that notices a change."""
    if array.dtype.kind == "O":
        raise RecordError(
            "an object array can't be recorded as one operand; build it with gv.np.array, "
            "which makes a Tensor of numbers"
        )
    if array.size <= _COPIED:
        return array.copy()
    made = leaf(array, OPS["constant"], None, user_frame(1))
    made._static = {"stamp": constants.stamp(array)}
    return made


#: Kinds of arrays in which `*` or a sum means something else.
_OTHER_KINDS = {
    "matrix": ("np.matrix", "np.asarray(m)"),
    "MaskedArray": ("np.ma.MaskedArray", "m.filled(0.0), with the mask in where="),
}


def _refuse_kinds(kind: type) -> None:
    for base in kind.__mro__:
        if base.__name__ in _OTHER_KINDS:
            name, remedy = _OTHER_KINDS[base.__name__]
            raise RecordError(f"an {name} computes in its own way, which gradviz does not record: give it {remedy}")


def holds_tensor(nest: Any) -> bool:
    """Whether a Tensor stands somewhere in a nest of lists and tuples."""
    if isinstance(nest, (list, tuple)):
        return any(map(holds_tensor, nest))  # pyright: ignore[reportUnknownArgumentType]
    return isinstance(nest, Tensor)


def now(tensor: Tensor) -> Tensor:
    """The record that a tensor stands for now: itself, unless it, or what it is a view of, was written in place."""
    resolve = RESOLVE.get(type(tensor))
    return tensor if resolve is None else resolve(tensor)


def value_of(x: Any) -> Any:
    """The plain value of a Tensor, through lists and tuples; anything else as it is."""
    if isinstance(x, Tensor):
        return x._value if type(x) is Tensor else now(x)._value
    if isinstance(x, (list, tuple)):
        items: list[Any] = [value_of(v) for v in x]  # pyright: ignore[reportUnknownVariableType]
        return items if isinstance(x, list) else tuple(items)
    return x


# -- facts about values ---------------------------------------------------------------------------------------------


def own_note(tensor: Tensor) -> Note:
    """The tensor's own note, made where it shared its scope's or had none. A scope's note has no serial and no name."""
    note = tensor._note
    if note is None or (note.name is None and note.serial < 0 and note.watches is None and note.cell is None):
        note = tensor._note = Note(None, note.scope if note is not None else ())
    return note


def watch(
    tensor: Tensor, compute: Callable[..., Any], inputs: tuple[Any, ...], result: Any, text: str, frame: FrameType
) -> None:
    """Note on `tensor` that Python code acted on a fact about it. The same fact at the same place counts once."""
    note = own_note(tensor)
    fact = Watch(compute, inputs, result, text, frame.f_code, frame.f_lasti)
    if note.watches is None:
        note.watches = [fact]
    elif len(note.watches) < 1000 and not any(map(fact.repeats, note.watches[-8:])):
        note.watches.append(fact)


def observe(compute: Callable[..., Any], inputs: tuple[Any, ...], text: str) -> Any:
    """A plain result computed from Tensors (a comparison, an argmax), watched so that a replay can notice a change."""
    inputs = tuple([now(x) if isinstance(x, Tensor) else x for x in inputs])
    result = compute(*[value_of(x) for x in inputs])
    if isinstance(result, np.bool_):
        result = bool(result)
    frame = user_frame(1)
    for x in inputs:
        if isinstance(x, Tensor):
            watch(x, compute, inputs, result, text, frame)
            break
    return result


def comparison(ufunc: np.ufunc, compute: Callable[[Any, Any], Any], symbol: str) -> Callable[..., Any]:
    """Python's comparison operator: it gives plain booleans."""

    def compare(self: Tensor, other: Any) -> Any:
        if not isinstance(other, (Tensor, np.ndarray, np.generic, int, float, complex, list, tuple)):
            return NotImplemented
        return observe(ufunc, (self, other), f"{{0}} {symbol} {{1}}")

    return compare


# -- leaving the graph ----------------------------------------------------------------------------------------------


def _taken_out(tensor: Tensor, how: str, frame: FrameType) -> Any:
    value = tensor._value
    if not is_differentiable(value) or tensor._op.name == "constant":
        return value
    if _on_leak is None:
        what = tensor.name or "x"
        raise GradientError(
            f"{how.format(what)} at {place(frame)} would silently cut {describe(value)} off the graph: "
            f"take {what}.value for the number, or gv.detach({what}) to go on without its gradient; "
            f"to write it into an array, make that array a Tensor first with gv.tensor"
        )
    watch(tensor, value_of, (tensor,), value, how.replace("{}", "{0}"), frame)
    _on_leak(tensor, how, frame)
    return value


def _into(handler: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function's handler gives, written into what `out=` names."""
    out = kwargs["out"]
    FUNCTIONS[np.copyto](out, handler(*args, **{key: x for key, x in kwargs.items() if key != "out"}))
    return out


def _unrecorded(function: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function that can't be recorded gives, in a script that does not know of gradviz: the values leave."""

    def taken(x: Any) -> Any:
        if isinstance(x, Tensor):
            return _taken_out(now(x), f"np.{name}({{}})", user_frame(1))
        if type(x) in (list, tuple):
            return type(x)([taken(part) for part in x])
        return x

    return function(*[taken(x) for x in args], **{key: taken(x) for key, x in kwargs.items()})


def place(frame: FrameType) -> str:
    """Where a frame is, as file:line."""
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _no_rule(name: str, frame: FrameType) -> str:
    """The error for a NumPy function that no table has: its name, the place, and how to add a rule."""
    return (
        f"{name} has no gradient rule in gradviz ({place(frame)}): {HOW_TO_ADD.format(name=name)}, "
        f"or call it on x.value, which cuts the gradient off"
    )


# -- the state that recording reads ---------------------------------------------------------------------------------


# How many sweeps are running rules on records.
_sweeps = 0


def records_stand_for_themselves() -> bool:
    """Whether a gradient rule is at work on records: it means the values its op used, whatever was written since."""
    return _sweeps > 0


def put_on_tape(record: Tensor) -> None:
    """Let a record that was not made by `apply` take its place in the order."""
    _append(record)


def put_back() -> None:
    """Let what the running trace uses and did not make show the gradients that it had."""
    if _fresh is not None:
        _fresh.put_back()


def current_scope() -> tuple[str, ...]:
    """The scopes that are open, outermost first."""
    return _note.scope if _note is not None else ()


@contextmanager
def sweeping() -> Generator[None]:
    """While rules run on records, each record stands for itself."""
    global _sweeps
    _sweeps += 1
    try:
        yield
    finally:
        _sweeps -= 1


@contextmanager
def recording(records: Tape, fresh: Fresh | None = None) -> Generator[None]:
    """Put every record made inside at the end of `records`, in order. `fresh` is the gradient they are made with."""
    global _append, _fresh, _take_in
    before = _append, _fresh, _take_in
    _append, _fresh, _take_in = records.append, fresh, _drop if fresh is None else fresh.take_in
    try:
        yield
    finally:
        _append, _fresh, _take_in = before
        if fresh is not None:
            fresh.put_back()


@contextmanager
def plain(on_leak: Callable[[Tensor, str, FrameType], None]) -> Generator[None]:
    """Run code that does not know of gradviz: Tensors print as their values, and a value that leaves the graph is
    handed to `on_leak` instead of raising."""
    global _on_leak
    before, _on_leak = _on_leak, on_leak
    try:
        yield
    finally:
        _on_leak = before


@contextmanager
def scope(name: str) -> Generator[None]:
    """Everything recorded inside belongs to the scope `name`; scopes nest.

    Examples
    --------
    >>> import gradviz as gv
    >>> x = gv.tensor(2.0)
    >>> with gv.scope("square"):
    ...     y = x * x
    >>> gv.graph(y).nodes[-1].scope
    ('square',)
    """
    global _note
    before = _note
    _note = Note(None, (*(before.scope if before is not None else ()), name))
    try:
        yield
    finally:
        _note = before
