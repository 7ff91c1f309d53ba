"""The themes: colours by the part they paint, and the styles of text. Two tables, from which everything is drawn."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "FAILED",
    "HEAT_STEPS",
    "MONO",
    "RAMP_STEPS",
    "SANS",
    "STYLES",
    "THEMES",
    "TextStyle",
    "heat_part",
    "marks_failed",
    "ramp_part",
]

SANS = "Arial"
MONO = "Courier New"

#: theme → part → colour. Within a theme every part has a hex of its own, so that a picture's colours can be exchanged
#: afterwards. Forward and backward were chosen by measurement: for a deuteranope they lie 56 apart (classic green and
#: red: 7), and their contrast on white is 5.7 and 5.2 to 1. Input and parameter differ in brightness, since blue and
#: violet are one to whom red is missing; so do gradient and local gradient.
THEMES: dict[str, dict[str, str]] = {
    "light": {
        "background": "#FFFFFF",
        "ink": "#1F2933",
        "muted": "#5B6670",
        "wire": "#4A5560",
        "hairline": "#C9D1D9",
        "zero": "#8A949E",
        "value": "#007460",
        "gradient": "#C43E00",
        "local": "#5A4200",
        "role": "#3566A9",
        "input-fill": "#EAF1FB",
        "input-border": "#3566A8",
        "parameter-fill": "#F3ECFA",
        "parameter-border": "#572F8F",
        "output-fill": "#FFF3D6",
        "output-border": "#9A6A00",
        "constant-fill": "#FBFCFD",
        "constant-border": "#8A949F",
        "op-fill": "#FDFEFF",
        "op-border": "#1F2934",
        "fold-fill": "#F4F6F8",
        "fold-border": "#5B6671",
        "failed-fill": "#FFF0EE",
        "failed-border": "#B3261E",
        "copy-fill": "#FEFEFE",
        "copy-border": "#C9D1DA",
        "cluster-fill": "#F6F8FA",
        "cluster-fill-inner": "#EDF1F6",
        "cluster-border": "#C9D1DB",
        "spark": "#C23F02",
        "nan": "#D6006C",
    },
    "dark": {
        "background": "#14171C",
        "ink": "#E6EAF0",
        "muted": "#9AA5B1",
        "wire": "#8794A3",
        "hairline": "#3A424D",
        "zero": "#7C8794",
        "value": "#4FD1A9",
        "gradient": "#FF9A5C",
        "local": "#E3C77A",
        "role": "#8CB8F5",
        "input-fill": "#1B2A40",
        "input-border": "#79A8E8",
        "parameter-fill": "#2A2140",
        "parameter-border": "#D0B6F8",
        "output-fill": "#33290F",
        "output-border": "#E0B040",
        "constant-fill": "#191D23",
        "constant-border": "#7C8795",
        "op-fill": "#1E232B",
        "op-border": "#E6EAF1",
        "fold-fill": "#20262E",
        "fold-border": "#9AA5B2",
        "failed-fill": "#3A1A18",
        "failed-border": "#FF8A80",
        "copy-fill": "#15181D",
        "copy-border": "#3A424E",
        "cluster-fill": "#1A1E25",
        "cluster-fill-inner": "#20252E",
        "cluster-border": "#3A424F",
        "spark": "#FE9B5E",
        "nan": "#FF5FA8",
    },
}

#: A tensor's elements are painted in so many steps on either side of zero, from −max to +max.
HEAT_STEPS = 10
#: Magnitudes are painted in so many steps; the number of a step is also the width of its wire.
RAMP_STEPS = 8

# The ends and the middle of the diverging scale (ColorBrewer's PuOr; on dark, zero recedes into the background), and
# the single-hue ramp, step by step.
_HEAT = {"light": ("#542788", "#F7F7F7", "#B35806"), "dark": ("#A584DB", "#2B3038", "#F09A3E")}
_RAMP = {
    "light": ("#D9DEE3", "#F3C9AE", "#EFA77C", "#E5804A", "#D65F1F", "#B84300", "#A03800", "#8A2F00"),
    "dark": ("#343B45", "#54402F", "#784B2C", "#9E5A2C", "#C56D33", "#E98745", "#FFAC73", "#FFD0AC"),
}


def heat_part(step: int) -> str:
    """The part that paints a step of the diverging scale, from −10 to 10: ``heat-m3``, ``heat-0``, ``heat-p3``."""
    return f"heat-{'m' if step < 0 else 'p' if step else ''}{abs(step)}"


def ramp_part(step: int) -> str:
    """The part that paints a step of the magnitudes' ramp, from 1 to 8."""
    return f"ramp-{step}"


def _mixed(one: str, other: str, share: float) -> str:
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _heat_scale(low: str, middle: str, high: str) -> dict[str, str]:
    # The steps near zero are drawn apart from it, or small numbers would look like none.
    return {
        heat_part(step): _mixed(middle, low if step < 0 else high, (abs(step) / HEAT_STEPS) ** 0.8)
        for step in range(-HEAT_STEPS, HEAT_STEPS + 1)
    }


for _name, _ends in _HEAT.items():
    THEMES[_name] |= {ramp_part(_step): _colour for _step, _colour in enumerate(_RAMP[_name], 1)}
    THEMES[_name] |= _heat_scale(*_ends)


