"""Draws the activation functions as curves: each with its value and, by gradviz, its slope."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import gradviz as gv
from gradviz.render.theme import SANS, THEMES

#: function → its formula, and itself.
ACTIVATIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sigmoid": ("σ(x) = 1 / (1 + e⁻ˣ)", gv.sigmoid),
    "tanh": ("tanh(x) = 2σ(2x) − 1", np.tanh),
    "hard tanh": ("−1, x or 1", gv.hard_tanh),
    "ReLU": ("max(0, x)", gv.relu),
    "leaky ReLU": ("max(0.01x, x)", gv.leaky_relu),
    "parametric ReLU": ("max(αx, x), here α = ¼", lambda x: gv.prelu(x, 0.25)),
}

#: From −SPAN to SPAN on either axis: a width of 4, and a height of 1.6 for values.
SPAN, HIGH = 4.0, 1.6
WIDE, TALL, GAP, COLUMNS, TOP = 240, 150, 36, 3, 70
#: From one point to the next a line that is no jump moves less.
JUMP = 5.0


def curves(f: Callable[[Any], Any], points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of an activation, and its slopes: the gradient of their sum."""
    x = gv.tensor(points, name="x")
    values = f(x)
    np.sum(values).backward()
    return values.value, x.grad


def draw_curves(folder: Path) -> Path:
    """Draw them into `folder`."""
    path = folder / "activations.svg"
    path.write_text(drawn(), encoding="utf-8")
    return path


def drawn() -> str:
    """The picture: a panel a function."""
    rows = -(-len(ACTIVATIONS) // COLUMNS)
    width = COLUMNS * (WIDE + GAP) + GAP
    height = TOP + rows * (TALL + GAP + 34)
    colours = THEMES["light"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="{SANS}, Helvetica, sans-serif" font-size="13">',
        "<title>Activation functions: their values, and the slopes that scale the gradient</title>",
        f'<rect width="{width}" height="{height}" fill="{colours["background"]}"/>',
        _text(width / 2, 28, "Activation functions", "ink", size=19, anchor="middle", bold=True),
        _text(width / 2 - 60, 50, "value f(x)", "value", anchor="end", bold=True),
        _text(width / 2 - 40, 50, "slope f′(x): local gradient", "gradient", bold=True),
    ]
    for place, (name, (formula, f)) in enumerate(ACTIVATIONS.items()):
        row, column = divmod(place, COLUMNS)
        parts.append(_panel(GAP + column * (WIDE + GAP), TOP + 34 + row * (TALL + GAP + 34), name, formula, f))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: float, top: float, name: str, formula: str, f: Callable[[Any], Any]) -> str:
    points = np.linspace(-SPAN, SPAN, 201)
    values, slopes = curves(f, points)
    x = left + (points + SPAN) / (2 * SPAN) * WIDE

    def y(value: Any) -> Any:
        return top + TALL / 2 - np.clip(value, -HIGH, HIGH) / HIGH * TALL / 2

    axis = THEMES["light"]["hairline"]
    parts = [
        _text(left, top - 10, name, "ink", bold=True),
        _text(left + WIDE, top - 10, formula, "muted", anchor="end", size=11),
        f'<path d="M{left} {y(0):g}H{left + WIDE}M{left + WIDE / 2} {top}V{top + TALL}" stroke="{axis}"/>',
    ]
    for mark in (-1, 0, 1):
        parts.append(f'<path d="M{left + WIDE / 2 - 3} {y(mark):g}h6" stroke="{axis}"/>')
        parts.append(_text(left - 5, y(mark) + 4, _signed(mark), "muted", anchor="end", size=10))
    for mark in (-SPAN, 0, SPAN):
        at = left + (mark + SPAN) / (2 * SPAN) * WIDE
        parts.append(_text(at, top + TALL + 13, _signed(mark), "muted", anchor="middle", size=10))
    parts.append(_line(x, np.where(np.abs(values) <= HIGH, y(values), np.nan), "value"))
    parts.append(_line(x, y(slopes), "gradient", dashed=True))
    return "\n".join(parts)


def _signed(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _line(x: np.ndarray, y: np.ndarray, part: str, *, dashed: bool = False) -> str:
    """A line through the points; it has a gap where it jumps, and where there is nothing."""
    path, before = "", np.nan
    for a, b in zip(x, y, strict=True):
        if np.isfinite(b):
            path += f"{'L' if abs(b - before) < JUMP else 'M'}{a:.1f} {b:.1f}"
        before = b
    dashes = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{THEMES["light"][part]}" stroke-width="2"{dashes}/>'


def _text(
    x: float, y: float, text: str, part: str, *, size: float = 13, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{THEMES["light"][part]}" font-size="{size}" text-anchor="{anchor}"{weight}>'
        f"{escape(text)}</text>"
    )
