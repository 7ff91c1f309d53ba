"""`--watch`: drawn again on each save, the last good picture kept, a page that follows; and what ends it."""

import re
import stat
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("watchfiles")
pytest.importorskip("pty")
from pseudo_terminal import CTRL_C, PATIENCE, Terminal, is_alive, until

GOOD = "x = {0}\nf = x * x\n"


def watched(*words: str, **environment: str) -> Terminal:
    return Terminal("-m", "gradviz", "trace", "--watch", *words, columns=500, **environment)


def test_drawn_again_on_each_save_and_the_last_good_picture_kept(write, folder):
    with watched(write(GOOD.format(2.0)), "-o", "f.json") as terminal:
        terminal.wait_for("f = 4\r")
        terminal.wait_for("gradviz: watching; Ctrl-C ends it\r")
        write(GOOD.format(3.0))
        terminal.wait_for("f = 9\r")
        good = (folder / "f.json").read_bytes()
        write("x = 4.0\nf = x * x\n1 / 0\n")
        terminal.wait_for("ZeroDivisionError: division by zero")
        write("x = 4.0\nf = x *\n")
        terminal.wait_for("SyntaxError")
        assert (folder / "f.json").read_bytes() == good
        write(GOOD.format(5.0))
        terminal.wait_for("f = 25\r")
        assert (folder / "f.json").read_bytes() != good


def test_a_module_beside_the_script_and_one_in_a_package(write, folder):
    (folder / "package").mkdir()
    write("def scaled(x):\n    return 2.0 * x\n", "helper.py")
    write("from .inner import shift\n", "package/__init__.py")
    write("shift = 1.0\n", "package/inner.py")
    name = write("import helper, package\nx = 3.0\nf = helper.scaled(x) + package.shift\n")
    with watched(name) as terminal:
        terminal.wait_for("f = 7\r")
        write("def scaled(x):\n    return 3.0 * x\n", "helper.py")
        terminal.wait_for("helper.py changed")
        terminal.wait_for("f = 10\r")
        write("shift = 4.0\n", "package/inner.py")
        terminal.wait_for("inner.py changed")
        terminal.wait_for("f = 13\r")


def test_data_that_the_script_names_but_not_what_it_writes(write, folder):
    write("2.0", "read.txt")
    name = write("from pathlib import Path\nx = float(Path('read.txt').read_text())\nf = x * 1.5\n"
                 "Path('written.csv').write_text(str(f))\n")  # fmt: skip
    with watched(name, "-o", "f.json", "-o", "f.txt", "--wrt", "x") as terminal:
        terminal.wait_for("f = 3\r")
        for text in ("4.0", "6.0"):
            # It counts once the run is known to have ended, which no line tells.
            until(lambda text=text: (write(text, "read.txt"), f"f = {float(text) * 1.5:g}\r" in terminal.text)[1])
        assert not re.search(r"(written.csv|f.json|f.txt) changed", terminal.text)


def test_other_files_in_the_folder_do_not_count(write, folder):
    (folder / "data").mkdir()
    write("x = 1.0\n", "other.py")
    with watched(write(GOOD.format(2.0))) as terminal:
        terminal.wait_for("f = 4\r")
        terminal.wait_for("watching; Ctrl-C ends it")
        write("x = 2.0\n", "other.py")
        write("x = 2.0\n", "data/new.py")
        write("1", "data.csv")
        write(GOOD.format(3.0))
        terminal.wait_for("f = 9\r")
        assert re.findall(r"(\S+) changed", terminal.text) == ["s.py"]


def test_a_module_that_is_not_there_yet(write):
    with watched(write("import late\nx = 2.0\nf = x * late.y\n")) as terminal:
        terminal.wait_for("No module named 'late'")
        write("y = 3.0\n", "late.py")
        terminal.wait_for("late.py changed")
        terminal.wait_for("f = 6\r")


def test_a_save_during_a_run_ends_it(write):
    with watched(write("import time\nprint('asleep')\ntime.sleep(1000)\n")) as terminal:
        terminal.wait_for("asleep")
        write(GOOD.format(3.0))
        terminal.wait_for("f = 9\r")


def test_a_package_can_be_watched(write, folder):
    (folder / "package").mkdir()
    write(GOOD.format(2.0), "package/__main__.py")
    with watched("-m", "package") as terminal:
        terminal.wait_for("f = 4\r")
        write(GOOD.format(3.0), "package/__main__.py")
        terminal.wait_for("f = 9\r")


def test_the_words_of_the_script_stay_its_own(write):
    name = write("import sys\nx = 2.0\nf = x * x\nprint(sys.argv[1:])\n")
    with watched(name, "--", "--watch", "--open", "trace", "-o", "x.png") as terminal:
        terminal.wait_for(re.escape("['--watch', '--open', 'trace', '-o', 'x.png']"))
        terminal.wait_for("f = 4\r")


def test_a_project_may_ask_for_it(write):
    write("[tool.gradviz]\nwatch = true\nformat = 'json'\n", "pyproject.toml")
    write(GOOD.format(2.0))
    with Terminal("-m", "gradviz", "trace", "s.py") as terminal:
        terminal.wait_for(r"wrote s\.json")
        terminal.wait_for("watching; Ctrl-C ends it")
        write(GOOD.format(3.0))
        terminal.wait_for("f = 9\r")
        assert terminal.text.count("watching") == 1


