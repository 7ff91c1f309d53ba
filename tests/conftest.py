"""What holds for every test: with GRADVIZ_NO_SKIPS=1, as .ci/run sets it, a skipped test fails the run."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

# Not CI=true: the reader's own CI may run the README's test command without torch, and there a skip is right.
NO_SKIPS = os.environ.get("GRADVIZ_NO_SKIPS") == "1"

# Test or module → why; with pytest-xdist it is filled in the controller, from its workers' reports.
skipped: dict[str, str] = {}


@pytest.fixture(autouse=True)
def printing() -> Iterator[None]:
    """A script that is traced in this process may say how NumPy prints: until the end of its test."""
    with np.printoptions():
        yield


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes a test that skipped; one that is expected to fail has run, so it does not count."""
    if report.skipped and not hasattr(report, "wasxfail"):
        note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Notes a module that skipped as a whole (`pytest.importorskip` at its top)."""
    if report.skipped:
        note(report)


def note(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Keeps the reason; pytest hands it over as (path, line, text)."""
    path, line, text = report.longrepr
    skipped[report.nodeid] = f"{text} ({Path(path).name}:{line})"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turns a run that would pass into a failed one."""
    if NO_SKIPS and skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lists what skipped, where that fails the run."""
    if NO_SKIPS and skipped:
        terminalreporter.section("GRADVIZ_NO_SKIPS=1: no test may skip here, and these did", red=True)
        for test, reason in sorted(skipped.items()):
            terminalreporter.line(f"{test}: {reason}")
