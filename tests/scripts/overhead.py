"""Prints what tracing costs: `python tests/scripts/overhead.py [SCRIPT…]` runs scripts under python and gradviz."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from test_scripts import ARGUMENTS, PROGRAMS, SCRIPTS, STDIN

ROUNDS = 3
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


def main() -> None:
    print("| script | python, s | gradviz, s | times | inputs and ops recorded |")
    print("|---|---:|---:|---:|---:|")
    for name in sys.argv[1:] or SCRIPTS:
        words = [str(PROGRAMS / f"{name}.py"), *ARGUMENTS.get(name, [])]
        given = STDIN.get(name, "").encode()
        with tempfile.TemporaryDirectory() as folder:
            plain = seconds([sys.executable, *words], given, folder)
            traced = seconds([sys.executable, "-c", TRACE, "trace", "-o", "f.dot", *words], given, folder)
            ops = int(Path(folder, "ops").read_text())
        print(f"| {name} | {plain:.2f} | {traced:.2f} | {traced / plain:.1f} | {ops:,} |", flush=True)
    print(f"\nProcessor time, with the start of Python and the writing of .dot; the best of {ROUNDS} runs.")


if __name__ == "__main__":
    main()
