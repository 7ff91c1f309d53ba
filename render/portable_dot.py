"""A stand-in for the `dot` command that needs nothing of the system, made of graphviz-pure; it runs as a script.

    python portable_dot.py -V
    python portable_dot.py -Kdot -Gsize=100,100 -Gdpi=144 -Tplain -Tpng < graph.dot > plain-and-png

It takes the few options of `dot` that graphviz.py uses, and imports nothing of gradviz but its neighbours portable_*.
graphviz-pure, a port of Graphviz to Rust, does the layout and the SVG. Three things it lacks are added here:

- It takes each byte of a sign beyond ASCII to be as wide as a space, so that "−" in Courier is three letters wide. The
  graph is therefore laid out twice: as it is, and with letters as wide as those signs in their place. The drawing is
  the second one with the texts of the first, if text by text the two agree; else it is the first one.
- Its bitmaps have its own fonts, which lack "⊙": resvg draws the SVG, in ours.
- It has no PDF: portable_pdf writes one, from the SVG.
"""

from __future__ import annotations

import html
import importlib.metadata
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

# At the end: other modules beside this one have names of the standard library's.
sys.path.append(str(Path(__file__).resolve().parent))

import portable_font
import portable_pdf

PROGRAM = "graphviz-pure"
# Fonts that it doesn't know are taken for Times; ours are as wide as Arial.
DEFAULTS = ("-Gfontname=Arial", "-Nfontname=Arial", "-Efontname=Arial")
SVG_DPI = 96  # what resvg takes a drawing to have: 72 points are 96 pixels
# Where texts are in an output; in "xdot" they stand with their lengths, and in "plain" they are of no interest.
TEXTS = {"svg": re.compile(r'<!--.*?-->|="[^"]*"|>[^<]*(?=<)', re.DOTALL), "json": re.compile(r'"(?:[^"\\]|\\.)*"')}
SIGN = re.compile(r"&#?\w+;|[^\x00-\x7f]")
LETTERS = "ijltfIrckJabFTABCDGMWmw"  # one at least of each width; letters are safe anywhere in DOT text
SIDEWAYS_WIDE = "WF"  # the Unicode classes of signs that are two cells wide


class _Differs(Exception):
    """The drawing with letters in place of signs is not the same drawing."""


def main(options: list[str]) -> int:
    """Do what `dot` would do with these options; the exit code."""
    try:
        if options == ["-V"]:
            _say(f"dot - graphviz version {_version()} ({PROGRAM} {importlib.metadata.version(PROGRAM)})")
            return 0
        dot = sys.stdin.buffer.read().decode("utf-8")
        outputs = _outputs(dot, options)
        for output in outputs:
            sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    except subprocess.CalledProcessError as error:
        return error.returncode if error.returncode > 0 else _say(f"Error: {PROGRAM}: signal {-error.returncode}") or 1
    except Exception as error:
        _say(f"Error: {type(error).__name__}: {error}")
        return 1
    return 0


def _outputs(dot: str, options: list[str]) -> list[bytes]:
    formats = _values(options, "-T")
    if "png" in formats:
        # Before it comes the plain text, of which the scale alone is read.
        (dpi,) = (setting[4:] for setting in _values(options, "-G") if setting.startswith("dpi="))
        svg = _drawn(dot, "svg", [option for option in options if not option.startswith(("-T", "-Gdpi="))])
        return [_scale(svg), _png(svg, float(dpi))]
    others = [option for option in options if not option.startswith("-T")]
    return [_CONVERTED.get(format, _as_it_is)(_drawn(dot, _SOURCES.get(format, format), others)) for format in formats]


def _values(options: list[str], flag: str) -> list[str]:
    return [option[len(flag) :] for option in options if option.startswith(flag)]


def _as_it_is(output: str) -> bytes:
    return output.encode("utf-8")


_SOURCES = {"pdf": "svg"}
_CONVERTED: dict[str, Callable[[str], bytes]] = {"pdf": portable_pdf.pdf}


# graphviz-pure


@lru_cache(maxsize=1)
def _program() -> str:
    # Where pip put it, which need not be on PATH.
    files = importlib.metadata.files(PROGRAM) or []
    return next(str(Path(str(file.locate())).resolve()) for file in files if file.stem == PROGRAM and file.suffix != ".md")


def _version() -> str:
    run = subprocess.run([_program(), "-V"], capture_output=True, text=True, check=True)
    port = re.search(r"Graphviz ([\d.]+)", run.stdout + run.stderr)
    return port[1] if port else importlib.metadata.version(PROGRAM)


def _drawn(dot: str, format: str, options: Sequence[str]) -> str:
    command = [_program(), *DEFAULTS, *options, f"-T{format}"]
    swapped = _swapped(dot) if format in TEXTS else dot
    first = _run(command, dot)
    if swapped != dot:
        try:
            return _merged(first.stdout, _run(command, swapped).stdout, TEXTS[format])
        except (_Differs, subprocess.CalledProcessError):
            pass
    return first.stdout
