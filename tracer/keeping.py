"""What a trace keeps: all values, those that gradient rules need, or few of them; and how the others come back.

A value can be let go of when nobody else holds it: no variable of the user's, only the records that were computed from
it. Python's count of references tells, so it happens while the function still runs. What is asked for later, by a rule
or by someone who looks, is computed again from what is there.

* ``needed``: an array stays where the rule of an op that made or used it computes with its numbers.
* ``none``: an array stays only where the function still held it at one of the times when room was made. Those are the
  checkpoints from which the sweep computes the stretch before each again; room is made after ever longer stretches, so
  n ops hold about √n values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from sys import getrefcount
from typing import Any

import numpy as np

from .backward import downstream, hand_down, takes_gradient
from .constants import check_unchanged
from .errors import GradientError
from .gone import Gone, ValueGone, gone
from .inplace import Version
from .op import Op
from .tensor import AGAIN, PENDING, Later, Tensor, operands

__all__ = ["KEEP", "Keeper", "restored", "sparing"]

#: What `gv.trace(..., keep=)` takes.
KEEP = ("all", "needed", "none")

#: Arrays below so many bytes are kept: what stands for one takes about 200.
_WORTH = 4096
#: At least so many bytes of arrays are recorded before any of them are let go of.
_ROOM = 16 * 2**20

_OWN_RULES = f"{__package__}.ops."


class _Waiting:
    """Whose array may be let go of, in how many operand slots that record stands, whether a rule uses the numbers."""

    __slots__ = ("needed", "record", "slots")

    def __init__(self, record: Tensor, *, needed: bool) -> None:
        self.record = record
        self.slots = 0
        self.needed = needed


class Keeper:
    """A tape that lets go of values while it is recorded.

    Parameters
    ----------
    tape
        Where the records go.
    keep
        ``needed`` or ``none``.
    """

    def __init__(self, tape: list[Tensor], keep: str) -> None:
        self._tape = tape
        self._none = keep == "none"
        self._waiting: dict[int, _Waiting] = {}  # by the record's id
        self._fresh = 0  # bytes recorded since room was made
        self._held = 0  # bytes that stayed

    def append(self, record: Tensor) -> None:
        """Take in a record."""
        self._tape.append(record)
        a = record._a
        for i, x in enumerate(a if type(a) is tuple else (a, record._b)):
            waiting = self._waiting.get(id(x))
            if waiting is not None:
                waiting.slots += 1
                waiting.needed = waiting.needed or (not self._none and i in needs(record))
        value = record._value
        if type(record) is not Tensor or a is None or type(value) is not np.ndarray:
            return
        if value.base is None and value.nbytes >= _WORTH:
            self._waiting[id(record)] = _Waiting(record, needed=not self._none and -1 in needs(record))
            self._fresh += value.nbytes
            if self._fresh > max(_ROOM, self._held):
                self.make_room()

    def make_room(self) -> None:
        """Let go of what nobody holds and, with ``needed``, no rule uses."""
        self._fresh = 0
        for key, waiting in list(self._waiting.items()):
            record = waiting.record
            # Four are the tape's, this function's, getrefcount's and the one in `waiting`.
            held = getrefcount(record) > 4 + waiting.slots
            if held and not self._none and not waiting.needed:
                continue  # for now
            del self._waiting[key]
            if held or waiting.needed or type(record) is not Tensor:
                self._held += record._value.nbytes
            else:
                record._value = gone(record._value)


# -- what rules need -------------------------------------------------------------------------------------------------

#: Op and how many operands → the positions of those whose numbers its rules use; −1 for those of its result.
_needs: dict[tuple[Op, int], frozenset[int]] = {}


def needs(record: Tensor) -> frozenset[int]:
    """The positions of the operands whose numbers its op's rules use, −1 standing for the result.

    Found by running the rules once an op, on arrays without numbers: what refuses is used. With other static arguments
    a rule may use more; the sweep then computes that again.
    """
    op, count = record._op, len(operands(record))
    found = _needs.get((op, count))
    if found is None:
        found = _needs[op, count] = _found_out(record) if _is_own(op) else frozenset(range(-1, count))
    return found


def _is_own(op: Op) -> bool:
    """Whether all its rules are gradviz's: a user's may take numbers in ways that an array can't notice."""
    functions = [rule.local or rule.vjp for rule in op.rules if rule.local or rule.vjp]
    return all(str(getattr(f, "__module__", "")).startswith(_OWN_RULES) for f in functions)


