"""Draws time per op, and back ÷ forward, against the number of ops, as SVG: both are flat, for both passes are O(n)."""

from __future__ import annotations

from math import ceil, log10

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 60, 180, 40, 50
COLOURS = {"forward": "#2166ac", "back": "#b2182b", "back ÷ forward": "#4d4d4d"}


def drawn(points: list[tuple[int, float, float]]) -> str:
    """The picture of (ops, µs per op forward, µs per op back)."""
    lines = {
        "forward": [f for _, f, _ in points],
        "back": [b for _, _, b in points],
        "back ÷ forward": [b / f for _, f, b in points],
    }
    top = ceil(max(max(values) for values in lines.values()) * 2) / 2
    first, last = log10(points[0][0]), log10(points[-1][0])

    def x(ops: int) -> float:
        return LEFT + (log10(ops) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Time per op against the number of ops: flat, for forward and back are both O(n)</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-weight="bold">A chain of × and +: µs per op, by the number of ops</text>',
    ]
    for i in range(int(top * 2) + 1):
        mark = i / 2
        parts.append(f'<path d="M{LEFT} {y(mark):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:g}</text>')
    for power in range(int(first), int(last) + 1):
        place = f'x="{x(10**power):.1f}" y="{HEIGHT - BOTTOM + 20}"'
        parts.append(f'<text {place} text-anchor="middle">{10**power:,}</text>')
    beside = sorted(lines, key=lambda name: lines[name][-1])
    at = HEIGHT - BOTTOM + 100.0
    for name in beside:
        colour, values = COLOURS[name], lines[name]
        where = [(x(ops), y(value)) for (ops, _, _), value in zip(points, values, strict=True)]
        dashed = ' stroke-dasharray="5 4"' if name == "back ÷ forward" else ""
        path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in where)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in where]
        at = min(where[-1][1] + 4, at - 16)  # texts that would lie on each other are moved up
        parts.append(f'<text x="{WIDTH - RIGHT + 12}" y="{at:.1f}" fill="{colour}">{name} {values[-1]:.2f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
