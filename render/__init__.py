"""Turns a graph into pictures and files."""

from .document import Box, Document, Row, Text, Wire
from .formats import FORMATS, Format, Rendered, document_of, format_of, render
from .output import check_target, save, write
from .picture import LEVELS
from .style import DIRECTIONS, THEME_NAMES, Style, style_from
from .theme import THEMES

__all__ = [
    "DIRECTIONS",
    "FORMATS",
    "LEVELS",
    "THEMES",
    "THEME_NAMES",
    "Box",
    "Document",
    "Format",
    "Rendered",
    "Row",
    "Style",
    "Text",
    "Wire",
    "check_target",
    "document_of",
    "format_of",
    "render",
    "save",
    "style_from",
    "write",
]
