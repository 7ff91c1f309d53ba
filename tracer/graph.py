"""The graph: what was recorded, as nodes and edges to look at, to run back, and to replay with other inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from .backward import (
    ALIAS,
    CONSTANT,
    acted_on,
    ancestors,
    hand_on,
    letting_go,
    one_at_a_time,
    seed_for,
    sweep,
    unaliased,
    zeros,
)
from .constants import key, stamps_given
from .errors import BranchChanged, GradientError, NameNotFound, RecordError
from .garbage import fewer_collections
from .keeping import sparing
from .names import representatives
from .node import Edge, Node
from .ops.writing import staying
from .source import locate
from .tensor import PENDING, Later, Note, Tensor, Watch, is_differentiable, now, operands, value_of

if TYPE_CHECKING:
    from .failure import Failure

__all__ = ["Graph", "Outline"]

_ID = re.compile(r"n(0|[1-9][0-9]{0,18})")


class Graph:
    """What one or more outputs were computed from.

    Made by `gv.trace` or `gv.graph`. It looks the same however often it is asked: ids are counted in topological
    order, leaves first.

    Parameters
    ----------
    outputs
        The tensors it ends in.
    inputs
        Leaves that belong to it even where no path leads from them to an output.
    name
        What the output is called where the source gives it no name: the traced function's name.
    tape
        The records in the order they were made, where there is a tape; may hold more than the graph.
    keep
        Whether some of the records' values were let go of: see `gradviz.trace`.

    Examples
    --------
    >>> import gradviz as gv
    >>> graph = gv.trace(lambda x, y: (x + y) * y, 1.0, 2.0)
    >>> [node.op for node in graph.nodes]
    ['input', 'input', 'add', 'multiply']
    >>> graph.backward()
    {'x': 2.0, 'y': 5.0}
    >>> graph.forward(x=3.0), graph.backward()
    (10.0, {'x': 2.0, 'y': 7.0})
    """

    # Hooked on by the root package, so that the tracer imports nothing above it.
    to_dict: ClassVar[Callable[..., dict[str, Any]]]
    draw: ClassVar[Callable[..., Any]]
    save: ClassVar[Callable[..., Any]]
    focus: ClassVar[Callable[..., Any]]
    path: ClassVar[Callable[..., Any]]
    fold: ClassVar[Callable[..., Any]]
    scalars: ClassVar[Callable[..., Graph]]
    _repr_mimebundle_: ClassVar[Callable[..., dict[str, str]]]

    def __init__(
        self,
        outputs: Iterable[Tensor],
        *,
        inputs: Iterable[Tensor] = (),
        name: str | None = None,
        tape: list[Tensor] | None = None,
        keep: str = "all",
    ) -> None:
        self.name = name
        #: the op that raised, where the script that made this graph ended in an exception
        self.failure: Failure | None = None
        self._outputs = [now(tensor) for tensor in outputs]
        self._inputs = [unaliased(tensor) for tensor in inputs]
        self._order = tape if tape is not None else ancestors(*self._inputs, *self._outputs)
        self._gradients: list[Any] | None = None
        self._over = hand_on if keep == "all" else sparing()
        #: the output and the seed of a sweep that let gradients go which nobody has looked at yet
        self._unseen: tuple[Tensor, Any] | None = None
        #: key of a constant array → the name of the variable that holds it, where someone knows (see `constants.key`)
        self.constant_names: dict[Any, str] = {}

    def __repr__(self) -> str:
        inputs = ", ".join(node.label for node in self.inputs)
        outline = self.outline
        return f"<graph {self.name or ''}({inputs}): {len(outline.records)} nodes, {len(outline.sources)} edges>"

    # -- nodes and edges ----------------------------------------------------------------------------------------

    @property
    def nodes(self) -> list[Node]:
        """Every node, operands before what uses them."""
        return self._built.nodes

    @property
    def edges(self) -> list[Edge]:
        """Every edge, in the order of the nodes they lead to, and of the operands."""
        return self._built.edges

    @property
    def inputs(self) -> list[Node]:
        """The leaves that can have a gradient: inputs and parameters, in the order they were made."""
        leaves = [self.node_at(number) for number in np.flatnonzero(self.outline.counts == 0).tolist()]
        return [node for node in leaves if node.kind in ("input", "parameter")]

    @cached_property
    def outputs(self) -> list[Node]:
        """The nodes of the outputs."""
        return [self.node_at(self.outline.number_of[id(tensor)]) for tensor in self._outputs]

    @property
    def output(self) -> Node:
        """The node of the output.

        Raises
        ------
        GradientError
            If there are several: `outputs` has them.
        """
        if len(self.outputs) != 1:
            names = ", ".join(f"{node.label} {node.shape}" for node in self.outputs)
            raise GradientError(f"the graph has {len(self.outputs)} outputs ({names}): return one of them")
        return self.outputs[0]

    def __getitem__(self, name: str) -> Node:
        """The node called `name`, or with that id; where a variable was bound again, the last.

        Raises
        ------
        NameNotFound
            If there is none; the message lists what there is.
        """
        found = self._find(name)
        if found is None:
            raise NameNotFound(f"the graph has no node named {name!r}; {self._choices(name)}")
        return self.node_at(found)

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def _find(self, name: str) -> int | None:
        """The number of the last node with this name or id."""
        number = int(name[1:]) if _ID.fullmatch(name) else -1
        found = max(self._last_named.get(name, -1), number if number < len(self.outline.records) else -1)
        return found if found >= 0 else None

    @cached_property
    def _last_named(self) -> dict[str, int]:
        """The names there are, in the order in which they first come, and the number of the last node of each."""
        found = {node.name: number for number, node in enumerate(representatives(self))}
        return {name: number for name, number in found.items() if name is not None}

    def names(self) -> list[str]:
        """The names there are, each once, in topological order."""
        return list(self._last_named)

    def _choices(self, name: str) -> str:
        import difflib  # an error's; no import of ours should pay for it

        names = self.names()
        near = difflib.get_close_matches(name, names, n=1)
        listed = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
        return (f"did you mean {near[0]!r}? " if near else "") + f"it has {listed or 'no names'}"

    @cached_property
    def _watched(self) -> list[Tensor]:
        """The records that a replay computes: those of the graph, and those that Python code acted on a fact about.

        `if x.sum() > 0:` asks a sum that no output was computed from. Only a tape still holds it.
        """
        wanted = {id(tensor) for tensor in (*self._outputs, *self._inputs, *acted_on(self._order))}
        found: list[Tensor] = []
        for tensor in reversed(self._order):
            if id(tensor) in wanted:
                if tensor._op is not ALIAS:
                    found.append(tensor)
                wanted.update([id(x) for x in operands(tensor) if isinstance(x, Tensor)])
        found.reverse()
        return found

    @cached_property
    def _reached(self) -> list[tuple[Tensor, Any]]:
        """The records that belong to the graph with their gradients: of a tape, what leads to an output."""
        wanted = {id(tensor) for tensor in (*self._outputs, *self._inputs)}
        found: list[tuple[Tensor, Any]] = []
        gradients = self._all_gradients()
        for tensor, gradient in zip(reversed(self._order), reversed(gradients), strict=True):
            if id(tensor) in wanted:
                if tensor._op is not ALIAS:
                    found.append((tensor, gradient))
                a = tensor._a  # of plain values as well: while they live, no record has their id
                if type(a) is tuple:
                    wanted.update(map(id, a))
                else:
                    wanted.add(id(a))
                    wanted.add(id(tensor._b))
        found.reverse()
        return found

    @cached_property
    def outline(self) -> Outline:
        """The whole graph as flat lists, without a `Node` or an `Edge`: for what must look at a million of them."""
        with fewer_collections():
            return self._flat()

    def _flat(self) -> Outline:
        records: list[Any] = []
        gradients: list[Any] = []
        counts: list[int] = []
        sources: list[int] = []
        number_of: dict[int, int] = {}
        constants: dict[Any, int] = {}

        def add(record: Any, gradient: Any, count: int) -> int:
            records.append(record)
            gradients.append(gradient)
            counts.append(count)
            return len(records) - 1

        reached = self._reached
        leaves = [pair for pair in reached if pair[0]._a is None]
        leaves.sort(key=lambda pair: pair[0]._note.serial)  # pyright: ignore[reportOptionalMemberAccess]
        for tensor, gradient in leaves:
            if tensor._static is None:
                number_of[id(tensor)] = add(tensor, gradient, 0)
            else:  # a large array: the same one is the same node, however often it was used
                array = id(tensor._value)
                if array not in constants:
                    constants[array] = add(tensor, gradient, 0)
                number_of[id(tensor)] = constants[array]

        def number(x: Any) -> int:
            """The number of an operand that is no record of the graph, or stands for another."""
            x = unaliased(x)
            # A plain value has no record; each number that is written in the code is one of its own.
            known = number_of.get(id(x)) if isinstance(x, Tensor) else constants.get(key(x)) if np.ndim(x) else None
            if known is None:
                known = constants[key(x)] = add(x, None, 0)
            return known

        for tensor, gradient in reached:
            if tensor._a is None:
                continue
            inputs = operands(tensor)
            if tensor._op.name == "argument":  # a transform's own record of what it was given: the same node
                number_of[id(tensor)] = number_of[id(unaliased(inputs[0]))]
                continue
            for x in inputs:
                known = number_of.get(id(x))
                sources.append(number(x) if known is None else known)
            number_of[id(tensor)] = add(tensor, gradient, len(inputs))
        return Outline(records, gradients, np.array(counts, np.int32), np.array(sources, np.int32), number_of)

    @cached_property
    def _built(self) -> _Built:
        return _Built(self, self.outline)

    def node_at(self, index: int) -> Node:
        """The node with this number, without building the others: ``graph.node_at(3).id`` is ``n3``."""
        return self._built.node_at(index)

    def _forget(self) -> None:
        """What was derived from the records no longer holds."""
        for derived in ("_watched", "_reached", "outline", "_built", "_last_named", "outputs"):
            self.__dict__.pop(derived, None)

    # -- back and forth -----------------------------------------------------------------------------------------

    @property
    def has_gradients(self) -> bool:
        """Whether the gradients have been run back."""
        return self._gradients is not None

    def backward(self, seed: Any = 1.0, *, of: str | None = None) -> dict[str, Any]:
        """Run the gradients back from the output, each op once, and return those of the inputs by name.

        Parameters
        ----------
        seed : float or array_like
            The gradient of the output to start from.
        of : str, optional
            The name of the node to start from; the output where it is not given.

        Returns
        -------
        dict
            The gradient of each input, in its value's shape; inputs without a path to the output have zeros.

        Raises
        ------
        GradientError
            If the output is an integer, or not a single number and the seed has another shape.
        """
        if of is not None:
            output = self[of].record
        else:  # `self.output` would look through the whole graph
            output = self._outputs[0] if len(self._outputs) == 1 else self.output.record
        if not isinstance(output, Tensor):
            raise GradientError(f"{of!r} is a constant; gradients run back from what was computed")
        shaped = seed_for(output, None if np.ndim(seed) == 0 and np.size(output._value) != 1 else seed)
        with one_at_a_time:
            self._sweep(output, shaped)
            self.take_gradients()
        return self.gradients()

    def run_back(self, output: Tensor, seed: Any) -> None:
        """The sweep of `gv.trace`: gradients of inner arrays are let go of, and computed again when someone looks."""
        later = Later(self)
        over = self._over
        if over is not hand_on:
            over = sparing(later)
        elif any(isinstance(x._value, np.ndarray) for x in self._inputs) and not self._may_change():
            over = letting_go(later)
        sweep(self._order, output, seed, over)
        self._gradients = [tensor._grad for tensor in self._order]
        self._unseen = None if over is hand_on else (output, seed)

    def _may_change(self) -> bool:
        """Whether a large plain array was used, which its owner may change: a later sweep would refuse it."""
        return stamps_given() and any(x._a is None and x._static is not None for x in self._order)

    def _sweep(self, output: Tensor, seed: Any) -> None:
        for tensor in self._order:
            tensor._grad = PENDING
        sweep(self._order, output, seed, self._over)

    def _all_gradients(self) -> list[Any]:
        """The gradient of each record, those that were let go of computed again."""
        if self._gradients is None:
            return [None] * len(self._order)
        if self._unseen is not None:
            with one_at_a_time:
                held = [tensor._grad for tensor in self._order]
                self._sweep(*self._unseen)
                self._gradients = [tensor._grad for tensor in self._order]
                for tensor, before, let_go in zip(self._order, held, self._gradients, strict=True):
                    tensor._grad = let_go if type(before) is Later and before.belongs_to(self) else before
                self._unseen = None
        return self._gradients

    def gradient_of(self, record: Tensor) -> Any:
        """The gradient that the sweep left on a record, also where it was let go of."""
        return next(g for x, g in zip(self._order, self._all_gradients(), strict=True) if x is record)

    def jacobian(self, of: str | Node | None = None, wrt: str | Node | None = None, *, limit: int = 1_000_000) -> Any:
        """The gradient of each element of one node with respect to another, along all paths between them.

        Parameters
        ----------
        of, wrt : str or Node, optional
            Names, ids or nodes; the output and the only input where they are not given.
        limit : int
            How many elements it may have.

        Returns
        -------
        float or numpy.ndarray
            Of the shape of `of` followed by that of `wrt`.

        Raises
        ------
        GradientError
            If either is an integer or a constant, or the Jacobian has more than `limit` elements.

        Examples
        --------
        >>> import numpy as np, gradviz as gv
        >>> graph = gv.trace(lambda x: np.sum(x * x), np.array([1.0, 2.0]))
        >>> graph.jacobian(wrt="x")
        array([2., 4.])
        """
        of = self._node(of, [self.output] if of is None else [])
        wrt = self._node(wrt, self.inputs)
        for node in (of, wrt):
            if node.kind == "constant":
                raise GradientError(f"{node.label} is a constant, which has no gradient: {self._choices(node.label)}")
        shape = of.shape + wrt.shape
        if np.prod(shape, dtype=float) > limit:
            raise GradientError(f"the Jacobian of {of.label} would have the shape {shape}, more than limit={limit:,}")
        kept = [tensor._grad for tensor in self._order]
        rows = [self._row(of, wrt, place) for place in np.ndindex(of.shape)]
        for tensor, gradient in zip(self._order, kept, strict=True):
            tensor._grad = gradient
        return rows[0] if not of.shape else np.reshape(np.array(rows, dtype=wrt.dtype), shape)

    def _node(self, asked: str | Node | None, default: list[Node]) -> Node:
        if isinstance(asked, Node):
            return asked
        if asked is not None:
            return self[asked]
        if len(default) != 1:
            raise GradientError(f"say wrt= which of them: {', '.join(node.label for node in default)}")
        return default[0]

    def _row(self, of: Node, wrt: Node, place: tuple[int, ...]) -> Any:
        """The gradient of one element of `of`."""
        one = np.zeros(of.shape)
        one[place] = 1.0
        with staying(wrt.record):
            self._sweep(of.record, seed_for(of.record, one[()]))
        found = wrt.record._grad
        return zeros(wrt.value) if found is PENDING else found

    def take_gradients(self) -> None:
        """Keep the gradients that a sweep has left on the records."""
        self._unseen = None
        self._gradients = [x._grad.of(x) if type(x._grad) is Later else x._grad for x in self._order]
        self._forget()

    def gradients(self) -> dict[str, Any]:
        """The gradients of the inputs by name."""
        named = self._gradients_of_leaves()
        return named if named is not None else {node.name or node.id: node.gradient for node in self.inputs}

    def _gradients_of_leaves(self) -> dict[str, Any] | None:
        """`gradients`, read off the records: at a million ops 0.1 s, and building the nodes 10 s.

        None where only the nodes can tell: whether what the sweep has not reached belongs to the graph, and ids.
        """
        if self._gradients is None:
            return None
        leaves = [(x, g) for x, g in zip(self._order, self._gradients, strict=True) if x._a is None]
        leaves = [(x, g) for x, g in leaves if x._op is not CONSTANT and is_differentiable(x._value)]
        leaves.sort(key=lambda leaf: leaf[0]._note.serial)  # pyright: ignore[reportOptionalMemberAccess]
        given = {id(x) for x in self._inputs}
        found: dict[str, Any] = {}
        for leaf, gradient in leaves:
            name = leaf.name or (None if leaf._code is None else locate(leaf._code, leaf._at).name)
            if name is None or (gradient is PENDING and id(leaf) not in given):
                return None
            found[name] = zeros(leaf._value) if gradient is PENDING else gradient
        return found

    def forward(self, **inputs: Any) -> Any:
        """Compute the graph again with other values for some inputs; afterwards its nodes show these.

        Gradients are gone until `backward` is run again.

        Returns
        -------
        The new value of the output; a list where there are several outputs.

        Raises
        ------
        NameNotFound
            If an input is not there.
        BranchChanged
            If Python code acted on a comparison, or on a number taken out of the graph, that would come out
            differently with these inputs. The graph stays as it was.
        """
        leaves = {node.name or node.id: node.record for node in self.inputs}
        for name in inputs:
            if name not in leaves:
                raise NameNotFound(f"the graph has no input named {name!r} (it has {', '.join(leaves)})")
        given = {id(leaves[name]): _like(leaves[name]._value, value, name) for name, value in inputs.items()}
        order = self._watched
        twins: dict[int, Tensor] = {}
        for tensor in order:
            twins[id(tensor)] = _replayed(tensor, twins, given)
        for tensor in order:
            _check_watches(tensor, twins)
        self._outputs = [twins[id(tensor)] for tensor in self._outputs]
        self._inputs = [twins[id(tensor)] for tensor in self._inputs]
        self._order = list(twins.values())
        self._gradients, self._unseen, self._over = None, None, hand_on
        self._forget()
        values = [tensor._value for tensor in self._outputs]
        return values[0] if len(values) == 1 else values

    def op_count(self) -> int:
        """How many ops there are."""
        return sum(1 for tensor, _ in self._reached if tensor._a is not None and tensor._op.name != "argument")

    def branches(self) -> list[Watch]:
        """The facts about traced values that Python code acted on: comparisons, truth values, numbers taken out."""
        return [fact for tensor in self._watched for fact in (tensor._note and tensor._note.watches) or ()]


class Outline(NamedTuple):
    """A graph as flat lists, by the number of the node.

    Attributes
    ----------
    records
        What each node stands for: a Tensor, or a constant's plain value.
    gradients
        What the sweep left there; None for a constant.
    counts
        How many operands each has.
    sources
        The operands of all nodes, one node after the other: for each edge the node it comes from.
    number_of
        The id of a record → its node's number.
    """

    records: list[Any]
    gradients: list[Any]
    counts: np.ndarray
    sources: np.ndarray
    number_of: dict[int, int]


class _Built:
    """The nodes and edges that a graph makes of its records, each when it is first looked at."""

    def __init__(self, graph: Graph, outline: Outline) -> None:
        self._graph = graph
        self._outline = outline
        self._nodes: list[Node | None] = [None] * len(outline.records)
        self._starts = np.concatenate([[0], np.cumsum(outline.counts)])

    def node_at(self, index: int) -> Node:
        node = self._nodes[index]
        if node is None:
            outline = self._outline
            node = Node(self._graph, index, outline.records[index], outline.gradients[index], self)
            self._nodes[index] = node
        return node

    def edges_into(self, node: Node) -> list[Edge]:
        start, stop = self._starts[node.index : node.index + 2]
        sources = self._outline.sources[start:stop].tolist()
        return [Edge(self.node_at(source), node, position) for position, source in enumerate(sources)]

    def uses_of(self, index: int) -> list[Edge]:
        edges, targets, starts = self._uses
        found = edges[starts[index] : starts[index + 1]]
        places = zip(targets[found].tolist(), found.tolist(), strict=True)
        return [self.node_at(target).inputs_edges[edge - int(self._starts[target])] for target, edge in places]

    @cached_property
    def _uses(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The numbers of the edges by their source, each edge's target, and where each source's edges begin."""
        counts, sources = self._outline.counts, self._outline.sources
        by_source = np.argsort(sources, kind="stable")
        starts = np.searchsorted(sources[by_source], np.arange(len(counts) + 1))
        return by_source, np.repeat(np.arange(len(counts)), counts), starts

    @cached_property
    def nodes(self) -> list[Node]:
        with fewer_collections():
            return [self.node_at(index) for index in range(len(self._nodes))]

    @cached_property
    def edges(self) -> list[Edge]:
        nodes, sources = self.nodes, iter(self._outline.sources.tolist())
        found: list[Edge] = []
        with fewer_collections():
            for node, count in zip(nodes, self._outline.counts.tolist(), strict=True):
                operands = [*islice(sources, count)]
                if node._edges is None:
                    node._edges = [Edge(nodes[source], node, position) for position, source in enumerate(operands)]
                found += node._edges
        return found


