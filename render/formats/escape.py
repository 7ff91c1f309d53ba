"""Strangers' text made safe: names and code are text in whatever is written, never markup."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

__all__ = ["LONGEST", "TEX_SIGNS", "in_order", "label", "plain", "prose", "within_mermaid", "within_tex"]

#: Longer texts are cut: a run above 16 KB fails in Graphviz 2.43, and nobody reads it.
LONGEST = 120

# Bidirectional overrides and isolates: they would reorder what stands beside them.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Control characters, lone surrogates, what no standard has assigned, and what is private to someone's font.
_UNWANTED = frozenset({"Cc", "Cs", "Cn", "Co"})


def plain(text: str, *, longest: int = LONGEST) -> str:
    """Text without control characters, lone surrogates and bidirectional overrides, cut where too long.

    Examples
    --------
    >>> plain("a\\x00b\\u202ec\\nd"), plain("x" * 500, longest=5)
    ('abc d', 'xxxx…')
    """
    if len(text) <= longest and text.isprintable() and "  " not in text:  # nearly every text is harmless
        return text
    text = text[: longest * 4]  # what is far too long is not even looked at
    # A space that doesn't break is kept: it makes room where room is meant.
    text = _BIDI.sub("", re.sub(r"[^\S\xa0]+", " ", text) if text.strip() else text)
    text = "".join(c for c in text if unicodedata.category(c) not in _UNWANTED)
    return text if len(text) <= longest else text[: longest - 1] + "…"


# Hebrew, Arabic and their kin. The marks around a run of them keep the rest in its order: else `א = 8` reads `8 = א`.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]+(?: +[\u0590-\u08ff]+)*"
)


def in_order(text: str) -> str:
    """Text in which names that are read from right to left leave the rest in its order."""
    return text if text.isascii() else _RIGHT_TO_LEFT.sub(lambda match: f"\u200e{match[0]}\u200e", text)


_LONG_WORD = re.compile(r"\S{80,}")


def prose(text: str, *, longest: int = 4000) -> str:
    """Sentences made safe: a name that is far too long is cut, and what is said after it is kept.

    Examples
    --------
    >>> len(prose("x" * 5000 + " = 1")), prose("x" * 5000 + " = 1")[-6:]
    (45, '…x = 1')
    """
    return plain(_LONG_WORD.sub(lambda match: f"{match[0][:39]}…{match[0][-1]}", text), longest=longest)


# What means nothing to DOT, a space that no other follows among it: nearly every text, and all numbers.
_HARMLESS = re.compile(r"(?!\]+\Z){0}*(?: (?! ){0}*)*".format("[!#-%(-;=?-\\[\\]-~·×–’…←→↑↓∂∇Σ∑−∞≈‖α-ω]"))


def label(text: str) -> str:
    r"""Text for an HTML-like label: markup escaped, and no backslash, since `\N` expands even there.

    Examples
    --------
    >>> label("<b> & \\N")
    '&lt;b&gt; &amp; ∖N'
    """
    if len(text) <= LONGEST and _HARMLESS.fullmatch(text):
        return text
    escaped = html.escape(plain(text), quote=True).replace("\\", "∖")
    if not escaped.strip("]"):  # Graphviz 2.43 takes a text that is "]" alone, or "]]", for a syntax error
        escaped = escaped.replace("]", "&#93;")
    return in_order(escaped)


# What Mermaid, or the HTML and the Markdown in its labels, could take for a sign of its own. It has no escape but the
# number of a sign; letters, digits and what is not ASCII mean nothing to it.
_MERMAID = re.compile(r"[^\w\s,()=\u0080-\U0010ffff]|_")


def within_mermaid(text: str, *, longest: int = LONGEST) -> str:
    """Text for a quoted label of Mermaid's.

    Examples
    --------
    >>> within_mermaid('a < "b"')
    'a #60; #34;b#34;'
    """
    return in_order(_MERMAID.sub(lambda match: f"#{ord(match[0])};", plain(text, longest=longest)))


# -- TeX: sign by sign, in text and in mathematics -------------------------------------------------------------------

_TEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    # In TeX's oldest fonts these are other signs, or ligatures with what follows.
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    '"': "''",
    "`": "`{}",
    "-": "-{}",
    "!": "!{}",
    "?": "?{}",
    ",": ",{}",
}

_GREEK = """alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi
chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"""

#: sign → how mathematics writes it.
TEX_SIGNS = {
    "−": "-",
    "×": r"\times ",
    "÷": r"\div ",
    "·": r"\cdot ",
    "⋅": r"\cdot ",
    "∗": r"\ast ",
    "⋆": r"\star ",
    "∘": r"\circ ",
    "⊙": r"\odot ",
    "⊗": r"\otimes ",
    "⊕": r"\oplus ",
    "∖": r"\backslash ",
    "±": r"\pm ",
    "∂": r"\partial ",
    "∇": r"\nabla ",
    "∞": r"\infty ",
    "≈": r"\approx ",
    "≠": r"\neq ",
    "≤": r"\leq ",
    "≥": r"\geq ",
    "≡": r"\equiv ",
    "∝": r"\propto ",
    "∈": r"\in ",
    "∉": r"\notin ",
    "∧": r"\wedge ",
    "∨": r"\vee ",
    "¬": r"\neg ",
    "∀": r"\forall ",
    "∃": r"\exists ",
    "∑": r"{\textstyle\sum}",
    "∏": r"{\textstyle\prod}",
    "∫": r"{\textstyle\int}",
    "√": r"\surd ",
    "∛": r"\sqrt[3]{\,}",
    "∠": r"\angle ",
    "‖": r"\Vert ",
    "→": r"\rightarrow ",
    "←": r"\leftarrow ",
    "↑": r"\uparrow ",
    "↓": r"\downarrow ",
    "↔": r"\leftrightarrow ",
    "⇒": r"\Rightarrow ",
    "⇐": r"\Leftarrow ",
    "↦": r"\mapsto ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "…": r"\ldots ",
    "•": r"\bullet ",
    "°": r"^{\circ}",
    "ᵀ": r"^{\top}",
    "′": r"^{\prime}",
    "⁻": "^{-}",
    "⁺": "^{+}",
    "ⁿ": "^{n}",
    "ˣ": "^{x}",
    "ʸ": "^{y}",
    "ᵏ": "^{k}",
    "₊": "_{+}",
    "₋": "_{-}",
    "ᵢ": "_{i}",
    "ⱼ": "_{j}",
    "ₙ": "_{n}",
    **dict(
        zip(
            "½⅓¼¾⅔⅛",
            (rf"\frac{{{n}}}{{{d}}}" for n, d in ((1, 2), (1, 3), (1, 4), (3, 4), (2, 3), (1, 8))),
            strict=True,
        )
    ),
    "ℝ": r"\mathbf{R}",
    "µ": r"\mu ",
    **{sign: f"^{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{sign: f"_{{{digit}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{
        sign: rf"\{name} "
        for sign, name in zip(
            "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
            _GREEK.split(),
            strict=True,
        )
    },
}
# Typography that is text.
_TEX_TEXT = {
    "\xa0": "~",
    "–": "--",
    "—": "---",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "©": r"\copyright{}",
    "£": r"\pounds{}",
}
_TEX_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u ",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r ",
    "\u030b": "H ",
    "\u030c": "v ",
    "\u0327": "c ",
}


def within_tex(text: str) -> str:
    r"""Text for TeX's text mode, in nothing but ASCII.

    What TeX's own fonts lack becomes ``\gvsign{4E2D}``: its number, which the document's preamble shows in a small box.

    Examples
    --------
    >>> print(within_tex(r"\write18{50% of é → 中}"))
    \textbackslash{}write18\{50\% of \'{e} $\rightarrow $ \gvsign{4E2D}\}
    """
    return "".join(map(_tex_sign, plain(text)))


@lru_cache(maxsize=1024)
def _tex_sign(sign: str) -> str:
    if sign in _TEX_SPECIAL:
        return _TEX_SPECIAL[sign]
    if sign.isascii():
        return sign
    if sign in TEX_SIGNS:
        return f"${TEX_SIGNS[sign]}$"
    if sign in _TEX_TEXT:
        return _TEX_TEXT[sign]
    letter, *marks = unicodedata.normalize("NFD", sign)
    if len(marks) == 1 and letter.isascii() and letter.isalpha() and marks[0] in _TEX_ACCENTS:
        letter = rf"\{letter}" if letter in "ij" else letter
        return rf"\{_TEX_ACCENTS[marks[0]]}{{{letter}}}"
    if unicodedata.category(sign) in ("Cf", "Mn", "Me"):  # joiners and marks with nothing to stand on
        return ""
    return rf"\gvsign{{{ord(sign):04X}}}"