def _grey(colour: str) -> str:
    """The grey that is as bright: what paper makes of a colour."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    level = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return f"#{round(255 * level):02X}" + f"{round(255 * level):02X}" * 2


# For paper without colours: position, arrows and dashes carry the meaning.
THEMES["print"] = {_part: _grey(_colour) for _part, _colour in THEMES["light"].items()}
# Purple and orange are the same grey: on paper black is −max, white is +max. What failed is shaded, as nothing
# else is, and every ink dark enough to be read on it.
THEMES["print"] |= {
    **_heat_scale("#101010", "#8C8C8C", "#FFFFFF"),
    "parameter-fill": "#F2F2F2",
    "failed-fill": "#E2E2E2",
    "failed-border": "#000000",
    **dict.fromkeys(("value", "gradient"), "#404040"),
    **dict.fromkeys(("muted", "role"), "#5C5C5C"),
}

#: theme → what is said of boxes that failed.
FAILED: dict[str, str] = {"light": "red", "dark": "red", "print": "shaded"}


def marks_failed(note: str) -> bool:
    """Whether a note says where the first NaN came up."""
    return note.startswith(tuple(f"{said}: " for said in FAILED.values()))


class TextStyle(NamedTuple):
    """How a run of text looks: the part whose colour it has, its size in points, bold, and in which face."""

    ink: str
    size: int
    bold: bool = False
    face: str = SANS


#: style → look. Documents name these styles and nothing else. Sizes are whole, as Graphviz takes them in a label.
STYLES: dict[str, TextStyle] = {
    "title": TextStyle("ink", 19, bold=True),
    "legend": TextStyle("muted", 11),
    "legend value": TextStyle("value", 11, bold=True),
    "legend gradient": TextStyle("gradient", 11, bold=True),
    "legend zero": TextStyle("zero", 11, bold=True),
    "name": TextStyle("ink", 17, bold=True),
    "long name": TextStyle("ink", 13, bold=True),
    "equals": TextStyle("muted", 13),
    "value": TextStyle("value", 15, bold=True, face=MONO),
    "shape": TextStyle("value", 12, bold=True, face=MONO),
    "partial": TextStyle("muted", 11),
    "gradient": TextStyle("gradient", 13, bold=True, face=MONO),
    "zero gradient": TextStyle("zero", 13, bold=True, face=MONO),
    "sum": TextStyle("muted", 10, face=MONO),
    "aside": TextStyle("muted", 11),
    "head": TextStyle("ink", 13, bold=True),
    "head rest": TextStyle("muted", 12),
    "formula": TextStyle("muted", 11),
    "local": TextStyle("local", 13, bold=True, face=MONO),
    "local rule": TextStyle("local", 11, bold=True),
    "rule shape": TextStyle("muted", 9, face=MONO),
    "zero local": TextStyle("zero", 13, bold=True, face=MONO),
    "role": TextStyle("role", 9, bold=True),
    "role line": TextStyle("muted", 9),
    "caption": TextStyle("ink", 13, bold=True),
    "long caption": TextStyle("muted", 10),
    "gate role": TextStyle("role", 11, bold=True),
    "wire value": TextStyle("value", 14, bold=True, face=MONO),
    "wire value arrow": TextStyle("value", 11),
    "wire gradient": TextStyle("gradient", 14, bold=True, face=MONO),
    "wire gradient arrow": TextStyle("gradient", 11),
    "wire zero": TextStyle("zero", 14, bold=True, face=MONO),
    "wire zero arrow": TextStyle("zero", 11),
    "array value": TextStyle("value", 12, bold=True, face=MONO),
    "array value arrow": TextStyle("value", 11),
    "array gradient": TextStyle("gradient", 12, bold=True, face=MONO),
    "array gradient arrow": TextStyle("gradient", 11),
    "array zero": TextStyle("zero", 12, bold=True, face=MONO),
    "array zero arrow": TextStyle("zero", 11),
    "array arithmetic": TextStyle("muted", 9, face=MONO),
    "array aside": TextStyle("muted", 9),
    "wire arithmetic": TextStyle("muted", 10, face=MONO),
    "wire aside": TextStyle("muted", 9),
    "symbol sign": TextStyle("ink", 28, bold=True),
    "symbol word": TextStyle("ink", 17, bold=True),
    "symbol long": TextStyle("ink", 12, bold=True),
    "small symbol sign": TextStyle("ink", 21, bold=True),
    "small symbol word": TextStyle("ink", 13, bold=True),
    "small symbol long": TextStyle("ink", 9, bold=True),
    "small name": TextStyle("ink", 14, bold=True),
    "small long name": TextStyle("ink", 10, bold=True),
    "small caption": TextStyle("ink", 11, bold=True),
    "small long caption": TextStyle("muted", 9),
    "small role": TextStyle("role", 9, bold=True),
    "small value": TextStyle("value", 11, bold=True, face=MONO),
    "small value arrow": TextStyle("value", 9),
    "small gradient": TextStyle("gradient", 11, bold=True, face=MONO),
    "small gradient arrow": TextStyle("gradient", 9),
    "small zero": TextStyle("zero", 11, bold=True, face=MONO),
    "small zero arrow": TextStyle("zero", 9),
    "small arithmetic": TextStyle("muted", 9, face=MONO),
    "small aside": TextStyle("muted", 9),
    "copy name": TextStyle("muted", 10, bold=True),
    "constant value": TextStyle("muted", 12, bold=True, face=MONO),
    "times": TextStyle("role", 13, bold=True),
    "fold count": TextStyle("muted", 10),
    "cluster": TextStyle("muted", 12, bold=True),
    "scale number": TextStyle("gradient", 11, face=MONO),
    "heat mark": TextStyle("background", 7, bold=True, face=MONO),
}
