"""Notes where a script took values out of the graph: `float(x)`, `np.asarray(x)`.

What only goes into a text, a file or a plot is passed over: nothing is computed from it any more.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from pathlib import PurePath
from types import CodeType, FrameType

from ..tracer.frames import user_frame
from ..tracer.source import Source, locate
from ..tracer.tensor import Tensor
from .inputs import comes_from_input
from .terminal import clean

__all__ = ["Leaks"]

_LISTED = 5
_SEARCHED = 2000  # so many records are looked at for an input
#: Statements and calls whose results nothing is computed from.
_SHOWN = re.compile(
    r"print\(|([\w.]+(\([\w.]*\))?\.)*(dumps?|write(rows?)?|debug|info|warn(ing)?|error|critical|exception|log)\("
    r"|np\.save\w*\(|\w+\.tofile\(|(plt|ax\w*|axes|fig)(\[[^]]*\])?\.\w+\(|[rf]?(\".*\"|'.*') % "
)


class Leaks:
    """The places where values left the graph, each once, in the order they were first come by."""

    def __init__(self) -> None:
        # Keyed by the code object's id, which is cheap; the code object is held so that its id stays its own.
        self._places: dict[tuple[int, int], tuple[CodeType, int, str]] = {}

    def __call__(self, tensor: Tensor, how: str, frame: FrameType) -> None:
        """Take note of one; this is what `tracer.tensor.plain` calls."""
        frame = user_frame(1)  # where a library converts, the user's call of the library is the place
        key = (id(frame.f_code), frame.f_lasti)
        if key not in self._places and comes_from_input(tensor, most=_SEARCHED):
            name = tensor.name
            if name is None and tensor._code is not None:
                name = locate(tensor._code, tensor._at).name
            self._places[key] = (frame.f_code, frame.f_lasti, how.format(name or "…"))

    def notes(self) -> Iterator[str]:
        """A line for each place, or how many more there are."""
        places = [(locate(code, at), how) for code, at, how in self._places.values()]
        places = [(where, how) for where, how in places if not _is_shown(where)]
        for where, how in places[:_LISTED]:
            text = f" in `{clean(where.code, longest=60)}`" if where.code and where.code != how else ""
            yield (
                f"{clean(how)} at {PurePath(where.file).name}:{where.line}{text} took a value out of the graph: "
                f"no gradient flows back through it"
            )
        if len(places) > _LISTED:
            yield f"values left the graph at {len(places) - _LISTED} more places"


def _is_shown(where: Source) -> bool:
    """Whether a value only went into a text, a file or a plot."""
    line = linecache.getline(where.file, where.line or 0).strip()
    return any(_SHOWN.match(text) for text in (line, where.code) if text)
