"""Notes where a script took values out of the graph: `float(x)`, `np.asarray(x)`.

What only goes into a text, a file or a plot is passed over: nothing is computed from it any more.
"""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from types import CodeType, FrameType

from ..tracer.frames import Owner, owner_of, user_frame
from ..tracer.source import Source, locate
from ..tracer.tensor import Tensor
from .inputs import comes_from_input
from .terminal import clean

__all__ = ["Leaks", "is_shown"]

_LISTED = 5
_SEARCHED = 2000  # so many records are looked at for an input
#: Expressions whose result is a text or a file, and nothing that is computed with.
_TEXTS = re.compile(r"json\.dumps?\(|([\w.]+\.)?writerows?\(|np\.save\w*\(|\w+\.tofile\(|[rf]?(\".*\"|'.*') % ")
#: Statements whose result is dropped, and which only show what they are given, or wait for so long.
_SHOWING = re.compile(
    r"(?!c?[pP]ickle|joblib|torch)(print\(|([\w.]+(\([\w.]*\))?\.)*(dump|dumps|write|writerows?|debug|info|warn|warning|error|critical|exception|log"
    r"|sleep|wait|acquire|settimeout|setitimer|tofile|assert\w+)\("
    r"|np\.(save\w*|testing\.\w+)\(|(self\.)?(plt|pyplot|pylab|ax\w*|axes|fig\w*|canvas|line\w*)(\[[^]]*\])?\.\w+\()"
)
#: The beginning or end of what took a value out → what keeps it.
_REMEDIES = {
    "float(": "use {} itself", "complex(": "use {} itself", ".item()": "use {} itself", ".tolist()": "use {} itself",
    "np.asarray(": "NumPy's own functions keep {} in it", "the pickle of": "copy.deepcopy keeps {} in it",
}  # fmt: skip


class Leaks:
    """The places where values left the graph, each once, in the order they were first come by."""

    def __init__(self) -> None:
        # Keyed by the code object's id, which is cheap; the code object is held so that its id stays its own.
        self._places: dict[tuple[int, int], tuple[CodeType, int, str, str]] = {}

    def __call__(self, tensor: Tensor, how: str, frame: FrameType) -> None:
        """Take note of one; this is what `tracer.tensor.plain` calls."""
        frame = user_frame(1)  # where a library converts, the user's call of the library is the place
        code, at = frame.f_code, frame.f_lasti
        if tensor._code is not None and owner_of(code.co_filename) is not Owner.USER:  # in a thread of a library's
            code, at, how = tensor._code, tensor._at, how.replace("the pickle of {}", "{} for another process")
        key = (id(code), at)
        if key not in self._places and comes_from_input(tensor, most=_SEARCHED):
            name = tensor.name
            if name is None and tensor._code is not None:
                made = locate(tensor._code, tensor._at)
                name = made.name or clean(made.code or "", longest=30)
            self._places[key] = (code, at, how.format(name or "…"), name or "the value")

    def notes(self) -> Iterator[str]:
        """A line for each place, or how many more there are."""
        places = [(locate(code, at), how, name) for code, at, how, name in self._places.values()]
        places = [(where, how, name) for where, how, name in places if not is_shown(where)]
        for where, how, name in places[:_LISTED]:
            text = f" in `{clean(where.code, longest=60)}`" if where.code and where.code != how else ""
            yield (
                f"{clean(how)} at {PurePath(where.file).name}:{where.line}{text} took a value out of the graph: "
                f"no gradient flows back through it{clean(_remedy(how, name))}"
            )
        if len(places) > _LISTED:
            yield f"values left the graph at {len(places) - _LISTED} more places"


def _remedy(how: str, name: str) -> str:
    found = [remedy for part, remedy in _REMEDIES.items() if how.startswith(part) or how.endswith(part)]
    return f"; {found[0].format(name)}" if found else ""


def is_shown(where: Source) -> bool:
    """Whether a value only went into a text, a file or a plot."""
    if where.code and _TEXTS.match(where.code) and "loads(" not in linecache.getline(where.file, where.line or 0):
        return True
    return any(
        start <= (where.line or 0) <= end and _SHOWING.match(linecache.getline(where.file, start).lstrip())
        for start, end in _dropping(where.file)
    )


@cache
def _dropping(file: str) -> list[tuple[int, int]]:
    """The lines of a file's statements whose result is dropped: first and last."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [(node.lineno, node.end_lineno or node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Expr)]
