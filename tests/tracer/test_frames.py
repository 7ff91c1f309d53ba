"""Whose code a frame runs, and which frame is the user's."""

from __future__ import annotations

import functools
import json.decoder
import os
import runpy
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from gradviz.tracer import frames
from gradviz.tracer.frames import Owner, owner_of, user_frame

PACKAGE = Path(frames.__file__).parent.parent


def as_file(filename: str | Path) -> Callable[[Callable[[], FrameType]], FrameType]:
    """A function that calls what it is given, and seems to stand in a file."""
    return eval(compile("lambda inner: inner()", str(filename), "eval"))


def through(*files: str | Path) -> Callable[[], FrameType]:
    """A call of `user_frame` in the last of the files, which the one before called, and so on."""
    function: Callable[[], FrameType] = user_frame
    for file in reversed(files):
        function = functools.partial(as_file(file), function)
    return function


SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
#: What stands beside the package's folders is the user's in a checkout, and part of a library where it is installed.
BESIDE = Owner.LIBRARY if "site-packages" in PACKAGE.parts else Owner.USER
FILES = {
    PACKAGE / "tracer" / "tensor.py": Owner.GRADVIZ,
    PACKAGE / "tracer" / "ops" / "unary.py": Owner.GRADVIZ,
    PACKAGE / "render" / "formats" / "dot.py": Owner.GRADVIZ,
    PACKAGE / "cli" / "__init__.py": Owner.GRADVIZ,
    PACKAGE / "__init__.py": Owner.GRADVIZ,
    PACKAGE / "__main__.py": Owner.GRADVIZ,
    PACKAGE / "tests" / "tracer" / "test_frames.py": BESIDE,
    PACKAGE / "gallery" / "lecture.py": BESIDE,
    PACKAGE / "tracery" / "mine.py": BESIDE,
    "/home/me/tracer/tensor.py": Owner.USER,
    "lecture.py": Owner.USER,
    "<stdin>": Owner.USER,
    "<string>": Owner.USER,
    "<ipython-input-3-0a1b2c3d4e5f>": Owner.USER,
    "<doctest gradviz.tracer.frames[0]>": Owner.USER,
    "/tmp/ipykernel_12/345.py": Owner.USER,
    "/home/me/site-packages.py": Owner.USER,
    "/home/me/.venv/lib/python3.12/site-packages/torch/nn.py": Owner.LIBRARY,
    "/usr/lib/python3/dist-packages/scipy/special.py": Owner.LIBRARY,
    SITE_PACKAGES / "anything.py": Owner.LIBRARY,
    functools.__file__: Owner.LIBRARY,
    os.path.realpath(functools.__file__): Owner.LIBRARY,
    json.decoder.__file__: Owner.LIBRARY,
    np.__file__: Owner.LIBRARY,
    pytest.__file__: Owner.LIBRARY,
    "<frozen importlib._bootstrap>": Owner.LIBRARY,
    runpy.run_path.__code__.co_filename: Owner.LIBRARY,
    "<__array_function__ internals>": Owner.LIBRARY,
}


@pytest.mark.parametrize("filename", FILES, ids=str)
def test_owner(filename: str | Path) -> None:
    assert owner_of(str(filename)) is FILES[filename]


def test_the_frame_of_the_caller() -> None:
    assert user_frame() is sys._getframe()
    assert user_frame(0) is sys._getframe()  # and again, now that this code is known


def test_depth() -> None:
    def inner() -> FrameType:
        return user_frame(1)

    assert inner() is sys._getframe()
    assert inner() is sys._getframe()


TRACER, LIBRARY, USER = str(PACKAGE / "tracer" / "tensor.py"), str(SITE_PACKAGES / "numpy" / "core.py"), "mine.py"


@pytest.mark.parametrize(
    "files",
    [
        [USER],
        [USER, TRACER],
        [USER, TRACER, TRACER],
        [USER, LIBRARY],
        [USER, LIBRARY, TRACER],
        [USER, TRACER, LIBRARY, TRACER],
        [TRACER, USER, LIBRARY],
    ],
)
def test_the_nearest_frame_of_user_code(files: list[str]) -> None:
    for _ in range(2):  # the second time from memory
        found = through(*files)()
        assert found.f_code.co_filename == USER
    other = "other.py"
    assert through(other, *files)().f_code.co_filename == USER
    assert through(*files, other)().f_code.co_filename == other


ALONE = f"""
import runpy
frames = runpy.run_path({str(frames.__file__)!r})
user_frame, memory = frames["user_frame"], frames["user_frame"].__globals__
memory["_GENERATED"] += ("<string>",)  # so that this program isn't the user's either

def through(*files):
    function = user_frame
    for file in reversed(files):
        function = (lambda call, inner: lambda: call(inner))(eval(compile("lambda f: f()", file, "eval")), function)
    found = function().f_code
    return found.co_filename, found.co_name

print(through({LIBRARY!r}, {TRACER!r}))
memory["_GENERATED"], memory["_OWN_FOLDERS"] = (), ("<string>", {TRACER!r})
memory["_other_codes"].clear()
print(through({TRACER!r}))
"""


def test_where_no_frame_is_the_users() -> None:
    result = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    # the nearest that isn't gradviz's, here the lambda between the two; then, with none but gradviz's, the first
    assert result.stdout.splitlines() == [str(("<string>", "<lambda>")), str((TRACER, "<lambda>"))]


def test_library_folders_behind_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(link))
    assert set(frames._library_folders.__wrapped__()) == {f"{link}{os.sep}", f"{real.resolve()}{os.sep}"}


def test_new_code_gets_its_own_answer_although_ids_come_again() -> None:
    for number in range(200):
        file = (USER, TRACER)[number % 2]
        assert through(file)().f_code.co_filename == (USER if file == USER else __file__)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_CODES_HELD", 10)
    for number in range(50):
        assert through(f"cell{number}.py", TRACER)().f_code.co_filename == f"cell{number}.py"
    assert len(frames._user_codes) + len(frames._other_codes) <= 10
