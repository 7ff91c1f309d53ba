"""The themes: colours by the part they paint, and the styles of text. Two tables, from which everything is drawn."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["MONO", "SANS", "STYLES", "THEMES", "TextStyle"]

SANS = "Arial"
MONO = "Courier New"

#: theme → part → colour. Within a theme every part has a hex of its own, so that a picture's colours can be exchanged
#: afterwards. Forward and backward were chosen by measurement: for a deuteranope they lie 56 apart (classic green and
#: red: 7), and their contrast on white is 5.7 and 5.2 to 1.
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
        "local": "#6B4E00",
        "role": "#3566A9",
        "input-fill": "#EAF1FB",
        "input-border": "#3566A8",
        "parameter-fill": "#F3ECFA",
        "parameter-border": "#6F4BA3",
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
        "parameter-border": "#B894F0",
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
    },
}


class TextStyle(NamedTuple):
    """How a run of text looks: the part whose colour it has, its size in points, bold, and in which face."""

    ink: str
    size: float
    bold: bool = False
    face: str = SANS


#: style → look. Documents name these styles and nothing else.
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
    "partial": TextStyle("muted", 11.5),
    "gradient": TextStyle("gradient", 13, bold=True, face=MONO),
    "zero gradient": TextStyle("zero", 13, bold=True, face=MONO),
    "sum": TextStyle("muted", 10.5, face=MONO),
    "aside": TextStyle("muted", 10),
    "head": TextStyle("ink", 14, bold=True),
    "head rest": TextStyle("muted", 12.5),
    "formula": TextStyle("muted", 11.5),
    "local": TextStyle("local", 13, bold=True, face=MONO),
    "local rule": TextStyle("local", 11.5, bold=True),
    "zero local": TextStyle("zero", 13, bold=True, face=MONO),
    "role": TextStyle("role", 9.5, bold=True),
    "role line": TextStyle("muted", 9.5),
    "caption": TextStyle("ink", 13, bold=True),
    "long caption": TextStyle("muted", 10.5),
    "gate role": TextStyle("role", 11, bold=True),
    "wire value": TextStyle("value", 14, bold=True, face=MONO),
    "wire value arrow": TextStyle("value", 11),
    "wire gradient": TextStyle("gradient", 14, bold=True, face=MONO),
    "wire gradient arrow": TextStyle("gradient", 11),
    "wire zero": TextStyle("zero", 14, bold=True, face=MONO),
    "wire zero arrow": TextStyle("zero", 11),
    "wire arithmetic": TextStyle("muted", 10.5, face=MONO),
    "wire aside": TextStyle("muted", 9.5),
    "symbol sign": TextStyle("ink", 28, bold=True),
    "symbol word": TextStyle("ink", 17, bold=True),
    "symbol long": TextStyle("ink", 12, bold=True),
}
