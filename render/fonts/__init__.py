"""The fonts that every drawing is laid out with, and the fontconfig file that makes Graphviz take them.

Gradviz Sans and Gradviz Mono are subsets of Liberation Sans and Mono, which are as wide as Arial and Courier New, sign
for sign: an SVG laid out here fits in a browser that shows it in the real ones. Gradviz Signs, from DejaVu Sans, holds
the mathematics that those two lack (⊙ ∇ ∘ ⋅ ∈ ℝ). What none of the three holds comes from the machine's own fonts.
`tests/tools/make_fonts.py` makes them; their licences stand beside them.
"""

from __future__ import annotations

import os
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["DIRECTORY", "MONO", "SANS", "configuration"]

DIRECTORY = Path(__file__).resolve().parent
SANS = "Gradviz Sans"
MONO = "Gradviz Mono"
SIGNS = "Gradviz Signs"

# What a DOT file may ask for, and what it gets.
ALIASES = {
    "Arial": SANS,
    "Helvetica": SANS,
    "sans-serif": SANS,
    "Courier New": MONO,
    "Courier": MONO,
    "monospace": MONO,
}
# Where fonts for Chinese, Arabic or emoji may be; `~` and %VARIABLES% are filled in.
SYSTEM_DIRECTORIES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/run/current-system/sw/share/X11/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "%WINDIR%/Fonts",
    "%LOCALAPPDATA%/Microsoft/Windows/Fonts",
)
# fontconfig's own, so that the machine's fonts are not all scanned anew; it writes to the first that it can write to.
CACHES = ("~/.cache/fontconfig", "%LOCALAPPDATA%/fontconfig/cache", "/var/cache/fontconfig")

_ALIAS = """\
  <match target="pattern">
    <test name="family" qual="any"><string>{family}</string></test>
    <edit name="family" mode="assign" binding="strong"><string>{ours}</string><string>{signs}</string></edit>
  </match>"""
# Any other name may be one of the machine's fonts; where it is not, it would be whatever file came first.
_LAST_RESORT = f"""\
  <match target="pattern">
    <edit name="family" mode="append_last" binding="strong"><string>{SANS}</string><string>{SIGNS}</string></edit>
  </match>"""
# Hinted letters have widths that depend on the size and on the library; unhinted ones scale.
_RENDERING = """\
  <match target="font">
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
    <edit name="autohint" mode="assign"><bool>false</bool></edit>
    <edit name="rgba" mode="assign"><const>none</const></edit>
  </match>"""
# There is no italic file: <I> slants the upright one.
_SLANTED = """\
  <match target="font">
    <test name="slant"><const>roman</const></test>
    <test target="pattern" name="slant" compare="not_eq"><const>roman</const></test>
    <edit name="matrix" mode="assign"><times>
      <name>matrix</name>
      <matrix><double>1</double><double>0.2</double><double>0</double><double>1</double></matrix>
    </times></edit>
    <edit name="slant" mode="assign"><const>oblique</const></edit>
  </match>"""


def configuration(*, cache: Path, system: bool = True) -> str:
    """The text of a fontconfig file in which gradviz's own fonts come first.

    Parameters
    ----------
    cache
        A directory for fontconfig to write to where it can't write to its usual ones (no home, a read-only one).
    system
        Whether the machine's own fonts come after ours, and its caches are used.

    Examples
    --------
    >>> "<string>Gradviz Mono</string>" in configuration(cache=Path("/tmp"))
    True
    """
    found = [path for path in _absolute(SYSTEM_DIRECTORIES) if path.is_dir()] if system else []
    caches = _absolute(CACHES) if system else []
    return "\n".join(
        [
            '<?xml version="1.0"?>',
            '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
            "<fontconfig>",
            *(_element("dir", path) for path in [DIRECTORY, *found]),
            *(_element("cachedir", path) for path in [*caches, cache]),
            *(_ALIAS.format(family=family, ours=ours, signs=SIGNS) for family, ours in ALIASES.items()),
            _LAST_RESORT,
            _RENDERING,
            _SLANTED,
            "</fontconfig>",
            "",
        ]
    )


def _element(name: str, path: Path) -> str:
    return f"  <{name}>{escape(str(path))}</{name}>"


def _absolute(names: tuple[str, ...]) -> list[Path]:
    # What could not be filled in stays relative, and is left out.
    return [path for path in map(_expanded, names) if path.is_absolute()]


def _expanded(name: str) -> Path:
    # os.path's, since Path.expanduser raises where there is no home, and %NAMES% mean nothing outside Windows.
    return Path(os.path.expandvars(os.path.expanduser(name)))  # noqa: PTH111
