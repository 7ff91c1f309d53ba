"""What tracing costs: `python tests/scripts/overhead.py [SCRIPT…]` runs scripts under python and gradviz.

`--write` puts the table into the README, between its markers.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from test_scripts import ARGUMENTS, PROGRAMS, SCRIPTS, STDIN

ROUNDS = 3
README = Path(__file__).parents[2] / "README.md"
MARKERS = ("<!-- overhead: begin -->", "<!-- overhead: end -->")
#: The command, which writes down in the file OPS how many ops it has recorded.
TRACE = """
import os
from pathlib import Path
from gradviz.cli import main, script
class Counted(script.Tape):
    def __init__(self, **options):
        super().__init__(**options)
        tapes.append(self)
tapes = []
script.Tape = Counted
try:
    main(prog_name="gradviz")
finally:
    Path(os.environ["OPS"]).write_text(str(tapes[-1].count))
"""


def seconds(command: list[str], given: bytes, folder: str) -> float:
    """The processor time of a command, the least of a few runs."""
    environment = {**os.environ, "OPS": str(Path(folder, "ops")), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    taken: list[float] = []
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run(command, input=given, capture_output=True, check=False, cwd=folder, env=environment)
        after = os.times()
        taken.append(after.children_user - before.children_user + after.children_system - before.children_system)
    return min(taken)


def measured(name: str) -> tuple[float, float, int]:
    """A script's seconds under python and under gradviz, and how many inputs and ops were recorded."""
    words = [str(PROGRAMS / f"{name}.py"), *ARGUMENTS.get(name, [])]
    given = STDIN.get(name, "").encode()
    with tempfile.TemporaryDirectory() as folder:
        plain = seconds([sys.executable, *words], given, folder)
        traced = seconds([sys.executable, "-c", TRACE, "trace", "-o", "f.dot", *words], given, folder)
        return plain, traced, int(Path(folder, "ops").read_text())


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python tests/scripts/overhead.py", description=__doc__)
    arguments.add_argument("scripts", nargs="*", metavar="SCRIPT", help="the names of some; all by default")
    arguments.add_argument("--write", action="store_true", help="put the table into README.md, between its markers")
    options = arguments.parse_args()
    lines = ["| script | python, s | gradviz, s | times | inputs and ops recorded |", "|---|---:|---:|---:|---:|"]
    found: list[tuple[float, float, int]] = []
    for name in options.scripts or SCRIPTS:
        plain, traced, ops = measured(name)
        found.append((plain, traced, ops))
        lines.append(f"| {name} | {plain:.2f} | {traced:.2f} | {traced / plain:.1f} | {ops:,} |")
        print(lines[-1], file=sys.stderr, flush=True)
    more = statistics.median(traced - plain for plain, traced, _ in found)
    times = statistics.median(traced / plain for plain, traced, _ in found)
    lines += [
        "",
        f"{len(found)} scripts; in the middle {more:.2f} s more, {times:.1f} times. Processor time, with the start of "
        f"Python and the writing of .dot; the least of {ROUNDS} runs each.",
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        begin, end = MARKERS
        before, rest = README.read_text(encoding="utf-8").split(begin)
        README.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
