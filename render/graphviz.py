"""Runs Graphviz, and nothing else does: DOT text in, a drawing out, in a child process with a time limit.

There may be three Graphvizes: the `dot` command of the system; the one in pygraphviz's wheel, which needs libraries
that a bare system lacks (GLib, X11); and graphviz-pure, a port to Rust that needs nothing. `bundled_dot.py` and
`portable_dot.py` give the latter two the same command line. All get gradviz's own fonts, so that a drawing is laid out
alike on every machine.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ..tracer.errors import RenderError
from . import fonts

if sys.platform == "linux":
    import resource

__all__ = ["Drawing", "Engine", "TooSlow", "Unfit", "engine_in_use", "layout"]

EngineKind = Literal["system", "bundled", "portable"]

DEFAULT_DPI = 96.0  # Graphviz's own
DPI_RANGE = (1.0, 2400.0)
LARGEST_SIDE = 16_000  # pixels; cairo silently shrinks above 32,767, and takes 4 bytes for each
LARGEST_PAGE = 199  # inches a side: PDF readers show 200, of which Graphviz adds one as a margin
PROGRAMS = ("dot", "nop2")  # nop2 draws positions that the DOT text already has (`neato -n2`)
REMEDY = (
    "install Graphviz from the system's packages (apt-get install graphviz, apk add graphviz, brew install graphviz, "
    "winget install graphviz), or pip install graphviz-pure resvg-py"
)


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Graphviz that can be run: where it is from, its version, and its place."""

    kind: EngineKind
    version: str
    path: str

    def __str__(self) -> str:
        return f"Graphviz {self.version} ({self.kind})"


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What came out: the bytes, which Graphviz drew them, and the dots per inch of a bitmap (else None).

    The dots per inch are fewer than were asked for where the bitmap would have become too large.
    """

    data: bytes
    engine: Engine
    dpi: float | None = None


@dataclass(frozen=True, kw_only=True)
class _Format:
    """How the output of a format begins and ends, and how large it may get (a side, in inches; None: any size)."""

    starts: tuple[bytes, ...]
    end: bytes = b""
    bitmap: bool = False
    largest: float | None = None


_FORMATS = {
    "svg": _Format(starts=(b"<?xml", b"<svg"), end=b"</svg>"),
    "pdf": _Format(starts=(b"%PDF-",), end=b"%%EOF", largest=LARGEST_PAGE),
    "png": _Format(starts=(b"\x89PNG\r\n\x1a\n",), end=b"IEND\xaeB`\x82", bitmap=True),
    "json": _Format(starts=(b"{",), end=b"}"),
    "plain": _Format(starts=(b"graph ",), end=b"stop"),
    "xdot": _Format(starts=(b"digraph", b"graph", b"strict"), end=b"}"),
}

# Lines on stderr that mean nothing for the drawing: fontconfig's and Pango's chatter, and Graphviz's mere warnings.
_NOISE = re.compile(r"Fontconfig |.*(Pango|GLib)\S*-(WARNING|CRITICAL)|(\S+: )?Warning: ")
# This Graphviz was built without something that is needed here; the other one may have it.
_UNFIT = re.compile(
    r'.*(Format: "\w+" not recognized|There is no layout engine support|libexpat|No module named'
    # or it has a fault of its own, which each version has with other graphs
    r"|trouble in init_rank|Pshortestpath failed|lost \S+ \S+ edge)"
)
# Lines that mean the drawing is not what was asked for, whatever the exit code says.
_FAULT = re.compile(rf"((\S+: )?Error:|.*(syntax error in line|cairo surface|too large for cairo)|{_UNFIT.pattern})")


# How a program ends that has a fault, as opposed to one that was made to end.
_CRASHES = ("SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV")


class Unfit(RenderError):
    """This Graphviz cannot do it; another one could."""


class TooSlow(RenderError):
    """The time limit was over before the graph was laid out."""


@dataclass(frozen=True, kw_only=True)
class _Result:
    """What a child process left: its exit code, its output, and the lines of its stderr."""

    code: int
    output: bytes
    lines: list[str]


def layout(
    dot: str,
    format: str,
    *,
    time_limit: float = 20.0,
    engine: str | None = None,
    dpi: float | None = None,
    program: str = "dot",
) -> Drawing:
    """Lay out a graph and draw it.

    Parameters
    ----------
    dot
        The graph, as DOT text. It should not set `size` or `dpi` itself: they would override what keeps a bitmap small.
    format
        "svg", "pdf", "png", "json", "plain" or "xdot".
    time_limit
        Seconds; when they are over, the child process is killed.
    engine
        "system" (the `dot` on PATH), "bundled" (pygraphviz's) or "portable" (graphviz-pure); None is the first of
        these that is there and can do it.
    dpi
        Dots per inch of a bitmap, 96 by default; ignored for other formats.
    program
        "dot", or "nop2" for DOT text that already has positions.

    Raises
    ------
    RenderError
        No Graphviz, an unknown choice, the time limit, or Graphviz's own failure; one line, with the way out.

    Examples
    --------
    >>> layout("digraph { x -> y }", "svg").data[:5]
    b'<?xml'
    """
    _check_choice("format", format, _FORMATS)
    _check_choice("program", program, PROGRAMS)
    wanted = DEFAULT_DPI if dpi is None else dpi
    _check_range("time limit", time_limit, 0.001, math.inf)
    _check_range("dpi", wanted, *DPI_RANGE)
    unfit, end = None, time.monotonic() + time_limit
    for candidate in _candidates(engine):
        left = time_limit if unfit is None else end - time.monotonic()  # they share the time
        if left <= 0:
            raise TooSlow(_too_slow(dot, candidate, time_limit))
        try:
            return _draw(dot, format, candidate, time_limit=left, dpi=wanted, program=program)
        except Unfit as error:
            unfit = unfit or error
        except subprocess.TimeoutExpired:
            raise TooSlow(_too_slow(dot, candidate, time_limit)) from None
    raise unfit or RenderError(_missing(engine))


def engine_in_use() -> Engine:
    """The Graphviz that `layout` takes where none is asked for.

    Finding it is cheap; its version is asked for once.
    """
    engine = next(_candidates(None), None)
    if engine is None:
        raise RenderError(_missing(None))
    return engine


# Which Graphviz


def _candidates(kind: str | None) -> Iterator[Engine]:
    """The engines that are there, the preferred one first; each is looked for only when its turn has come."""
    if kind is not None:
        _check_choice("engine", kind, _COMMANDS)
    found = (_find(name) for name in _COMMANDS if kind in (None, name))
    return (engine for engine in found if engine)


def _missing(kind: str | None) -> str:
    """Why there is no engine, or not the one asked for, and what can be done about it."""
    reasons = "; ".join(f"{_MEANS[name]}: {_reason(name)}" for name in _COMMANDS if kind in (None, name))
    others = ", or leave the choice of the engine to gradviz" if kind else ", or write .dot and draw it elsewhere"
    return f"no Graphviz found ({reasons}): {REMEDY}{others}"


def _reason(kind: EngineKind) -> str:
    try:
        _version(_COMMANDS[kind]())
    except (OSError, LookupError, subprocess.TimeoutExpired) as error:
        return _one_line([str(error)])
    return "it works now"


def _find(kind: EngineKind) -> Engine | None:
    command = _COMMANDS[kind]()
    with contextlib.suppress(OSError, LookupError, subprocess.TimeoutExpired):
        return Engine(kind=kind, version=_version(command), path=command[-1])
    return None


def _system_command() -> tuple[str, ...]:
    path = shutil.which("dot")
    return (path,) if path else ()


def _bundled_command() -> tuple[str, ...]:
    return _script("bundled_dot.py") if _importable("pygraphviz") else ()


def _portable_command() -> tuple[str, ...]:
    return _script("portable_dot.py") if _installed("graphviz-pure") else ()


def _script(name: str) -> tuple[str, ...]:
    # -P: nothing in the working directory can pose as a module; -W: what Python warns of there is none of ours.
    return (sys.executable, "-P", "-W", "ignore", str(Path(__file__).with_name(name))) if sys.executable else ()


# In the order in which they are tried.
_COMMANDS: dict[EngineKind, Callable[[], tuple[str, ...]]] = {
    "system": _system_command,
    "bundled": _bundled_command,
    "portable": _portable_command,
}
_MEANS: dict[EngineKind, str] = {"system": "`dot` on PATH", "bundled": "pygraphviz", "portable": "graphviz-pure"}


def _importable(name: str) -> bool:
    # Looked for, not imported: its libraries are large, and belong in the child.
    with contextlib.suppress(ValueError, ImportError):
        return importlib.util.find_spec(name) is not None
    return False


def _installed(name: str) -> bool:
    # It is a program, with no module to import.
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return bool(importlib.metadata.version(name))
    return False


@lru_cache(maxsize=16)
def _version(command: tuple[str, ...]) -> str:
    # Failures are raised, since they should not be cached: an engine may be installed the next minute.
    if not command:
        raise LookupError("not there")
    result = _run([*command, "-V"], b"", time_limit=20.0)
    match = re.search(r"graphviz version (\S+)", "\n".join(result.lines))
    if result.code or not match:
        # For example: ImportError: libgobject-2.0.so.0: cannot open shared object file
        raise LookupError(_one_line(result.lines).removeprefix("Error: ") or f"exit code {result.code}")
    return match[1]


# One drawing


def _draw(dot: str, format: str, engine: Engine, *, time_limit: float, dpi: float, program: str) -> Drawing:
    kind = _FORMATS[format]
    command = [*_COMMANDS[engine.kind](), f"-K{program}", *_options(format, dpi)]
    try:
        with _fonts_environment() as environment:
            result = _run(command, dot.encode("utf-8", "replace"), time_limit=time_limit, environment=environment)
    except OSError as error:
        raise RenderError(f"{engine} could not be started: {_one_line([str(error)])}; {REMEDY}") from None
    _check_run(result, engine)
    scale, data = _split(result.output) if kind.bitmap else (1.0, result.output)
    _check_output(data, format, engine)
    return Drawing(data=data, engine=engine, dpi=dpi * scale if kind.bitmap else None)


def _options(format: str, dpi: float) -> list[str]:
    kind = _FORMATS[format]
    if kind.bitmap:
        side = LARGEST_SIDE / dpi
        # `size` shrinks what is larger and leaves the rest as it is; the plain text tells by how much.
        return [f"-Gdpi={dpi:g}", f"-Gsize={side:.4f},{side:.4f}", "-Tplain", f"-T{format}"]
    if kind.largest:
        return [f"-Gsize={kind.largest},{kind.largest}", f"-T{format}"]
    return [f"-T{format}"]


def _split(output: bytes) -> tuple[float, bytes]:
    """The scale and the bitmap, of plain text with a bitmap after it."""
    plain, stop, data = output.partition(b"\nstop\n")
    match = re.match(rb"graph ([\d.e+-]+) ", plain)
    return (float(match[1]), data) if match and stop else (1.0, output)


def _too_slow(dot: str, engine: Engine, time_limit: float) -> str:
    return (
        f"{engine} had not laid out this graph ({len(dot):,} characters of DOT) after {time_limit:g} s: "
        "allow it more time, draw less (--level compact, --fold, --focus), or write .dot and lay it out elsewhere"
    )


# The child process


def _run(
    command: Sequence[str], data: bytes, *, time_limit: float, environment: Mapping[str, str] | None = None
) -> _Result:
    """Run a child to its end; whatever happens, it is gone afterwards."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as child:
        try:
            _limit_processor_time(child.pid, time_limit)
            output, errors = child.communicate(data, timeout=None if math.isinf(time_limit) else time_limit)
        except BaseException:  # time is up, or Ctrl-C
            _kill(child)
            raise
    return _Result(code=child.returncode, output=output, lines=errors.decode("utf-8", "replace").splitlines())


@contextlib.contextmanager
def _fonts_environment() -> Generator[dict[str, str], None, None]:
    """The environment in which Graphviz takes our fonts; the files that it names are there as long as it is used."""
    # Even an empty FONTCONFIG_SYSROOT makes some fontconfigs find no font, and Graphviz draw no text, without a word.
    inherited = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_SYSROOT"}
    with tempfile.TemporaryDirectory(prefix="gradviz-", ignore_cleanup_errors=True) as directory:
        settings = Path(directory, "fonts.conf")
        settings.write_text(fonts.configuration(cache=Path(directory, "cache")), encoding="utf-8")
        # The locale would have a say in which of the machine's fonts is taken for what ours lack.
        yield {**inherited, "FONTCONFIG_FILE": str(settings), "LC_ALL": "C"}


def _limit_processor_time(pid: int, seconds: float) -> None:
    """Have the kernel end the child even where this process is killed before it can do so itself."""
    if sys.platform == "linux" and math.isfinite(seconds):
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_CPU)
            resource.prlimit(pid, resource.RLIMIT_CPU, (math.ceil(seconds) + 1, hard))