def _found_out(record: Tensor) -> frozenset[int]:
    inputs = operands(record)
    # An operand that is an integer here may be an array of floats elsewhere: all of them are floats for this.
    values = [_floats(x._value if isinstance(x, Tensor) else x) for x in (*inputs, record)]
    given: list[Any] = [_marked(x, i) for i, x in enumerate(values)]
    upstream = np.ones_like(values[-1])
    every = frozenset(range(-1, len(inputs)))
    used: set[int] = set()

    def share(position: int, values: list[Any]) -> Any:
        return downstream(record._op, position, upstream, values[-1], values[:-1], record._static or {})

    positions = [i for i in range(len(inputs)) if record._op.rule(i).local or record._op.rule(i).vjp]
    with np.errstate(all="ignore"):
        while positions:
            try:
                found = share(positions[-1], given)
            except ValueGone as error:
                place = error.which.mark
                given[place] = values[place]
                used.add(-1 if place == len(inputs) else place)
                continue
            except GradientError:  # an operand that can have no gradient
                positions.pop()
                continue
            except Exception:  # it can't do with floats there: nothing is known, and all is kept
                return every
            # Behind np.asarray, which some of scipy's functions begin with, nothing refuses.
            expected = share(positions.pop(), values)
            if found is not None and not np.array_equal(found, expected, equal_nan=True):
                return every
    return frozenset(used)


def _floats(value: Any) -> Any:
    array = np.asarray(value)
    return array if array.dtype.kind in "fc" else array.astype(float)


def _marked(array: Any, mark: int) -> Gone:
    made = gone(array)
    made.mark = mark
    return made


# -- back again ------------------------------------------------------------------------------------------------------


def restored(record: Tensor, *, by: dict[Tensor, Gone] | None = None) -> Any:
    """The value of a record, computed again where it was let go of, as is everything that it takes.

    Parameters
    ----------
    by
        Takes, for each record whose value is there again, what stood for it.
    """
    if type(record._value) is not Gone:
        return record._value
    order = _gone_before(record)
    leaves = [x for tensor in order for x in operands(tensor) if isinstance(x, Tensor) and x._a is None]
    check_unchanged(leaves)
    # A buffer that was passed on from version to version (see `inplace`) is no record's own: one at a time is enough.
    passing: dict[int, Any] = {}
    left: dict[int, int] = {}
    for tensor in order:
        for x in operands(tensor):
            left[id(x)] = left.get(id(x), 0) + 1
    value: Any = None
    for tensor in order:
        inputs = operands(tensor)
        values = [passing.get(id(x), x._value) if isinstance(x, Tensor) else x for x in inputs]
        with np.errstate(all="ignore"):
            value = tensor._op.compute(*values, **(tensor._static or {}))
        value = np.asarray(value, tensor._value.dtype)
        if type(tensor) is Version:
            passing[id(tensor)] = value
        else:
            if by is not None:
                by[tensor] = tensor._value
            tensor._value = value
        for x in inputs:
            left[id(x)] -= 1
            if not left[id(x)]:
                passing.pop(id(x), None)
    return value


AGAIN.append(restored)


def _gone_before(record: Tensor) -> list[Tensor]:
    """Those whose values must be computed again for that of `record`, itself included, operands first."""
    seen: set[int] = set()
    order: list[Tensor] = []
    stack: list[tuple[Tensor, bool]] = [(record, False)]
    while stack:
        tensor, placed = stack.pop()
        if placed:
            order.append(tensor)
        elif id(tensor) not in seen:
            seen.add(id(tensor))
            stack.append((tensor, True))
            stack += [(x, False) for x in operands(tensor) if isinstance(x, Tensor) and type(x._value) is Gone]
    return order


def sparing(later: Later | None = None) -> Callable[[Iterable[Tensor]], None]:
    """How a sweep goes over records whose values were let go of.

    A value that a rule asks for is computed again and let go of as soon as its op has handed its gradient on. With
    `later`, the gradients of inner arrays are let go of likewise.
    """

    def over(records: Iterable[Tensor]) -> None:
        back: dict[Tensor, Gone] = {}
        for tensor in records:
            upstream = tensor._grad
            if upstream is not PENDING:
                _hand_on(tensor, upstream, back)
                if later is not None and type(upstream) is np.ndarray and tensor._a is not None:
                    tensor._grad = later
            if tensor in back:
                tensor._value = back.pop(tensor)
        for tensor, stand_in in back.items():
            tensor._value = stand_in

    return over


def _hand_on(tensor: Tensor, upstream: Any, back: dict[Tensor, Gone]) -> None:
    op, inputs = tensor._op, operands(tensor)
    if (op, len(inputs)) not in _needs:  # to find out takes all there is
        _bring((*inputs, tensor), back)
    _bring([inputs[i] if i >= 0 else tensor for i in needs(tensor)], back)
    if op.push is not None:
        op.push(tensor, upstream)
        return
    for position, operand in enumerate(inputs):
        if not takes_gradient(operand):
            continue
        try:
            share = _share(tensor, position, upstream)
        except ValueGone:  # with this static argument, or these numbers, the rule uses more
            _bring((*inputs, tensor), back)
            share = _share(tensor, position, upstream)
        if share is not None:
            hand_down(operand, share)


def _bring(records: Iterable[Any], back: dict[Tensor, Gone]) -> None:
    for x in records:
        if isinstance(x, Tensor) and type(x._value) is Gone:
            restored(x, by=back)


def _share(tensor: Tensor, position: int, upstream: Any) -> Any:
    values = [x._value if isinstance(x, Tensor) else x for x in operands(tensor)]
    return downstream(tensor._op, position, upstream, tensor._value, values, tensor._static or {})