def _like(old: Any, new: Any, name: str) -> Any:
    """A new value for an input, with the old one's kind and shape."""
    new = value_of(new)
    if type(old) is float:
        if np.ndim(new):
            raise RecordError(f"input {name!r} is a single number, and was given an array of shape {np.shape(new)}")
        return float(_number(new, name, float))
    array = _number(new, name, old.dtype)
    if array.shape != old.shape:
        raise RecordError(f"input {name!r} has shape {old.shape}, and was given shape {array.shape}")
    return array if isinstance(old, np.ndarray) else array[()]


def _number(new: Any, name: str, dtype: Any) -> Any:
    try:
        return np.array(new, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise RecordError(f"input {name!r} was given {new!r}, which is no number and no array of numbers") from error


def _replayed(tensor: Tensor, twins: Mapping[int, Tensor], given: Mapping[int, Any]) -> Tensor:
    """The record that the same op makes of the new operands."""
    twin: Tensor = object.__new__(Tensor)
    for slot in ("_op", "_static", "_code", "_at"):
        setattr(twin, slot, getattr(tensor, slot))
    old = operands(tensor)
    new = tuple([twins[id(unaliased(x))] if isinstance(x, Tensor) else x for x in old])
    if not old:
        twin._value = given.get(id(tensor), tensor._value)
        twin._a = twin._b = None
    else:
        values = [value_of(x) for x in new]
        try:
            twin._value = tensor._op.compute(*values, **(tensor._static or {}))
        except ArithmeticError:
            twin._value = tensor._op.compute(*[np.float64(v) for v in values])
        if type(tensor._value) is float and isinstance(twin._value, np.float64):  # builtin max picks; np.maximum makes
            twin._value = float(twin._value)
        twin._a, twin._b = (new, None) if type(tensor._a) is tuple else (*new, None)[:2]
    twin._grad = None
    note = tensor._note
    twin._note = None if note is None else Note(note.name, note.scope, note.serial)
    return twin


def _check_watches(tensor: Tensor, twins: Mapping[int, Tensor]) -> None:
    """Raise where a fact that Python code acted on comes out differently; else let the twin watch its own operands."""
    note, twin_note = tensor._note, twins[id(tensor)]._note
    if note is None or twin_note is None or note.watches is None:
        return
    twin_note.watches = []
    for fact in note.watches:
        inputs = tuple([twins.get(id(x), x) if isinstance(x, Tensor) else x for x in fact.operands])
        again = fact.compute(*[value_of(x) for x in inputs])
        if not _same(again, fact.result):
            where = locate(fact.code, fact.at)
            raise BranchChanged(
                f"with these inputs the code would go another way at {where.file}:{where.line}: "
                f"{where.code or fact.text} {_change(fact.result, again)}: trace it again"
            )
        twin_note.watches.append(fact.on(inputs))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))  # pyright: ignore[reportUnknownArgumentType]
    if np.shape(a) != np.shape(b):
        return False
    return bool(np.array_equal(a, b, equal_nan=np.result_type(a, b).kind in "fc"))


def _change(old: Any, new: Any) -> str:
    """How two outcomes differ, in one line."""
    if isinstance(old, tuple) or np.shape(old) != np.shape(new):
        return "would have another outcome"
    if np.ndim(old):
        return f"would come out differently for {np.count_nonzero(old != new)} of {np.size(old)} elements"
    new = new.item() if isinstance(new, np.generic) else new
    return f"was {old!r} when traced, and would be {new!r}"
