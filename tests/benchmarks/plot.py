"""Draws time per op, forward and back, against the number of ops, as SVG: both are flat, for both passes are O(n)."""

from __future__ import annotations

from math import ceil, log10

from gradviz.render.theme import SANS, THEMES

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 130, 60, 60
#: What is timed, by the colours that a value and a gradient have in all pictures.
LINES = {"forward": "value", "back": "gradient"}


def drawn(points: list[tuple[int, float, float]]) -> str:
    """The picture of (ops, µs per op forward, µs per op back)."""
    colours = THEMES["light"]
    top = ceil(max(max(f, b) for _, f, b in points) * 10) / 10
    first, last = log10(points[0][0]), log10(points[-1][0])

    def x(ops: int) -> float:
        return LEFT + (log10(ops) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="{SANS}, Helvetica, sans-serif" font-size="13" fill="{colours["ink"]}">',
        "<title>Time per op against the number of ops: forward and back are both O(n)</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours["background"]}"/>',
        f'<text x="{LEFT}" y="26" font-weight="bold">A chain of × and +: µs per op</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">ops in the chain</text>',
    ]
    for mark in (i / 10 for i in range(round(top * 10) + 1)):
        parts.append(f'<path d="M{LEFT} {y(mark):.1f}H{WIDTH - RIGHT}" stroke="{colours["hairline"]}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:g}</text>')
    for power in range(ceil(first), int(last) + 1):
        place = f'x="{x(10**power):.1f}" y="{HEIGHT - BOTTOM + 20}"'
        parts.append(f'<text {place} text-anchor="middle">{10**power:,}</text>')
    at = -20.0
    for place, (name, part) in sorted(enumerate(LINES.items()), key=lambda line: -points[-1][1 + line[0]]):
        where = [(x(point[0]), y(point[1 + place])) for point in points]
        path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in where)
        parts.append(f'<path d="{path}" fill="none" stroke="{colours[part]}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colours[part]}"/>' for a, b in where]
        at = max(where[-1][1] + 4, at + 18)  # from the top down, and none upon another
        written = f'<text x="{WIDTH - RIGHT + 12}" y="{at:.1f}" fill="{colours[part]}" font-weight="bold">'
        parts.append(f"{written}{name} {points[-1][1 + place]:.2f}</text>")
    ratios = ", ".join(f"{back / forward:.2f}" for _, forward, back in points)
    parts.append(
        f'<text x="{LEFT}" y="44" fill="{colours["muted"]}">back ÷ forward, from left to right: {ratios}</text>'
    )
    return "\n".join([*parts, "</svg>"]) + "\n"
