"""`--open` opens the first file in the system's program for it, or says where it is."""

import stat

import pytest

SCRIPT = "x = 2.0\nf = x * x\n"


@pytest.fixture
def opened(folder, tmp_path_factory, monkeypatch):
    """A browser that writes down what it is sent to; gives those addresses."""
    beside = tmp_path_factory.mktemp("programs")
    browser, log = beside / "browser", beside / "log"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{log}"\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", str(browser))
    return lambda: log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def no_browser(folder, monkeypatch):
    """A system without any program that opens files."""
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))


pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="the browser of these tests is a shell script")


def test_the_first_file_is_opened_when_it_is_written(processes, write, folder, opened):
    done = processes("-m", "gradviz", "trace", "--open", write(SCRIPT), "-o", "a b.svg", "-o", "f.dot")
    assert (done.returncode, done.stderr) == (0, b"")
    assert opened() == [(folder / "a b.svg").as_uri()]


def test_it_is_a_file_that_is_opened_and_not_stdout(processes, write, folder, opened):
    done = processes("-m", "gradviz", "trace", "--open", write(SCRIPT), "-o", "-", "-o", "f.dot", "--format", "dot")
    assert done.stdout == (folder / "f.dot").read_bytes()
    assert opened() == [(folder / "f.dot").as_uri()]


def test_nothing_is_opened_where_nothing_is_drawn(processes, write, opened):
    assert processes("-m", "gradviz", "trace", "--open", write("print(1)\n")).returncode == 1
    assert opened() == []


def test_what_there_was_before_an_exception_is_opened(processes, write, folder, opened):
    done = processes("-m", "gradviz", "trace", "--open", write(SCRIPT + "f / 0\n"), "-o", "f.dot")
    assert done.returncode == 1
    assert opened() == [(folder / "f.dot").as_uri()]


def test_where_nothing_opens_files_it_says_where_it_is(processes, write, folder, no_browser):
    done = processes("-m", "gradviz", "trace", "--open", write(SCRIPT), "-o", "f.dot")
    assert done.returncode == 0
    address = (folder / "f.dot").as_uri()
    assert done.stderr.decode() == f"gradviz: no program opened {address}: open it by hand\n"


def test_stdout_alone_is_no_file(gradviz, write):
    result = gradviz("trace", "--open", write(SCRIPT), "-o", "-")
    assert (result.code, result.out) == (2, "")
    assert result.err == "gradviz: --open opens a file, and -o - writes none: name one with -o\n"
