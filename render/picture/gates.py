"""Boxes that show the circuit alone: an op is its sign, with its name above and its role below; folds among them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...tracer import Node
from ...tracer.expression import shortened
from ..document import Box, Row, Spark, Text
from ..numbers import value_text
from . import parts
from .heat import spark_of
from .view import Item, View, norm

__all__ = ["fold_box", "gate", "leaf", "small_gate", "small_leaf"]

_LONG = 10
_LONGEST_CAPTION, _BESIDE_WIRES = 16, 13
_SYMBOLS = 5
#: So many letters of a sum stand on a line under a box.
_SUM_WIDTH = 12
#: More repetitions than this are plotted by a sample of them.
_PLOTTED = 48


def leaf(view: View, item: Item, prefix: str = "") -> Box:
    """A leaf: its name, and the sum of its gradient where it is used more than once."""
    node = item.node
    if item.copy:
        return _copy(view, item)
    if node.kind == "constant" and node.name is None and not node.shape:
        return _plain_number(view, item)
    name = node.name if node.name is not None else value_text(node.value)
    style = "name" if len(name) <= _LONG else "long name"
    return Box(
        id=item.id,
        kind=node.kind,
        form="gate",
        rows=(Row((Text(name, prefix + style),)),),
        footer=_sum(view, node),
        label=parts.hover(view, node),
        small=bool(prefix),
    )


def _plain_number(view: View, item: Item) -> Box:
    """A number written in the code: small, it is no one's to choose."""
    row = Row((Text(value_text(item.node.value), "constant value"),))
    label = parts.hover(view, item.node)
    return Box(id=item.id, kind="constant", form="gate", rows=(row,), label=label, small=True)


def _copy(view: View, item: Item) -> Box:
    """A leaf drawn again where it is used."""
    name = item.node.name if item.node.name is not None else value_text(item.node.value)
    row = Row((Text(name, "copy name"),))
    label = f"{parts.hover(view, item.node)}\n(drawn again: it has {view.facts.fanout[item.node.index]:,} uses)"
    return Box(id=item.id, kind="copy", form="gate", rows=(row,), label=label, small=True)


def gate(view: View, item: Item, prefix: str = "", *, gilded: bool = False) -> Box:
    """An op: its sign in a box. `gilded` are outputs that have no box of their own."""
    node = item.node
    is_output = gilded and any(node is output for _, output in view.outputs)
    return Box(
        id=item.id,
        kind="output" if is_output else "op",
        form="gate",
        title=_caption(node, prefix),
        symbol=node.symbol,
        rows=tuple(Row((), port=edge.position) for edge in node.inputs_edges),
        footer=((Text(node.role or "", "small role" if prefix else "gate role"),), *_sum(view, node)),
        label=parts.hover(view, node),
        small=bool(prefix),
    )


def small_leaf(view: View, item: Item) -> Box:
    """`leaf`, small."""
    return leaf(view, item, "small ")


def small_gate(view: View, item: Item) -> Box:
    """`gate`, small; an output is painted as one."""
    return gate(view, item, "small ", gilded=True)


def _caption(node: Node, prefix: str) -> tuple[Text, ...]:
    if node.name is not None:
        return (Text(node.name, f"{prefix}caption"),)
    expression = node.expression
    if len(expression) > _LONGEST_CAPTION:
        return ()
    # A wire that comes down to the upper of several ports would cross what is wider than the box.
    shown = shortened(node, _BESIDE_WIRES) if len(node.inputs) > 1 else expression
    return () if shown.startswith("…") else (Text(shown, f"{prefix}long caption"),)


def _sum(view: View, node: Node) -> tuple[tuple[Text, ...], ...]:
    """∑ 5=2+3 under what is used more than once."""
    rest = parts.sum_texts(view, node)
    if not rest:
        return ()
    gradient = parts.gradient_text(view, node.gradient, norms=True)
    if " paths" in rest:
        return ((Text("∑ ", "aside"), Text(gradient, "small gradient"), Text(f" {rest[5:]}", "small aside")),)
    start = (Text("∑ ", "aside"), Text(gradient, "gradient"))
    first, *more = _wrapped(rest, _SUM_WIDTH - len(gradient))
    if not first:  # the equals sign begins the next line
        return (start, *[(Text(line, "sum"),) for line in (f"={more[0]}", *more[1:])])
    return ((*start, Text(f"={first}", "sum")), *[(Text(line, "sum"),) for line in more])


