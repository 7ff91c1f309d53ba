"""Finishes the SVG that Graphviz writes: what hovering, screen readers, browsers' fonts and dark mode need.

Graphviz's text is read by a real XML parser, event by event, and written anew: linear, and always well-formed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from ..tracer.errors import RenderError

__all__ = ["SANS_STACK", "auto_theme", "finish"]

SANS_STACK = "Arial, 'Liberation Sans', Helvetica, sans-serif"
_MONO = "'Courier New', 'Liberation Mono', monospace"
# The drawing was laid out in our own fonts, which no browser has; these are as wide.
_FONT_STACKS = {"Arial": SANS_STACK, "Gradviz Sans": SANS_STACK, "Courier New": _MONO, "Gradviz Mono": _MONO}
_GENERIC = ("serif", "sans-serif", "monospace")

# Graphviz 2 writes a colour that SVG 1.1 does not know; some programs then draw it black.
_PAINTS = {"transparent": "none"}

# No drawing of ours has these; a stranger's text must not bring them in either.
_DROPPED_ELEMENTS = frozenset({"title", "desc", "script", "style", "image", "foreignObject", "iframe"})
_LINKS = ("href", "xlink:href")
_SAFE_LINK = re.compile(r"#|https?://")

# What XML can't hold, and what would turn the reading direction of the text that follows.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNWANTED = re.compile("[\u202a-\u202e\u2066-\u2069]")

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PAINT = re.compile(r'\b(fill|stroke)="(#[0-9a-f]{6})"')
_ROOT = re.compile(r"<svg\b[^>]*>")
_ID = re.compile(r'\sid="([\w-]+)"')

_NO_LABELS: Mapping[str, str] = MappingProxyType({})


def finish(svg: str, *, title: str, description: str, labels: Mapping[str, str] = _NO_LABELS) -> str:
    """Graphviz's SVG, ready to be looked at.

    Parameters
    ----------
    svg
        What Graphviz wrote.
    title, description
        What a screen reader says of the drawing.
    labels
        By the id of a group (a node, an edge), what hovering over it shows; the others show nothing.

    Examples
    --------
    >>> raw = '<svg xmlns="http://www.w3.org/2000/svg"><g id="n3"><title>n3</title></g></svg>'
    >>> "<title>a = x + y</title>" in finish(raw, title="f", description="a graph", labels={"n3": "a = x + y"})
    True
    """
    name = f"gradviz-{zlib.crc32(f'{title}{description}{svg}'.encode('utf-8', 'replace')):08x}"
    writer = _Writer(name=name, title=title, description=description, labels=labels)
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    try:
        parser.Parse(_ILLEGAL.sub("", svg), True)
    except expat.ExpatError as error:
        raise RenderError(f"Graphviz's SVG is no XML ({error}): write .dot to look at its input") from None
    return writer.result()


class _Writer:
    """Writes down what the parser reads, but for what is dropped, changed or added."""

    def __init__(self, *, name: str, title: str, description: str, labels: Mapping[str, str]) -> None:
        self._name = name
        self._head = [
            _element("title", title, name=f"{name}-title"),
            _element("desc", description, name=f"{name}-desc"),
        ]
        self._labels = labels
        self._parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
        self._dropping = 0  # how deep inside a dropped element
        self._unclosed = False  # whether the last start tag still lacks its ">"
        self._at_root = True

    def start(self, element: str, attributes: list[str]) -> None:
        if self._dropping or element.rpartition(":")[2] in _DROPPED_ELEMENTS:
            self._dropping += 1
            return
        self._close()
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        added = self._root_attributes() if self._at_root else {}
        self._parts.append(f"<{element}{_attributes({**_cleaned(element, given), **added})}")
        self._unclosed = True
        self._add(self._head if self._at_root else self._label(given.get("id")))
        self._at_root = False

    def end(self, element: str) -> None:
        if self._dropping:
            self._dropping -= 1
        elif self._unclosed:
            self._parts.append("/>")
            self._unclosed = False
        else:
            self._parts.append(f"</{element}>")

    def text(self, data: str) -> None:
        if self._dropping:
            return
        if data.isspace() and "\n" in data:  # between elements: what was dropped leaves no empty lines
            data = "" if self._parts[-1] == "\n" else "\n"
        self._add([escape(_UNWANTED.sub("", data))] if data else [])

    def result(self) -> str:
        return "".join(self._parts) + "\n"

    def _root_attributes(self) -> dict[str, str]:
        return {"id": self._name, "role": "img", "aria-labelledby": f"{self._name}-title {self._name}-desc"}

    def _label(self, name: str | None) -> list[str]:
        label = self._labels.get(name, "") if name else ""
        return [_element("title", label)] if label else []

    def _add(self, parts: Iterable[str]) -> None:
        for part in parts:
            self._close()
            self._parts.append(part)

    def _close(self) -> None:
        if self._unclosed:
            self._parts.append(">")
            self._unclosed = False


def _element(element: str, text: str, *, name: str = "") -> str:
    attributes = _attributes({"id": name}) if name else ""
    return f"\n<{element}{attributes}>{escape(_UNWANTED.sub('', _ILLEGAL.sub('', text)))}</{element}>"


def _attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())


def _cleaned(element: str, attributes: Mapping[str, str]) -> dict[str, str]:
    kept = {name: _changed(name, value) for name, value in attributes.items() if _is_kept(name, value)}
    if "font-size" in kept:
        kept["font-size"] = _as_measured(float(kept["font-size"]), kept.get("font-family") == _MONO)
    # Graphviz 2 leaves it out, and then blanks at the ends of a label are lost.
    return {"xml:space": "preserve", **kept} if element == "text" else kept


def _is_kept(name: str, value: str) -> bool:
    if name in _LINKS:
        return _SAFE_LINK.match(value) is not None
    return not name.lower().startswith("on")


def _changed(name: str, value: str) -> str:
    if name == "font-family":
        return _font_stack(value)
    return _PAINTS.get(value, value) if name in ("fill", "stroke") else _UNWANTED.sub("", value)


def _as_measured(size: float, one_width: bool) -> str:
    """The size at which text is as wide as Graphviz has it: its letters are whole pixels, 96 to an inch.

    Browsers round nothing. Where all letters are 0.6 of their size wide, they would fill 3.6 % more than there is at 13
    points; else 1 to 4 % at the sizes in the table.
    """
    if not one_width:
        return f"{_NARROWER.get(size, size):.2f}"
    pixels = 0.6 * 96 / 72
    return f"{round(size * pixels) / pixels:.2f}"


#: size → the size of Arial that is as wide as Graphviz has it, where that is smaller; measured on whole lines.
_NARROWER = {10.0: 9.8, 11.0: 10.85, 12.0: 11.65, 14.0: 13.6}


def _font_stack(family: str) -> str:
    ends_generic = family.rpartition(",")[2].strip().lower() in _GENERIC
    return _FONT_STACKS.get(family) or (family if ends_generic else f"{family}, sans-serif")


def auto_theme(svg: str, light_to_dark: Mapping[str, str]) -> str:
    """A finished light SVG that turns dark where the reader's system is.

    Parameters
    ----------
    svg
        What `finish` returned.
    light_to_dark
        The dark colour for each light one, as `#rrggbb`; of two roles that turn different ways, each needs a light
        colour of its own.

    Examples
    --------
    >>> auto_theme('<svg id="a"><path stroke="#4a5560"/></svg>', {"#4A5560": "#8794A3"})
    '<svg id="a"><style>@media (prefers-color-scheme:dark){#a [stroke="#4a5560"]{stroke:#8794a3}}</style><path \
stroke="#4a5560"/></svg>'
    """
    colours = {_colour(light): _colour(dark) for light, dark in light_to_dark.items()}
    root = _ROOT.search(svg)
    if root is None:
        raise RenderError("there is no <svg> in this text to give a dark theme to")
    # An id in front: several drawings may stand in one page, not all of them with this theme.
    name = _ID.search(root[0])
    scope = f"#{name[1]} " if name else ""
    used = sorted(pair for pair in set(_PAINT.findall(svg)) if pair[1] in colours)
    rules = "".join(f'{scope}[{paint}="{colour}"]{{{paint}:{colours[colour]}}}' for paint, colour in used)
    place = svg.find("</desc>") + len("</desc>") if "</desc>" in svg else root.end()
    return f"{svg[:place]}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>{svg[place:]}"


def _colour(text: str) -> str:
    # Graphviz writes colours in lower case, and an attribute selector is told apart by case.
    if not _COLOUR.fullmatch(text.lower()):
        raise RenderError(f"not a colour: {text!r} (must be #rrggbb)")
    return text.lower()
