"""Strangers' text made safe to stand in DOT: names and code are text there, never markup."""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = ["LONGEST", "attribute", "label", "plain"]

#: Longer texts are cut: a run above 16 KB fails in Graphviz 2.43, and nobody reads it.
LONGEST = 120

# Bidirectional overrides and isolates: they would reorder what stands beside them.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str, *, longest: int = LONGEST) -> str:
    """Text without control characters, lone surrogates and bidirectional overrides, cut where too long.

    Examples
    --------
    >>> plain("a\\x00b\\u202ec\\nd"), plain("x" * 500, longest=5)
    ('abc d', 'xxxx…')
    """
    text = text[: longest * 4]  # what is far too long is not even looked at
    text = _BIDI.sub("", re.sub(r"\s+", " ", text) if text.strip() else text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") and c not in "￾￿")
    return text if len(text) <= longest else text[: longest - 1] + "…"


def label(text: str) -> str:
    r"""Text for an HTML-like label: markup escaped, and no backslash, since `\N` expands even there."""
    return html.escape(plain(text), quote=True).replace("\\", "∖")


def attribute(text: str) -> str:
    """Text for a quoted attribute: the quotes are put around it by whoever writes it."""
    return plain(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