def _wrapped(terms: str, room: int) -> list[str]:
    """A sum as lines, `2+3`, the first no longer than `room` allows, if need be empty, the others than `_SUM_WIDTH`.

    A box is as wide as what stands under it, and should not be as wide as a long sum.
    """
    words = terms.split(" ")
    lines = [""]
    for term in [words[0], *map("".join, zip(words[1::2], words[2::2], strict=True))]:
        if (lines[-1] or len(lines) == 1) and len(lines[-1]) + len(term) > (room if len(lines) == 1 else _SUM_WIDTH):
            lines.append("")
        lines[-1] += term
    return lines


# -- folds -----------------------------------------------------------------------------------------------------------


def fold_box(view: View, item: Item, *, small: bool) -> Box:
    """A fold: one op of a line that ran many times is still that op; all else is a box with what is in it."""
    prefix = "small " if small else ""
    return _many_times(view, item, prefix) if item.ports else _inside(view, item)


def _many_times(view: View, item: Item, prefix: str) -> Box:
    node, made = item.node, item.fold
    times = made.times if made is not None else 1
    spark, told = _plot(view, item)
    title = Text(node.name, f"{prefix}caption") if node.name is not None else Text("", f"{prefix}caption")
    where = f"{made.name} " if made is not None else ""
    footer = [(Text(node.role or "", "small role" if prefix else "gate role"),), *told]
    if node.name is None:
        footer.insert(0, (Text(where.strip(), "fold count"),))
    return Box(
        id=item.id,
        kind="fold",
        form="gate",
        title=(title, Text(f" ×{times:,}", "times")),
        symbol=node.symbol,
        rows=tuple(Row((), port=edge.position) for edge in node.inputs_edges),
        footer=tuple(footer),
        label=f"{where}ran {times:,} times; the last time:\n{parts.hover(view, node)}{_spark_words(spark)}",
        small=bool(prefix),
        spark=spark,
    )


def _inside(view: View, item: Item) -> Box:
    made = item.fold
    name, times = (made.name.rpartition("/")[2], made.times) if made is not None else ("", 1)
    if made is not None and made.kind == "chain":
        name = f"… → {item.node.name}" if item.node.name is not None else "chain"
    title = (Text(name, "long name"),)
    if times > 1:
        title += (Text(f" ×{times:,}", "times"),)
    count, signs = _contents(view, item)
    rows = [Row((Text(f"{count}", "fold count"),))] + ([Row((Text(signs, "fold count"),))] if signs else [])
    spark, told = _plot(view, item)
    rows += [Row(line) for line in told]
    return Box(
        id=item.id,
        kind="fold",
        form="leaf",
        title=title,
        rows=tuple(rows),
        label=f"{parts.item_name(item)}: {count}, {signs}{_spark_words(spark)}",
        spark=spark,
    )


def _contents(view: View, item: Item) -> tuple[str, str]:
    """How much is in a fold, and the signs of the ops that are most often in it."""
    facts = view.facts
    ops = item.members[~facts.leaf[item.members]]
    if not len(ops):
        return f"{len(item.members):,} leaves", ""
    records = facts.graph.outline.records
    kinds = Counter(facts.op[ops].tolist())
    first = {int(facts.op[i]): records[i] for i in reversed(ops[:20_000].tolist())}
    signs = [first[kind]._op.symbol for kind, _ in kinds.most_common(_SYMBOLS) if kind in first]
    more = " …" if len(kinds) > _SYMBOLS else ""
    return f"{len(ops):,} ops", " ".join(signs) + more


def _plot(view: View, item: Item) -> tuple[Spark | None, tuple[tuple[Text, ...], ...]]:
    """The gradient's norm over the repetitions, and what its ends are."""
    spark = spark_of(_norms(view, item))
    if spark is None:
        return None, ()
    ends = f"{spark.first} → {spark.last}"
    sign = "‖∇‖ " if item.node.shape else "|∇| "
    return spark, ((Text(sign, "small aside"), Text(ends, "small gradient")),)


def _norms(view: View, item: Item) -> list[float]:
    """The norm of the gradient of each repetition's last node, in the order they ran; a sample of very many."""
    made = item.fold
    if made is None or made.times < 2:
        return []
    facts = view.facts
    members = item.members if made.kind == "leaves" else item.members[~facts.leaf[item.members]]
    per = max(1, len(members) // made.times)
    last = members[per - 1 :: per]
    if len(last) > _PLOTTED:
        last = last[np.linspace(0, len(last) - 1, _PLOTTED).astype(int)]
    gradients = [facts.graph.node_at(i).gradient for i in last.tolist()]
    return [norm(g) for g in gradients if g is not None]


def _spark_words(spark: Spark | None) -> str:
    return (
        ""
        if spark is None
        else f"\nthe gradient's norm over the repetitions: {spark.first} → {spark.last}  {spark.text}"
    )
