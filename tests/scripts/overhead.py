"""Prints what tracing costs: `python tests/scripts/overhead.py` runs each script under python and under gradviz."""

import subprocess
import sys
import tempfile
import time

from test_scripts import ARGUMENTS, PROGRAMS, SCRIPTS, STDIN

ROUNDS = 3
TRACE = "from gradviz.cli import main; main(prog_name='gradviz')"


def seconds(command, given, folder):
    """The best of a few runs."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, input=given, capture_output=True, check=False, cwd=folder)
        best = min(best, time.perf_counter() - start)
    return best


def main():
    print(f"{'script':24} {'python':>8} {'gradviz':>8} {'more':>8} {'times':>6}   (s, best of {ROUNDS}, .json)")
    for name in sys.argv[1:] or SCRIPTS:
        words = [str(PROGRAMS / f"{name}.py"), *ARGUMENTS.get(name, [])]
        given = STDIN.get(name, "").encode()
        with tempfile.TemporaryDirectory() as folder:
            plain = seconds([sys.executable, *words], given, folder)
            traced = seconds([sys.executable, "-c", TRACE, "trace", "-o", "f.json", *words], given, folder)
        print(f"{name:24} {plain:8.2f} {traced:8.2f} {traced - plain:8.2f} {traced / plain:6.1f}", flush=True)


if __name__ == "__main__":
    main()
