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

# resvg_py may not be there
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import html
import importlib.metadata
import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import groupby
from pathlib import Path

# At the end: other modules beside this one have names of the standard library's.
sys.path.append(str(Path(__file__).resolve().parent))

import portable_font
import portable_pdf

PROGRAM = "graphviz-pure"
# It measures in Times where no font is named, and there is none in ours. In the graph, since `-N` would overrule it.
START = re.compile(r'\A\s*(?:strict\s+)?(?:di)?graph\b\s*(?:\w+|"[^"\\]*")?\s*\{', re.IGNORECASE)
DEFAULTS = " graph [fontname=Arial] node [fontname=Arial] edge [fontname=Arial] "
TEXT = re.compile(r"<text\b([^>]*)>([^<]*)</text>")
ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
SVG_DPI = 96  # with these, a point is as large as in CSS: 72 of them are 96 pixels
IN_DOT = re.compile(r"&#?\w+;|[^\x00-\x7f]")  # a sign beyond ASCII, and how else it may be written
IN_SVG = re.compile(r"[^\x00-\x7f]")  # there "&#160;" is the second of two spaces
# Where texts are in an output, and signs in them. "xdot" and "plain" are always the graph as it is.
TEXTS = {
    "svg": (re.compile(r'<!--.*?-->|="[^"]*"|>[^<]*(?=<)', re.DOTALL), IN_SVG),
    "json": (re.compile(r'"(?:[^"\\]|\\.)*"'), IN_DOT),
}
LETTERS = "jIrkaFAwGMW"  # one of each width, the narrowest first; letters are safe anywhere in DOT text
NEAR = 40  # thousandths of the font size by which a letter may be narrower than the sign that it stands for


class _Differs(Exception):
    """The drawing with letters in place of signs is not the same drawing."""


def main(options: list[str]) -> int:
    """Do what `dot` would do with these options; the exit code."""
    try:
        if options == ["-V"]:
            _say(f"dot - graphviz version {_version()} ({PROGRAM} {importlib.metadata.version(PROGRAM)})\n")
            return 0
        for output in _outputs(sys.stdin.buffer.read().decode("utf-8"), options):
            sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    except subprocess.CalledProcessError as error:
        _say(error.stderr or f"Error: {PROGRAM} ended with code {error.returncode}\n")
        return 1
    except Exception as error:
        _say(f"Error: {type(error).__name__}: {error}\n")
        return 1
    return 0


def _outputs(dot: str, options: list[str]) -> list[bytes]:
    """The drawings; of the plain text that comes before a bitmap, only the start of its first line, which is all
    that is read of it.
    """
    formats = _values(options, "-T")
    others = [option for option in options if not option.startswith(("-T", "-Gdpi="))]
    if "png" in formats:
        (dpi,) = (setting.removeprefix("dpi=") for setting in _values(options, "-G") if setting.startswith("dpi="))
        svg = _drawn(dot, "svg", others)
        if not svg:  # a graph that is empty, as `dot` draws it
            return []
        return [f"graph {_scale(svg)} 0 0\nstop\n".encode("ascii"), _png(svg, float(dpi))]
    if "pdf" in formats:
        svg = _drawn(dot, "svg", others)
        return [portable_pdf.pdf(svg)] if svg else []
    return [_drawn(dot, format, others).encode("utf-8") for format in formats]


def _values(options: list[str], flag: str) -> list[str]:
    return [option[len(flag) :] for option in options if option.startswith(flag)]


# graphviz-pure


@lru_cache(maxsize=1)
def _program() -> str:
    # Where pip put it, which need not be on PATH.
    files = importlib.metadata.files(PROGRAM) or []
    return next(str(file.locate()) for file in files if file.name in (PROGRAM, f"{PROGRAM}.exe"))


def _version() -> str:
    said = _run(["-V"], "").stderr
    port = re.search(r"Graphviz ([\d.]+)", said)
    if not port:
        raise ValueError(f"no version in {said!r}")
    return port[1]