def _kill(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        # With what it started itself, if the system can do that.
        with contextlib.suppress(OSError):
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True, check=False)
        child.kill()
        return
    # The whole group: `dot` may be a shell script that runs the real one.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


# Checks


def _check_choice(what: str, value: str, choices: Iterable[str]) -> None:
    names = list(choices)
    if value not in names:
        raise RenderError(f"unknown {what}: {value!r} (must be one of {names})")


def _check_range(what: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # nor is it where the value is NaN
        raise RenderError(f"{what} out of range: {value!r} (must be between {least:g} and {most:g})")


def _check_run(result: _Result, engine: Engine) -> None:
    faults = _faults(result.lines)
    if faults:
        kind = Unfit if any(map(_UNFIT.match, faults)) else RenderError
        raise kind(f"{engine} could not draw this graph: {_one_line(faults)}; write .dot to look at its input")
    if result.code:
        kind = Unfit if -result.code in _crashes() else RenderError
        end = f"exit code {result.code}" if result.code > 0 else f"signal {-result.code}"
        said = _one_line(line for line in result.lines if not _NOISE.match(line)) or "it did not say why"
        raise kind(f"{engine} failed with {end}: {said}; write .dot to look at its input")


def _crashes() -> set[int]:
    return {int(getattr(signal, name)) for name in _CRASHES if hasattr(signal, name)}


def _faults(lines: list[str]) -> list[str]:
    """From the first line that tells of a fault to the end, without the noise."""
    telling = [line for line in lines if (line.strip() and not _NOISE.match(line)) or _UNFIT.match(line)]
    first = next((place for place, line in enumerate(telling) if _FAULT.match(line)), len(telling))
    return telling[first:]


def _check_output(data: bytes, format: str, engine: Engine) -> None:
    kind = _FORMATS[format]
    if not data:
        raise RenderError(f"{engine} drew nothing: its {format} is empty; write .dot to look at its input")
    if not data.startswith(kind.starts) or not data.rstrip().endswith(kind.end):
        raise RenderError(f"{engine} drew no whole {format}: it begins with {data[:16]!r} and ends with {data[-16:]!r}")


def _one_line(lines: Iterable[str], *, longest: int = 300) -> str:
    """Lines as one, without control characters and the like: strangers' text may be quoted in them."""
    text = "".join(sign if sign.isprintable() else " " for sign in " ".join(lines))
    short = " ".join(text.split())
    return short if len(short) <= longest else short[: longest - 1] + "…"
