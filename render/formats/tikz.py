"""Writes a drawing as TikZ: the places are Graphviz's, the mathematics is TeX's; plain pdflatex sets it.

Graphviz's JSON says what it would draw, stroke by stroke (https://graphviz.org/docs/outputs/canon/#xdot). Shapes are
taken over as they are. Texts that stand on one line become one node, so that TeX spaces them in its own fonts.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..document import Box, Document, Wire
from ..theme import MONO, STYLES, THEMES
from .escape import TEX_SIGNS, plain, within_tex
from .escape import label as escaped

__all__ = ["notes_on", "tikz"]

_PREAMBLE = r"""% {title}
% Drawn by gradviz. Run pdflatex on it, or copy the tikzpicture and the lines before \begin{{document}}.
\RequirePackage{{fix-cm}} % letters of any size
\documentclass[tikz,border=4bp]{{standalone}}
{background}{colours}
{macros}
% TeX's letters are not as wide as those that were measured: what would be too wide is made smaller.
\newcommand\gvfit[2]{{\sbox0{{#2}}\ifdim\wd0>#1\resizebox{{#1}}{{!}}{{\usebox0}}\else\usebox0\fi}}
{signs}\begin{{document}}
\begin{{tikzpicture}}[x=1bp,y=1bp,line width=1bp,every node/.style={{inner sep=0,outer sep=0,anchor=base}}{frame}]
"""
_END = "\\end{tikzpicture}\n\\end{document}\n"

#: For signs beyond what plain TeX can set: a small box with the sign's number, unless a font for them is named.
_SIGNS = r"""% Signs that pdflatex's own fonts lack are shown by their numbers. With
% lualatex or xelatex, and a font that has them, these lines set them:
%   \usepackage{fontspec}\newfontfamily\gvfont{Noto Sans CJK SC}
%   \newcommand\gvsign[1]{{\gvfont\symbol{"#1}}}
\providecommand\gvsign[1]{\gvnumber#1\relax}
\def\gvnumber#1#2#3#4#5\relax{{\setlength\fboxsep{.5pt}%
  \raisebox{-1pt}{\fbox{\fontsize{4}{4}\selectfont\ttfamily\bfseries\shortstack{#1#2\\[-.5pt]#3#4#5}}}}}
"""

#: Texts in styles with one of these words are prose, all others are mathematics; the headline is not drawn.
_PROSE = ("role", "aside", "fold count")
_HEADLINE = ("title", "legend")


def tikz(document: Document, layout: bytes, *, theme: str = "light") -> str:
    """The TikZ text of a document that Graphviz has laid out.

    Parameters
    ----------
    document
        What the drawing shows: its title and its labels, as comments.
    layout
        What Graphviz wrote, as JSON.
    theme
        The theme that it was drawn in.

    Returns
    -------
    str
        A whole LaTeX document, in nothing but ASCII; it needs the class standalone and TikZ.
    """
    drawn = json.loads(layout)
    palette = _Palette(theme)
    parts = {part.id: part for part in (*document.boxes, *document.wires)}
    body: list[str] = []
    for thing in _things(drawn):
        part = parts.get(thing.get("id", ""))
        commands = _commands(thing, part, palette)
        label = "" if part is None else plain(part.label.partition("\n")[0])
        body += [f"% {_comment(label)}", *commands] if label and commands else commands
    title = " | ".join(plain(text, longest=400) for text in (document.title, *document.notes))
    background = palette.background()
    preamble = _PREAMBLE.format(
        title=_comment(title),
        background="\\usetikzlibrary{backgrounds}\n" if background else "",
        frame=f",show background rectangle,background rectangle/.style={{fill={background}}}" if background else "",
        colours="\n".join(palette.definitions()),
        macros="\n".join(palette.macros()),
        signs=_SIGNS if any("\\gvsign{" in line for line in body) else "",
    )
    return preamble + "".join(f"{line}\n" for line in body) + _END


def notes_on(text: str) -> tuple[str, ...]:
    """What there is to say of a TikZ text: which signs plain TeX lacks."""
    codes = list(dict.fromkeys(re.findall(r"\\gvsign\{([0-9A-F]+)\}", text)))
    if not codes:
        return ()
    signs = ", ".join(f"{chr(int(code, 16))} (U+{code})" for code in codes[:_LISTED])
    more = f" and {len(codes) - _LISTED:,} more" if len(codes) > _LISTED else ""
    return (f"pdflatex has no {signs}{more}, and sets their numbers: the file says how lualatex or xelatex sets them",)


#: More signs than these are only counted.
_LISTED = 4


def _things(drawn: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Clusters, then edges, then nodes: what lies above comes last. The headline is for the caption to say."""
    objects = drawn.get("objects", [])
    yield from filter(_is_cluster, objects)
    yield from drawn.get("edges", [])
    yield from (thing for thing in objects if not _is_cluster(thing))


def _is_cluster(thing: dict[str, Any]) -> bool:
    return "nodes" in thing or "subgraphs" in thing


def _commands(thing: dict[str, Any], part: Box | Wire | None, palette: _Palette) -> list[str]:
    """The commands that draw an edge, a node or a cluster: shapes first, since texts stand on them."""
    pen = _Pen(palette)
    for place in ("_draw_", "_ldraw_", "_hdraw_", "_tdraw_", "_hldraw_", "_tldraw_"):
        for stroke in thing.get(place, ()):
            pen.take(stroke)
    if _is_cluster(thing):
        upright = {run.text.strip() for run in pen.texts}
    else:
        upright = _prose_of(part) if part is not None else set[str]()
    return pen.commands + [_node(line, upright) for line in _lines(pen.texts)]


def _prose_of(part: Box | Wire) -> set[str]:
    """The texts of a box or a wire that are no mathematics, as Graphviz has them."""
    if isinstance(part, Wire):
        lines, symbol = [part.forward, part.backward], ""
    else:
        lines, symbol = [part.title, *(row.texts for row in part.rows), *part.footer], part.symbol
    words = [text.text for line in lines for text in line if any(word in text.style for word in _PROSE)]
    words += [text.text for line in lines for text in line if text.style == "shape" and text.text.strip().isalpha()]
    words += [symbol] if len(symbol) > 1 and symbol.isascii() and symbol.isalnum() else []
    return {html.unescape(escaped(word)).strip() for word in words}


def _comment(text: str) -> str:
    """Text for a comment: ASCII, and with no command in it, for those who search the file."""
    return "".join(sign if " " <= sign <= "~" else _spelt(sign) for sign in re.sub(r"[\\^]", "/", text))


def _spelt(sign: str) -> str:
    """A sign beyond ASCII as mathematics calls it, without the backslash; else a question mark."""
    name = re.fullmatch(r"\\(\w+) ", TEX_SIGNS.get(sign, ""))
    return {"−": "-", "·": "*", "→": "->", "←": "<-"}.get(sign, name[1] if name else "?")


# -- colours and fonts -----------------------------------------------------------------------------------------------


class _Palette:
    """The colours and looks that a drawing uses, by names a reader of the TeX can change."""

    def __init__(self, theme: str) -> None:
        self._theme = theme
        self._parts = {colour.lower(): part for part, colour in reversed(THEMES[theme].items())}
        self._looks = _looks(theme)
        self._colours: dict[str, str] = {}
        self._macros: dict[str, str] = {}

    def colour(self, given: str) -> str | None:
        """A colour's name in TeX; None for one that can't be seen."""
        match = re.fullmatch(r"#([0-9a-f]{6})([0-9a-f]{2})?", given.lower())
        if match is None or match[2] == "00":
            return None
        part = self._parts.get(f"#{match[1]}", match[1])
        name = "gv" + part.replace("-", "")
        self._colours[name] = match[1].upper()
        return name

    def look(self, colour: str, size: float, *, bold: bool, mono: bool) -> str:
        """The macro that sets a text in this colour, size and weight."""
        style = self._looks.get((colour.lower(), int(size), bold, mono), "")
        exact = STYLES[style].size if style else size
        name = "gv" + "".join(re.findall("[a-z]+", style)) + "text" if style else _spelled_out(f"gv{colour}{int(size)}")
        weight = "\\bfseries\\boldmath" if bold else ""
        ink = self.colour(colour)
        shown = f"\\color{{{ink}}}" if ink else "\\color{black}"
        self._macros[f"\\{name}"] = f"{shown}\\fontsize{{{exact:g}}}{{{exact * 1.2:g}}}\\selectfont{weight}"
        return f"\\{name}"

    def background(self) -> str | None:
        """The colour of the page, where it isn't white."""
        colour = THEMES[self._theme]["background"]
        return None if colour.upper() == "#FFFFFF" else self.colour(colour)

    def definitions(self) -> list[str]:
        return [f"\\definecolor{{{name}}}{{HTML}}{{{code}}}" for name, code in sorted(self._colours.items())]

    def macros(self) -> list[str]:
        return [f"\\newcommand{name}[1]{{{{{setting}#1}}}}" for name, setting in sorted(self._macros.items())]


def _looks(theme: str) -> dict[tuple[str, int, bool, bool], str]:
    """Style by what can be seen of it."""
    looks: dict[tuple[str, int, bool, bool], str] = {}
    for name, style in STYLES.items():
        if any(word in name for word in _HEADLINE):
            continue
        key = THEMES[theme][style.ink].lower(), style.size, style.bold, style.face == MONO
        looks.setdefault(key, name)
    return looks


def _spelled_out(name: str) -> str:
    """A name of letters only, as TeX wants it."""
    return "".join(sign if sign.isalpha() else chr(ord("G") + int(sign)) if sign.isdigit() else "" for sign in name)


# -- strokes ---------------------------------------------------------------------------------------------------------


@dataclass
class _Pen:
    """Follows Graphviz's strokes: what was set last holds for what is drawn next."""

    palette: _Palette
    stroke: str = "#000000"
    fill: str = "#000000"
    width: float = 1.0
    width_is_given: bool = False  # just now: for the line that is named next
    line: str = ""
    size: float = 14.0
    face: str = ""
    bold: bool = False
    commands: list[str] = field(default_factory=list[str])
    texts: list[_Placed] = field(default_factory=list["_Placed"])

    def take(self, stroke: dict[str, Any]) -> None:
        """Draw a stroke, or set what the next ones are drawn with."""
        action = _STROKES.get(stroke["op"])
        if action is not None:
            action(self, stroke)

    def set_style(self, stroke: dict[str, Any]) -> None:
        style = stroke["style"]
        width = re.match(r"setlinewidth\(([\d.]+)\)", style)
        if width:
            self.width, self.width_is_given = float(width[1]), True
            return
        # dot 2.43 writes "dashed(" and then whatever lies in its memory
        self.line = next((name for name in ("dashed", "dotted", "solid") if style.startswith(name)), self.line)
        if not self.width_is_given:
            self.width = 1.0
        self.width_is_given = False

    def set_bold(self, stroke: dict[str, Any]) -> None:
        self.bold = bool(stroke["fontchar"] & 1)

    def set_font(self, stroke: dict[str, Any]) -> None:
        self.size, self.face = float(stroke["size"]), stroke["face"]

    def set_stroke(self, stroke: dict[str, Any]) -> None:
        self.stroke = stroke.get("color", "#000000")

    def set_fill(self, stroke: dict[str, Any]) -> None:
        self.fill = stroke.get("color") or stroke["stops"][0]["color"]

    def curve(self, stroke: dict[str, Any]) -> None:
        points = [_point(point) for point in stroke["points"]]
        parts = [points[0]]
        for i in range(1, len(points) - 2, 3):
            control, other, end = points[i : i + 3]
            straight = control == parts[-1].rpartition(" ")[2] and other == end
            parts.append(f"-- {end}" if straight else f".. controls {control} and {other} .. {end}")
        closed = stroke["op"] == "B" or points[0] == points[-1]
        self._path(" ".join(parts) + (" -- cycle" if closed else ""), filled=stroke["op"] == "B")

    def polygon(self, stroke: dict[str, Any]) -> None:
        points = " -- ".join(_point(point) for point in stroke["points"])
        self._path(f"{points} -- cycle", filled=stroke["op"] == "P")

    def polyline(self, stroke: dict[str, Any]) -> None:
        self._path(" -- ".join(_point(point) for point in stroke["points"]), filled=False)

    def ellipse(self, stroke: dict[str, Any]) -> None:
        x, y, across, up = stroke["rect"]
        self._path(f"({x:.4g},{y:.4g}) ellipse [x radius={across:g}, y radius={up:g}]", filled=stroke["op"] == "E")

    def text(self, stroke: dict[str, Any]) -> None:
        macro = self.palette.look(self.stroke, self.size, bold=self.bold, mono=self.face == MONO)
        (x, y), width = stroke["pt"], float(stroke["width"])
        x -= {"l": 0.0, "c": width / 2, "r": width}[stroke["align"]]
        self.texts.append(_Placed(x, y, width, macro, stroke["text"]))

    def _path(self, path: str, *, filled: bool) -> None:
        fill = self.palette.colour(self.fill) if filled else None
        stroke = self.palette.colour(self.stroke)
        options = [f"fill={fill}"] if fill else []
        if stroke:
            options.append(f"draw={stroke}")
            options += [f"line width={self.width:g}bp"] if self.width != 1 else []
            options += [self.line] if self.line in ("dashed", "dotted") else []
        if options and not (filled and fill is None and stroke is None):
            self.commands.append(f"\\path[{','.join(options)}] {path};")


_STROKES: dict[str, Callable[[_Pen, dict[str, Any]], None]] = {
    "S": _Pen.set_style,
    "t": _Pen.set_bold,
    "F": _Pen.set_font,
    "c": _Pen.set_stroke,
    "C": _Pen.set_fill,
    "b": _Pen.curve,
    "B": _Pen.curve,
    "p": _Pen.polygon,
    "P": _Pen.polygon,
    "L": _Pen.polyline,
    "e": _Pen.ellipse,
    "E": _Pen.ellipse,
    "T": _Pen.text,
}


def _point(point: Iterable[float]) -> str:
    return "(" + ",".join(f"{round(coordinate, 2):g}" for coordinate in point) + ")"


# -- texts -----------------------------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    """A run of text: where it begins, on which line it stands, and how wide it is in Graphviz's font."""

    x: float
    y: float
    width: float
    macro: str
    text: str


#: Runs that are no farther apart stand on one line.
_NEAR = 2.0


#: So much wider a line may be than it was measured; boxes have a margin of 4 on each side.
_SLACK = 2.0


def _lines(texts: list[_Placed]) -> list[list[_Placed]]:
    """Runs that follow one another, as lines."""
    lines: list[list[_Placed]] = []
    for run in texts:
        before = lines[-1][-1] if lines else None
        if before and abs(before.y - run.y) < 0.1 and abs(before.x + before.width - run.x) < _NEAR:
            lines[-1].append(run)
        else:
            lines.append([run])
    return [line for line in lines if any(run.text.strip() for run in line)]


def _node(line: list[_Placed], upright: set[str]) -> str:
    """One node for a line, in the middle of where Graphviz has it, and no wider than there."""
    left, right = line[0].x, line[-1].x + line[-1].width
    content = "".join(f"{run.macro}{{{_written(run.text, upright)}}}" for run in line)
    room = right - left + _SLACK
    return f"\\node at {_point(((left + right) / 2, line[0].y))} {{\\gvfit{{{room:.4g}bp}}{{{content}}}}};"


def _written(text: str, upright: set[str]) -> str:
    core = text.strip()
    if not core:
        return "\\ "
    before, after = ("\\ " if text[0].isspace() else ""), ("\\ " if text[-1].isspace() else "")
    return before + (within_tex(core) if core in upright else _mathematics(core)) + after


#: Signs that stand above the line, and below it: a run of them is one index, for TeX takes no second.
_RAISED, _LOWERED = ("".join(sign for sign, tex in TEX_SIGNS.items() if tex.startswith(mark)) for mark in "^_")
_TOKEN = re.compile(
    r"(?P<field>_{3,})"
    rf"|(?P<script>[{_RAISED}]+|[{_LOWERED}]+)"
    r"|(?P<accented>(?<!\w)[^\W\d_][\u0300-\u030c](?:_[^\W_]+)?)"
    r"|(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?:e−?\d+)?)"
    r"|(?P<unary>(?<=\s)−(?=\S)|(?<=‖)[−≈]|^≈)"
    rf"|(?P<word>[^\W\d_](?:(?![{_RAISED}{_LOWERED}])\w)*(?:\.\w+)*)"
    r"|(?P<space>\s+)"
    r"|(?P<prime>')"
    r"|(?P<sign>[-+*/=()\[\],.:;<>|!@])"
    r"|(?P<mark>.)",
    re.DOTALL,
)
#: Accents over a letter that is a name, as mathematics calls them.
_ACCENTS = {
    "\u0300": "grave",
    "\u0301": "acute",
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0306": "breve",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u030a": "mathring",
    "\u030c": "check",
}
#: Names of functions are upright, even where no parenthesis follows.
_FUNCTIONS = frozenset(
    ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "ln", "max", "min", "abs", "sign", "sum", "mean")
)
#: In mathematics these are letters or signs, however they are spelt.
_SIGN = {"*": r"\ast ", "@": "@", "-": "-", "<": "<", ">": ">", "|": r"\vert ", ":": "{:}", ";": ";\\,", ",": ",\\,"}


def _mathematics(text: str) -> str:
    """A formula as mathematics: names in italics, functions upright, signs as TeX spaces them.

    What is no formula is set as text.
    """
    tokens = list(_TOKEN.finditer(text))
    if any(token["mark"] and token["mark"] not in TEX_SIGNS for token in tokens):
        return within_tex(text)
    if _is_prose(text.replace("NaN", "0")):
        return within_tex(text)
    return "$" + "".join(_token(token, text) for token in tokens) + "$"


def _is_prose(text: str) -> bool:
    """Whether a word follows another, or a number, with nothing but blanks between: `not computed`, `Σ of 12`."""
    found = re.search(r"(\b\d+|[^\W\d_]{2,}) +[^\W\d_]{2,}|^[^\W\d_]{2,} \d+$|\bof \d", text)
    return found is not None and not _FUNCTIONS & set(found[0].split())


def _token(token: re.Match[str], text: str) -> str:
    kind, found = token.lastgroup, token[0]
    if kind == "field":  # of a worksheet, to be written in
        return f"\\rule[-.1em]{{{len(found) / 2:g}em}}{{.04em}}"
    if kind == "number":
        return _number(found)
    if kind == "script":
        return TEX_SIGNS[found[0]][:2] + "".join(TEX_SIGNS[sign][2:-1] for sign in found) + "}"
    if kind == "unary":  # of what follows, and of nothing before it: [1 −2] is no difference
        return f"{{{TEX_SIGNS[found].strip()}}}"
    if kind == "accented":
        return _accented(found)
    if kind == "word":
        return _word(found, called=text[token.end() : token.end() + 1] == "(")
    if kind == "space":
        # Blanks around a sign are TeX's business; those in a vector part its numbers, which may be negative.
        parts = re.search(r"[\w.…]$", text[: token.start()]) and re.match(r"−?[\w∞]|…", text[token.end() :])
        return r"\ " if parts else ""
    if kind == "prime":
        return "'"
    if found == "," and text[token.end() :].lstrip().startswith(")"):  # (4,)
        return "{,}"
    return _SIGN.get(found, found) if kind == "sign" else TEX_SIGNS[found]


def _number(text: str) -> str:
    mantissa, _, exponent = text.replace(",", "{,}").partition("e")
    return f"{mantissa}\\cdot10^{{{exponent.replace('−', '-')}}}" if exponent else mantissa


def _accented(name: str) -> str:
    """A letter with an accent, and perhaps an index: x̂, ȳ_1."""
    letter, accent, index = name[0], name[1], name[3:]
    base = TEX_SIGNS.get(letter, letter if letter.isascii() else f"\\mbox{{{within_tex(letter)}}}")
    marked = f"\\{_ACCENTS[accent]}{{{base}}}" if accent in _ACCENTS else base
    return f"{marked}_{{\\mathit{{{index}}}}}" if index.isascii() and index else marked


def _word(word: str, *, called: bool) -> str:
    if word in TEX_SIGNS:
        return TEX_SIGNS[word]
    if len(parts := unicodedata.normalize("NFD", word)) == 2 and parts[1] in _ACCENTS:  # ŷ
        return _accented(parts)
    if not word.isascii() and all(sign.isascii() or sign in TEX_SIGNS for sign in word):
        return "".join(TEX_SIGNS.get(sign, sign.replace("_", "\\_")) for sign in word)
    if not word.isascii():
        return f"\\mbox{{{within_tex(word)}}}"
    if (called and len(word) > 1) or word == "NaN" or word in _FUNCTIONS:
        return f"\\mathrm{{{_escaped(word)}}}"
    name, _, index = word.partition("_")
    if len(name) == 1 and index.isalnum():  # W_hh
        return f"{name}_{{\\mathit{{{index}}}}}"
    return word if len(word) == 1 else f"\\mathit{{{_escaped(word)}}}"


def _escaped(word: str) -> str:
    return word.replace("_", "\\_")
