"""Strangers' text made safe for DOT, Mermaid and TeX."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.render.formats.escape import LONGEST, in_order, label, plain, within_mermaid, within_tex

LRM = "\u200e"
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x", "x"),
        ("", ""),
        (" = ", " = "),
        ("   ", "   "),
        ("a  b\t\nc", "a b c"),
        ("nul\0 bell\a esc\x1b[31m", "nul bell esc[31m"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\u202eturned\u2066", "turned"),
        ("שלום", "שלום"),
        ("重み", "重み"),
        ("👩‍🔬", "👩‍🔬"),
        ("\ue000\uffff", ""),
    ],
)
def test_plain_keeps_what_can_be_read(text, kept):
    assert plain(text) == kept


@pytest.mark.parametrize("text", ["x" * 40_000, "<" * 40_000, "\0" * 40_000 + "x", "重" * 40_000, "a b " * 10_000])
def test_plain_cuts_what_is_too_long(text):
    assert len(plain(text)) <= LONGEST
    assert len(plain(text, longest=7)) <= 7


@given(ANYTHING)
def test_plain_can_be_encoded_and_is_its_own_result(text):
    once = plain(text)
    once.encode()
    assert plain(once, longest=10**6) in (once, once.replace("  ", " "))


@pytest.mark.parametrize(
    ("text", "marked"),
    [("x = 8", "x = 8"), ("שלום = 8", f"{LRM}שלום{LRM} = 8"), ("x · عالم + ש", f"x · {LRM}عالم{LRM} + {LRM}ש{LRM}")],
)
def test_what_follows_a_name_read_from_right_to_left_stays_behind_it(text, marked):
    assert in_order(text) == label(text) == marked


def test_label_has_no_markup():
    assert label("<b>&\"'</b>") == "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;"


@pytest.mark.parametrize("text", [r"\N", r"\G", r"\\", "\\"])
def test_label_has_no_backslash(text):
    assert label(text) == text.replace("\\", "∖")


@given(ANYTHING)
def test_label_reads_as_the_text(text):
    assert html.unescape(label(text)).replace(LRM, "") == plain(text).replace("\\", "∖")
    assert not set(label(text)) & set("<>\"'\\")


@given(ANYTHING)
def test_mermaid_text_reads_as_the_text(text):
    shown = within_mermaid(text)
    assert not set(shown) & set("\"'`<>&[]{}|\\%*_~^:")
    assert html.unescape(shown.replace("#", "&#")).replace(LRM, "") == plain(text)


@given(ANYTHING)
def test_tex_text_is_ascii_with_its_braces_in_pairs(text):
    shown = within_tex(text)
    shown.encode("ascii")
    braces = shown.replace(r"\{", "").replace(r"\}", "")
    assert braces.count("{") == braces.count("}")
    assert shown.replace(r"\$", "").count("$") % 2 == 0


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("50% of $x_1$", r"50\% of \$x\_1\$"),
        (r"\write18{ls}", r"\textbackslash{}write18\{ls\}"),
        ("a^b ~ #1 & {}", r"a\textasciicircum{}b \textasciitilde{} \#1 \& \{\}"),
        ("é ü ř", r"\'{e} \"{u} \v {r}"),
        ("→ ∂ σ", r"$\rightarrow $ $\partial $ $\sigma $"),
        ("重", r"\gvsign{91CD}"),
        ("--", "-{}-{}"),
    ],
)
def test_tex_signs(text, tex):
    assert within_tex(text) == tex
