"""Notes where a script took values out of the graph: `float(x)`, `np.asarray(x)`, `"%.3f" % x`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from types import CodeType, FrameType

from ..tracer.frames import user_frame
from ..tracer.source import locate
from ..tracer.tensor import Tensor
from .terminal import clean

__all__ = ["Leaks"]

_LISTED = 5


class Leaks:
    """The places where values left the graph, each once, in the order they were first come by."""

    def __init__(self) -> None:
        # Keyed by the code object's id, which is cheap; the code object is held so that its id stays its own.
        self._places: dict[tuple[int, int], tuple[CodeType, int, str]] = {}

    def __call__(self, tensor: Tensor, how: str, frame: FrameType) -> None:
        """Take note of one; this is what `tracer.tensor.plain` calls."""
        frame = user_frame(1)  # where a library converts, the user's call of the library is the place
        key = (id(frame.f_code), frame.f_lasti)
        if key not in self._places:
            name = tensor.name
            if name is None and tensor._code is not None:
                name = locate(tensor._code, tensor._at).name
            self._places[key] = (frame.f_code, frame.f_lasti, how.format(name or "…"))

    def notes(self) -> Iterator[str]:
        """A line for each place, or how many more there are."""
        for code, at, how in list(self._places.values())[:_LISTED]:
            where = locate(code, at)
            text = f" in `{clean(where.code, longest=60)}`" if where.code and where.code != how else ""
            yield (
                f"{clean(how)} at {PurePath(where.file).name}:{where.line}{text} took a value out of the graph: "
                f"no gradient flows back through it"
            )
        if len(self._places) > _LISTED:
            yield f"values left the graph at {len(self._places) - _LISTED} more places"
