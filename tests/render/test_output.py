"""Files: written whole or not at all, where they belong, with the mode they should have."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from small_graphs import one_op, worked_example

from gradviz.render import FORMATS, check_target, output, save, write
from gradviz.tracer.errors import RenderError

posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes are POSIX's")


def test_a_new_file(tmp_path):
    write(b"new", tmp_path / "f.svg")
    assert (tmp_path / "f.svg").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["f.svg"]


def test_a_name_may_be_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(b"new", "f.svg")
    assert Path("f.svg").read_bytes() == b"new"


def test_an_existing_file_is_replaced(tmp_path):
    (tmp_path / "f.svg").write_bytes(b"old and longer")
    write(b"new", tmp_path / "f.svg")
    assert (tmp_path / "f.svg").read_bytes() == b"new"


class Full(Exception):
    """The disk is full, or Ctrl-C was pressed."""


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt(), Full()])
def test_what_was_there_stays_when_writing_fails(tmp_path, monkeypatch, fault):
    (tmp_path / "f.svg").write_bytes(b"old")

    def fails(self, target):
        raise fault

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(RenderError if isinstance(fault, OSError) else type(fault)):
        write(b"new", tmp_path / "f.svg")
    assert (tmp_path / "f.svg").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f.svg"]


def test_what_was_there_stays_when_drawing_fails(tmp_path):
    (tmp_path / "f.svg").write_bytes(b"old")
    with pytest.raises(RenderError):
        save(worked_example(), tmp_path / "f.svg", time_limit=0.001)
    assert (tmp_path / "f.svg").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f.svg"]


def test_an_error_of_the_system_is_told_in_its_words(tmp_path, monkeypatch):
    def fails(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(RenderError, match=r"can't write '.*f\.svg': No space left on device; choose another place"):
        write(b"new", tmp_path / "f.svg")


@posix
def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write(b"new", tmp_path / "f.svg")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "f.svg").stat().st_mode) == 0o640


@posix
def test_an_existing_file_keeps_its_mode(tmp_path):
    (tmp_path / "f.svg").write_bytes(b"old")
    (tmp_path / "f.svg").chmod(0o604)
    write(b"new", tmp_path / "f.svg")
    assert stat.S_IMODE((tmp_path / "f.svg").stat().st_mode) == 0o604


@posix
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "g.svg").write_bytes(b"old")
    (tmp_path / "f.svg").symlink_to(Path("real", "g.svg"))
    write(b"new", tmp_path / "f.svg")
    assert (tmp_path / "f.svg").is_symlink()
    assert (tmp_path / "real" / "g.svg").read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["g.svg"]


@posix
def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "f.svg")
    read = list[bytes]()
    reader = threading.Thread(target=lambda: read.append((tmp_path / "f.svg").read_bytes()))
    reader.start()
    write(b"new", tmp_path / "f.svg")
    reader.join(10)
    assert read == [b"new"]


@posix
def test_a_device_is_written_to():
    write(b"new", "/dev/null")
    assert not Path("/dev/null").is_file()


def test_a_missing_folder(tmp_path):
    with pytest.raises(RenderError, match=r"there is no folder '.*nowhere'; make it first"):
        check_target(tmp_path / "nowhere" / "f.svg")


def test_a_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(RenderError, match="it is a folder; name a file in it"):
        check_target(tmp_path)


def test_a_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(RenderError, match=r"can't write '.*g\.svg'"):
        write(b"new", tmp_path / "f" / "g.svg")


@pytest.mark.parametrize("closed", ["folder", "file"])
def test_what_is_read_only(tmp_path, monkeypatch, closed):
    path = tmp_path / "f.svg"
    path.write_bytes(b"old")
    shut = tmp_path if closed == "folder" else path
    # Root may write everywhere, so the system is not asked.
    monkeypatch.setattr(output.os, "access", lambda asked, mode: Path(asked) != shut)
    with pytest.raises(RenderError, match=rf"no permission for '{shut if closed == 'file' else '.*'}'"):
        write(b"new", path)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("format", FORMATS)
def test_save_writes_what_the_suffix_stands_for(tmp_path, format):
    path = tmp_path / f"f{FORMATS[format].suffix}"
    written = one_op().save(path, level="lecture", dpi=48)
    assert path.read_bytes() == written.data


def test_save_checks_everything_before_it_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "render", lambda *given: pytest.fail("it drew"))
    for path, options in [
        (tmp_path / "f.jpeg", {}),
        (tmp_path / "nowhere" / "f.svg", {}),
        (tmp_path / "f.svg", {"theme": "pink"}),
        (tmp_path / "f.svg", {"tehme": "dark"}),
    ]:
        with pytest.raises(RenderError):
            one_op().save(path, **options)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_suffix_lists_the_known_ones(tmp_path):
    with pytest.raises(RenderError, match=r"unknown suffix '\.jpeg'.*\.svg, \.pdf, \.png, \.dot"):
        one_op().save(tmp_path / "f.jpeg")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rules for names")
@pytest.mark.parametrize("name", ["-f.svg", "a b.svg", "重み.svg", "f\n.svg", '"f".svg', "$HOME.svg"])
def test_names_are_just_names(tmp_path, name):
    one_op().save(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 0