def _drawn(dot: str, format: str, options: list[str]) -> str:
    command = [*options, f"-T{format}"]
    dot = START.sub(lambda match: match[0] + DEFAULTS, dot)
    swapped = _swapped(dot, IN_DOT) if format in TEXTS else dot
    with ThreadPoolExecutor() as threads:
        first = threads.submit(_run, command, dot)
        second = threads.submit(_run, command, swapped) if swapped != dot else first
        run = first.result()
        _say(run.stderr)
        try:
            return _merged(run.stdout, second.result().stdout, *TEXTS[format]) if second is not first else run.stdout
        except (_Differs, subprocess.CalledProcessError):
            return run.stdout


def _run(options: list[str], text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_program(), *options], input=text, capture_output=True, encoding="utf-8", check=True)


# Letters in place of signs


def _swapped(text: str, signs: re.Pattern[str]) -> str:
    return signs.sub(lambda match: _letters(match[0]), text)


@lru_cache(maxsize=4096)
def _letters(written: str) -> str:
    """What is as wide as a sign, which may be written as an entity."""
    sign = html.unescape(written)
    if len(sign) != 1 or sign.isascii():
        return written
    if unicodedata.combining(sign) or unicodedata.category(sign) == "Cf":
        return ""
    if unicodedata.east_asian_width(sign) in portable_font.TWO_CELLS:
        return "kk"
    width = max(_width(sign, bold=bold) for bold in (False, True))
    # Rather too wide than too narrow: a gap looks better than letters on one another.
    return next((letter for letter in LETTERS if _width(letter) > width - NEAR), LETTERS[-1])


def _width(sign: str, *, bold: bool = False) -> float:
    fonts = portable_font.chain("sans-serif", bold=bold)
    return next((width for font in fonts if (width := font.width(sign)) is not None), portable_font.UNKNOWN_WIDTH)


def _merged(first: str, second: str, texts: re.Pattern[str], signs: re.Pattern[str]) -> str:
    """The second drawing with the texts of the first."""
    originals = iter(texts.findall(first))

    def restored(match: re.Match[str]) -> str:
        original = next(originals, "")
        swapped = _swapped(original, signs)
        if swapped == original:  # no sign in it: a number, which may differ, or a text, which is the same
            return match[0]
        if swapped != match[0]:
            raise _Differs
        return original

    merged = texts.sub(restored, second)
    if next(originals, None) is not None:
        raise _Differs
    return merged


# Bitmaps


def _scale(svg: str) -> str:
    match = re.search(r'transform="scale\(([\d.e+-]+)', svg)
    return match[1] if match else "1"


def _png(svg: str, dpi: float) -> bytes:
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=TEXT.sub(_with_fonts_named, svg),
            dpi=SVG_DPI,
            zoom=dpi / SVG_DPI,
            font_dirs=[str(portable_font.DIRECTORY)],
            skip_system_fonts=all(map(_is_ours, svg)),  # to look through them takes time
        )
    )


def _with_fonts_named(match: re.Match[str]) -> str:
    """A text in which each run of signs has its font and its place.

    Where a font lacks one sign, resvg takes another for all up to the next place that is given.
    """
    attributes, text = dict(ATTRIBUTE.findall(match[1])), html.unescape(match[2])
    bold, size = attributes.get("font-weight") == "bold", float(attributes["font-size"])
    main, rest = portable_font.chain(attributes["font-family"], bold=bold)
    runs = [
        (font, "".join(signs))
        for font, signs in groupby(text, key=lambda sign: rest if main.width(sign) is None else main)
    ]
    widths = [
        size / 1000 * sum(font.width(sign) or portable_font.UNKNOWN_WIDTH for sign in signs) for font, signs in runs
    ]
    start = float(attributes["x"]) - sum(widths) * portable_pdf.ANCHORS[attributes.get("text-anchor", "start")]
    spans = (
        f'<tspan x="{start + sum(widths[:place]):.3f}" font-family="{font.family}">{html.escape(signs)}</tspan>'
        for place, (font, signs) in enumerate(runs)
    )
    return f'<text{match[1]} style="text-anchor:start">{"".join(spans)}</text>'


def _is_ours(sign: str) -> bool:
    return sign.isascii() or any(font.width(sign) is not None for font in portable_font.chain("sans-serif"))


def _say(text: str) -> None:
    # Whatever the console's encoding is, the caller reads UTF-8.
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stderr.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