@pytest.mark.parametrize("words", [("-",), ("-c", "x = 1.0")])
def test_what_is_in_no_file_is_refused(gradviz, words):
    result = gradviz("trace", "--watch", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err == "gradviz: --watch waits for changes of a file: give the path of a script\n"


def test_a_file_that_is_not_there(gradviz):
    assert gradviz("trace", "--watch", "nosuch.py").code == 2


def test_without_the_package_it_says_which(gradviz, write, monkeypatch):
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = gradviz("trace", "--watch", write(GOOD.format(2.0)))
    assert (result.code, result.err) == (2, "gradviz: --watch needs the package watchfiles: pip install watchfiles\n")


# -- Ctrl-C -----------------------------------------------------------------------------------------------------------


def test_ctrl_c_between_runs(write, folder):
    with watched(write(GOOD.format(2.0)), "-o", "f.json") as terminal:
        terminal.wait_for("∂f/∂x = 4\r")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert terminal.screen[-2:] == ["gradviz: interrupted", ""]
        assert terminal.is_as_it_was()
    assert {path.name for path in folder.iterdir()} == {"s.py", "f.json"}


def test_ctrl_c_while_the_script_runs(write, folder):
    name = write("import os, time\nx = 2.0\nf = x * x\nprint('asleep', os.getpid(), flush=True)\ntime.sleep(1000)\n")
    with watched(name) as terminal:
        script = int(terminal.wait_for(r"asleep (\d+)\r")[1])
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert terminal.text.count("interrupted") == 1
        assert "Traceback" not in terminal.text
        assert terminal.is_as_it_was()
    assert not is_alive(script)
    assert [path.name for path in folder.iterdir()] == ["s.py"]


#: The command, with little time for a run to end by itself.
IMPATIENT = """
from gradviz.cli import main, watching
watching._PATIENCE = 0.3
main(prog_name="gradviz")
"""


def test_a_script_that_will_not_be_interrupted_is_ended(write):
    name = write("import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
                 "print('deaf', os.getpid(), flush=True)\ntime.sleep(1000)\n")  # fmt: skip
    with Terminal("-c", IMPATIENT, "trace", "--watch", name) as terminal:
        script = int(terminal.wait_for(r"deaf (\d+)\r")[1])
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    assert not is_alive(script)


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(tmp_path_factory) -> dict[str, str]:
    """The variable that names a browser, which writes down the address that it is sent to."""
    path = tmp_path_factory.mktemp("programs") / "browser"
    path.write_text('#!/bin/sh\necho "[opens $1]"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"BROWSER": str(path)}


def get(address: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=PATIENCE)


def events(address: str) -> Iterator[str]:
    """What the page is told, as it is told."""
    for line in get(address + "changes"):
        if line.startswith(b"data: "):
            yield line.decode().removeprefix("data: ").strip()


def test_the_page_follows(write, folder, browser):
    with watched("--open", write(GOOD.format(2.0)), **browser) as terminal:
        address = terminal.wait_for(r"\[opens (http://127\.0\.0\.1:\d+/)\]")[1]
        page = get(address).read().decode()
        assert '<img id="picture"' in page
        assert 'new EventSource("/changes")' in page
        told = events(address)
        assert next(told) == "drawn"
        picture = get(address + "picture?1")
        assert picture.headers["Content-Type"] == "image/svg+xml"
        assert picture.headers["Cache-Control"] == "no-store"
        first = picture.read()
        assert first == (folder / "s.svg").read_bytes()
        write("x = 1.0\nf = x / 0\n")
        assert next(told) == "failed"
        assert get(address + "picture?2").read() == first
        write(GOOD.format(3.0))
        assert next(told) == "drawn"
        assert get(address + "picture?3").read() == (folder / "s.svg").read_bytes() != first
        assert next(events(address)) == "drawn"  # a page that is opened later knows at once
        assert terminal.text.count("[opens") == 1


def test_the_page_is_for_this_machine_and_shows_nothing_else(write, browser):
    with watched("--open", write(GOOD.format(2.0)), **browser) as terminal:
        address = terminal.wait_for(r"\[opens (http://127\.0\.0\.1:\d+/)\]")[1]
        for path in ("s.py", "../s.py", "%2e%2e/s.py"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(address + path)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            get(address, Host="elsewhere.example")


@pytest.mark.parametrize(
    ("output", "element", "kind"),
    [
        ("f.png", "img", "image/png"),
        ("f.txt", "iframe", "text/plain; charset=utf-8"),
    ],
)
def test_the_page_shows_other_formats(write, browser, output, element, kind):
    with watched("--open", f"-o{output}", write(GOOD.format(2.0)), **browser) as terminal:
        address = terminal.wait_for(r"\[opens (http://127\.0\.0\.1:\d+/)\]")[1]
        assert f'<{element} id="picture"' in get(address).read().decode()
        picture = get(address + "picture")
        assert picture.headers["Content-Type"] == kind
        assert picture.read() == Path(output).read_bytes()


def test_a_script_that_is_broken_from_the_start(write, browser):
    with watched("--open", write("1 / 0\n"), **browser) as terminal:
        address = terminal.wait_for(r"\[opens (http://127\.0\.0\.1:\d+/)\]")[1]
        told = events(address)
        assert next(told) == "failed"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(address + "picture")
        write(GOOD.format(3.0))
        assert next(told) == "drawn"
        assert get(address + "picture").read()
