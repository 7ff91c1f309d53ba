"""Finds the user's frame: the nearest caller that is neither gradviz itself nor an installed library."""

from __future__ import annotations

import enum
import os
from functools import cache
from pathlib import Path
from sys import _getframe as getframe  # pyright: ignore[reportPrivateUsage]  # inspect.currentframe can't skip callers
from types import CodeType, FrameType

__all__ = ["Owner", "is_own", "owner_of", "user_frame"]


class Owner(enum.Enum):
    """Whose code a file holds."""

    GRADVIZ = "gradviz"
    LIBRARY = "library"
    USER = "user"


_CODES_HELD = 4096  # a program that makes code objects for ever must not fill the memory with them

# The package folder may be the checkout's root, where tests/ and gallery/ lie too: those are user code.
_PACKAGE = Path(__file__).parent.parent
_OWN_FOLDERS = tuple(f"{_PACKAGE / folder}{os.sep}" for folder in ("tracer", "render", "cli"))
_OWN_FILES = frozenset(str(_PACKAGE / file) for file in ("__init__.py", "__main__.py"))

# Code that libraries generate: it has no file, but it isn't the user's.
_GENERATED = ("<frozen ", "<__array_function__ ", "<attrs generated ", "<decorator-gen")
# Folders of installed packages, wherever they are: another environment on PYTHONPATH, --user, Debian's.
_INSTALLED = frozenset({"site-packages", "dist-packages"})


@cache
def _library_folders() -> tuple[str, ...]:
    """The folders of the standard library and of the installed packages, as given and with links followed."""
    import sysconfig  # takes a millisecond, which an import of gradviz need not

    given = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return tuple({f"{form}{os.sep}" for path in given for form in (path, path.resolve())})


def owner_of(filename: str) -> Owner:
    """Whose code a file holds, by a code object's `co_filename`.

    Examples
    --------
    >>> import os
    >>> owner_of("/home/me/lecture.py"), owner_of("<ipython-input-1-5d1c>"), owner_of(os.__file__)
    (<Owner.USER: 'user'>, <Owner.USER: 'user'>, <Owner.LIBRARY: 'library'>)
    """
    if filename.startswith(_OWN_FOLDERS) or filename in _OWN_FILES:  # first: an installed gradviz is in site-packages
        return Owner.GRADVIZ
    if filename.startswith(_GENERATED) or filename.startswith(_library_folders()):
        return Owner.LIBRARY
    return Owner.USER if _INSTALLED.isdisjoint(Path(filename).parts) else Owner.LIBRARY


# Keyed by id because hashing a code object takes microseconds; the code object is held so that its id stays its own.
_user_codes: dict[int, CodeType] = {}
_other_codes: dict[int, tuple[Owner, CodeType]] = {}


def _owner(code: CodeType) -> Owner:
    """Whose code this is, and remember it."""
    key = id(code)
    if key in _user_codes:
        return Owner.USER
    known = _other_codes.get(key)
    if known is not None:
        return known[0]
    owner = owner_of(code.co_filename)
    if len(_user_codes) + len(_other_codes) >= _CODES_HELD:
        _user_codes.clear()
        _other_codes.clear()
    if owner is Owner.USER:
        _user_codes[key] = code
    else:
        _other_codes[key] = (owner, code)
    return owner


def is_own(code: CodeType) -> bool:
    """Whether gradviz itself ran an op: a gradient's own ops, in the graph of a second derivative."""
    return _owner(code) is Owner.GRADVIZ


def user_frame(depth: int = 0) -> FrameType:
    """The nearest frame of user code, searched outwards.

    Parameters
    ----------
    depth
        Where to begin, as in `sys._getframe`: 0 is the function that calls `user_frame`, 1 its caller.

    Returns
    -------
    FrameType
        The first frame that belongs neither to gradviz nor to a library. Where there is none, the first that isn't
        gradviz's; where there is none of these either, the frame it began at.

    Examples
    --------
    >>> user_frame().f_code.co_name
    '<module>'
    """
    frame = getframe(depth + 1)
    if id(frame.f_code) in _user_codes:
        return frame
    return _search(frame)


def _search(start: FrameType) -> FrameType:
    """`user_frame` where the first frame isn't known to be the user's."""
    fallback: FrameType | None = None
    frame: FrameType | None = start
    while frame is not None:
        owner = _owner(frame.f_code)
        if owner is Owner.USER:
            return frame
        if fallback is None and owner is Owner.LIBRARY:
            fallback = frame
        frame = frame.f_back
    return fallback or start
