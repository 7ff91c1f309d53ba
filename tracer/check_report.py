"""What a gradient check found: plain data that prints as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .errors import GradientError
from .numeric import BLAMED

__all__ = ["GradientReport", "InputCheck", "OpCheck"]


@dataclass(frozen=True, kw_only=True)
class InputCheck:
    """How the gradient of one input compares with differences.

    Attributes
    ----------
    name, shape, dtype
        The input.
    method, checked
        How it was checked, and how many elements or directions.
    error
        The worst relative error.
    index
        Where it is; None where it is along a direction.
    analytic, numeric
        The gradient there, as the rules give it and as differences do; along a direction, its share in it.
    left, right
        The slopes on both sides there.
    verdict
        One of `VERDICTS`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    method: str
    checked: int
    error: float
    index: tuple[int, ...] | None
    analytic: float
    numeric: float
    left: float
    right: float
    verdict: str

    @property
    def at(self) -> str:
        """Where the worst error is, in words."""
        if self.index is None:
            return "along a direction"
        return self.name + (f"[{', '.join(map(str, self.index))}]" if self.index else "")


@dataclass(frozen=True, kw_only=True)
class OpCheck:
    """How the rule of one recorded op, towards one operand, compares with differences of the op itself.

    Attributes
    ----------
    op, node, label
        The op's name, its id in the graph, and how the code writes it.
    position, operand
        Which operand, and what it is called.
    error, analytic, numeric, verdict
        As for `InputCheck`.
    file, line, code
        Where the op stands in the source; None where that is not known.
    """

    op: str
    node: str
    label: str
    position: int
    operand: str
    error: float
    analytic: float
    numeric: float
    verdict: str
    file: str | None
    line: int | None
    code: str | None

    @property
    def place(self) -> str:
        """Where it stands, as file:line."""
        return f"{self.file}:{self.line}" if self.file is not None else "somewhere"


@dataclass(frozen=True, kw_only=True)
class GradientReport:
    """What a check found. It prints as a table.

    Attributes
    ----------
    function
        The name of what was checked.
    inputs
        One entry per input.
    ops
        One entry per op and operand that was compared.
    notes
        What else there is to know.
    tolerance
        The relative error up to which a gradient counts as right.
    """

    function: str
    inputs: tuple[InputCheck, ...]
    ops: tuple[OpCheck, ...] = ()
    notes: tuple[str, ...] = ()
    tolerance: float = 1e-6

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: a gradient at a kink is not."""
        return not self.wrong_inputs and not self.wrong_ops

    @property
    def wrong_inputs(self) -> tuple[InputCheck, ...]:
        """The inputs whose gradient is wrong."""
        return tuple(x for x in self.inputs if x.verdict in BLAMED)

    @property
    def wrong_ops(self) -> tuple[OpCheck, ...]:
        """The ops whose rule is wrong."""
        return tuple(x for x in self.ops if x.verdict in BLAMED)

    def raise_if_wrong(self) -> None:
        """Raise where something is wrong; do nothing where nothing is.

        Raises
        ------
        GradientError
            If a gradient is wrong, in one line that names the op at fault and its place.
        """
        if not self.ok:
            raise GradientError("; ".join(self._faults()))

    def _faults(self) -> Iterator[str]:
        for x in self.wrong_inputs[:3]:
            yield (
                f"the gradient of {self.function} is {x.analytic:.6g} at {x.at}, where differences give "
                f"{x.numeric:.6g} (relative error {x.error:.2g})"
            )
        for x in self.wrong_ops[:3]:
            yield (
                f"the rule of {x.op} towards {x.operand} is wrong at {x.place}: it gives {x.analytic:.6g}, and "
                f"differences {x.numeric:.6g}"
            )

    def __str__(self) -> str:
        right = sum(1 for x in self.inputs if x.verdict == "right")
        lines = [
            f"{self.function}: {right} of {len(self.inputs)} gradients agree with differences (to {self.tolerance:g})"
        ]
        lines += _table(
            ("input", "checked", "worst error", "at", "gradient", "differences", "verdict"), _rows(self.inputs)
        )
        others = [x for x in self.ops if x.verdict != "right"]
        lines.append(f"{len(self.ops)} rules compared op by op, {len(self.wrong_ops)} wrong")
        if others:
            lines += _table(("op", "towards", "where", "gradient", "differences", "verdict"), _op_rows(others))
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)


def _rows(inputs: Iterable[InputCheck]) -> Iterator[tuple[str, ...]]:
    for x in inputs:
        what = "directions" if x.method == "directions" else f"of {int(np.prod(x.shape)):,}"
        yield (
            f"{x.name} {x.shape if x.shape else ''}".strip(),
            f"{x.checked:,} {what}",
            f"{x.error:.1e}",
            x.at,
            f"{x.analytic:.6g}",
            f"{x.numeric:.6g}" + (f" ({x.left:.3g} | {x.right:.3g})" if x.verdict == "kink" else ""),
            x.verdict,
        )


def _op_rows(ops: Iterable[OpCheck]) -> Iterator[tuple[str, ...]]:
    for x in ops:
        yield (
            x.op,
            x.operand,
            f"{x.place}  {x.code or ''}".strip(),
            f"{x.analytic:.6g}",
            f"{x.numeric:.6g}",
            x.verdict,
        )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [header, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
