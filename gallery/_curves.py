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
    "parametric ReLU": ("max(αx, x), here α = ¼, learnt", lambda x: gv.prelu(x, 0.25)),
}

#: From −SPAN to SPAN on either axis: a width of 4, and a height of 1.6 for values.
SPAN, HIGH = 4.0, 1.6
WIDE, TALL, GAP, COLUMNS, TOP = 240, 150, 36, 3, 70


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
        _text(width / 2 - 10, 50, "value f(x)", "value", anchor="end", bold=True),
        _text(width / 2 + 10, 50, "slope f′(x): local gradient", "gradient", bold=True),
    ]
    for place, (name, (formula, f)) in enumerate(ACTIVATIONS.items()):
        row, column = divmod(place, COLUMNS)
        parts.append(_panel(GAP + column * (WIDE + GAP), TOP + 34 + row * (TALL + GAP + 34), name, formula, f))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: float, top: float, name: str, formula: str, f: Callable[[Any], Any]) -> str:
    points = np.linspace(-SPAN, SPAN, 801)
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
    for mark in (-1, 1):
        parts.append(f'<path d="M{left + WIDE / 2 - 3} {y(mark):g}h6" stroke="{axis}"/>')
        parts.append(_text(left + WIDE / 2 + 6, y(mark) + 4, f"{mark}".replace("-", "−"), "muted", size=10))
    parts.append(_line(x, y(values), "value", shown=np.abs(values) <= HIGH))
    parts.append(_line(x, y(slopes), "gradient", dashed=True))
    return "\n".join(parts)


def _line(x: np.ndarray, y: np.ndarray, part: str, *, shown: np.ndarray | None = None, dashed: bool = False) -> str:
    keep = np.ones(len(x), bool) if shown is None else shown
    path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x[keep][::4], y[keep][::4], strict=True))
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
