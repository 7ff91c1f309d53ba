"""What gradviz costs, beside its peers: `python tests/benchmarks` prints a table; `--full` takes its time.

It needs the peers: `pip install micrograd==0.1.0 autograd==1.9.1 mygrad==2.5.0 torch==2.13.0`. Those that are not there
are left out. `--write` puts the table into the README, between its markers; `--plot FILE` draws the time per op. At the
end come the tables of `render.py`: what a picture costs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

import plot
from peers import PEERS
from runner import Times, Worker, commands_in_turn, in_turn, memory
from works import KEPT, WORKS

import render

MARKERS = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

#: work, sizes (quick), sizes (full), what one op is, so that times are per op; None: milliseconds for the whole.
PLAN: list[tuple[str, tuple[int, ...], tuple[int, ...], bool]] = [
    ("chain", (1_000, 10_000, 100_000), (1_000, 10_000, 100_000, 1_000_000), True),
    ("tree", (10_000,), (1_000, 10_000, 100_000, 1_000_000), True),
    ("mlp64", (128,), (128,), False),
    ("mlp32", (128,), (128,), False),
    ("lstm", (500,), (500,), False),
    ("transformer", (64,), (64,), False),
    ("small arrays", (3_000,), (3_000,), True),
    ("in place", (2_000,), (10_000,), True),
    ("second derivatives", (20,), (50,), False),
    ("gradient check", (50,), (200,), False),
    ("edges looked at", (10_000,), (10_000, 100_000), True),
    ("replay", (10_000,), (10_000, 1_000_000), True),
    ("JSON", (10_000,), (10_000, 100_000), True),
]

#: What design.md asks for: work, size, peer, the greatest ratio.
LIMITS: list[tuple[str, int, str, float]] = [
    ("chain", 10_000, "micrograd", 0.35),
    ("chain", 10_000, "torch", 0.12),
    ("chain", 10_000, "mygrad", 0.04),
    ("chain", 10_000, "autograd", 0.035),
    ("lstm", 500, "numpy", 1.6),
    ("lstm", 500, "torch", 1.0),
    ("mlp64", 128, "numpy", 1.2),
    ("mlp32", 128, "numpy", 1.2),
    ("mlp64", 128, "torch", 1.0),
    ("mlp32", 128, "torch", 1.0),
    ("transformer", 64, "torch", 1.0),
]


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    arguments.add_argument("--full", action="store_true", help="up to a million ops, and more rounds (15 minutes)")
    arguments.add_argument("--write", action="store_true", help="put the table into README.md, between its markers")
    arguments.add_argument("--plot", type=Path, metavar="FILE", help="draw time per op against the number of ops")
    arguments.add_argument("--only", default="", metavar="WORK,…", help=f"some works: {', '.join(WORKS)}, pictures")
    options = arguments.parse_args()
    only = set(options.only.split(",")) - {""}
    # Whether a peer is there; NumPy and gradviz always are.
    there = [name for name in PEERS if importlib.util.find_spec(name) is not None]
    workers: dict[str, Worker] = {}
    all_times: list[Times] = []
    for work, quick, full, _ in PLAN:
        if only and work not in only:
            continue
        for size in full if options.full else quick:
            peers = tuple(peer for peer in WORKS[work][1] if peer in there)
            rounds, each = (11, 20.0) if options.full else (7, 1.5)
            print(f"{work}, {size:,} …", file=sys.stderr)
            all_times.append(in_turn(work, size, peers, workers, rounds, each))
    for worker in workers.values():
        worker.close()
    parts: list[tuple[str, tuple[str, str]]] = []
    if only != {"pictures"}:
        found = report(all_times, options.full, only, there)
        parts.append(("\n\n".join(part for part in found if part), MARKERS))
    if not only or "pictures" in only:
        parts.append((render.tables(), render.MARKERS))
    print("\n\n".join(text for text, _ in parts))
    if options.plot is not None:
        options.plot.write_text(plot.drawn(growth(5 if options.full else 3)), encoding="utf-8")
    for text, markers in parts if options.write else []:
        render.written_between(text, markers)


# -- the report -------------------------------------------------------------------------------------------------------


def report(all_times: list[Times], full: bool, only: set[str], there: list[str]) -> list[str]:
    per_op = {work: counts for work, _, _, counts in PLAN}
    parts = [
        machine(there),
        table("Time per op, recording + going back, in µs", [t for t in all_times if per_op[t.work]], 1e6, True),
        table("Time of the whole, forward + back, in ms", [t for t in all_times if not per_op[t.work]], 1e3, False),
    ]
    limits = limit_rows(all_times)
    if not only or "memory" in only:
        limits += memory_rows(there if full else ["gradviz"])
        limits += keep_rows(10_000 if full else 2_000)
    if not only or "processes" in only:
        limits += process_rows(21 if full else 9)
    if limits:
        parts.append("\n".join(["| what | measured | limit | |", "|---|---|---|---|", *limits]))
    return parts


def table(title: str, all_times: list[Times], unit: float, per_op: bool) -> str:
    """A row a work and size, a column a peer: its times, and below how much of them gradviz takes."""
    if not all_times:
        return ""
    columns = [peer for peer in PEERS if any(peer in t.forward for t in all_times)]
    lines = [
        f"**{title}**; in brackets gradviz's share",
        "",
        f"| work | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for t in all_times:
        cells = [f"{t.work}, {t.size:,}"]
        for peer in columns:
            if peer not in t.forward:
                cells.append("")
                continue
            scale = unit / (t.size if per_op else 1)
            f, b = t.median(peer, "forward") * scale, t.median(peer, "back") * scale
            share = "" if peer == "gradviz" else f" (×{t.ratio(peer):.3g})"
            cells.append(f"{f:.3g} + {b:.3g}{share}" if b else f"{f:.3g}{share}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def row(what: str, measured: float, limit: float, unit: str) -> str:
    over = measured / limit - 1
    return f"| {what} | {measured:.3g}{unit} | {limit:g}{unit} | {'met' if over <= 0 else f'missed by {over:.0%}'} |"


def limit_rows(all_times: list[Times]) -> list[str]:
    at = {(t.work, t.size): t for t in all_times}
    rows = [
        row(f"{work}, {size:,}: share of {peer}'s time", at[work, size].ratio(peer), limit, "")
        for work, size, peer, limit in LIMITS
        if (work, size) in at and peer in at[work, size].forward
    ]
    small = at.get(("small arrays", 3_000))
    if small is not None:
        over = (small.median("gradviz", "forward") - small.median("numpy", "forward")) / 3_000 * 1e6
        rows.append(row("small arrays, forward, over bare NumPy, per op", over, 0.8, " µs"))
    chains = [t for t in all_times if t.work == "chain"]
    if len(chains) > 1:
        per_op = [t.median("gradviz") / t.size for t in chains]
        flat = max(per_op) / min(per_op)
        back = [t.median("gradviz", "back") / t.median("gradviz", "forward") for t in chains]
        sizes = f"{chains[0].size:,} to {chains[-1].size:,} ops"
        rows.append(f"| chain, {sizes}: slowest time per op ÷ fastest | {flat:.2f} | flat | |")
        rows.append(f"| chain, {sizes}: back ÷ forward | {', '.join(f'{x:.2f}' for x in back)} | flat | |")
    return rows


def memory_rows(peers: list[str]) -> list[str]:
    rows: list[str] = []
    for peer in peers:
        if peer in ("numpy", "floor"):
            continue
        print(f"memory of {peer} …", file=sys.stderr)
        size = 1_000_000 if peer == "gradviz" else 100_000  # the others' bytes per op do not change, and take minutes
        taken = memory("chain", size, peer)
        what = f"chain, {size:,} ops, bytes per op: {peer}"
        if peer == "gradviz":
            rows.append(row(what, taken["peak"], 165, ""))
        else:
            rows.append(f"| {what} | {taken['peak']:.0f} | | |")
        rows.append(f"| {what}, of the process | {taken['rss']:.0f} | | |")
    return rows


def keep_rows(ops: int) -> list[str]:
    """The arrays that a trace holds at its peak, as a share of all it computes, and the time, by `keep=`."""
    rows: list[str] = []
    worker = Worker("gradviz")
    seconds = {keep: worker.ask(f"keep={keep}", ops)["forward"] for keep in ("all", "needed", "none")}
    worker.close()
    for keep, taken in seconds.items():
        print(f"keep={keep} …", file=sys.stderr)
        share = memory(f"keep={keep}", ops, "gradviz")["peak"] / (8 * KEPT)
        times = f"×{taken / seconds['all']:.2f} the time"
        what = f"{ops:,} ops on arrays of {KEPT:,}, keep={keep}: peak, of all arrays"
        rows.append(f"| {what} | {share:.0%} | | {times} |")
    return rows


def process_rows(rounds: int) -> list[str]:
    print("processes …", file=sys.stderr)
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.py"
        script.write_text("import numpy as np\nx, y = 2.0, 3.0\nz = np.exp(x) * y\nprint(z)\n")
        command = [python, "-m", "gradviz", "trace", str(script)]
        found = commands_in_turn(
            {
                "nothing": [python, "-c", "pass"],
                "numpy": [python, "-c", "import numpy"],
                "gradviz": [python, "-c", "import gradviz"],
                "script": [python, str(script)],
                "json": [*command, "-o", "f.json"],
                "svg": [*command, "-o", "f.svg"],
            },
            rounds,
            cwd=folder,
        )

    def less(one: str, other: str) -> float:
        return statistics.median(a - b for a, b in zip(found[one], found[other], strict=True))

    imports = statistics.median(
        (g - p) / (n - p) for g, n, p in zip(found["gradviz"], found["numpy"], found["nothing"], strict=True)
    )
    return [
        row("import gradviz ÷ import numpy", imports, 1.3, ""),
        row("gradviz trace -o f.json, less python SCRIPT", less("json", "script"), 0.3, " s"),
        f"| gradviz trace -o f.svg, less python SCRIPT: with the layout | {less('svg', 'script'):.3g} s | | |",
    ]


def machine(there: list[str]) -> str:
    """The machine and the versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in there if name not in ("gradviz", "floor")]
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"{', '.join(versions)}; one BLAS thread, default garbage collection, source positions recorded, "
        f"a process a peer, in turn, processor time, medians."
    )


def growth(rounds: int) -> list[tuple[int, float, float]]:
    """Ops, and microseconds per op of recording and of going back, for the plot."""
    workers: dict[str, Worker] = {}
    points: list[tuple[int, float, float]] = []
    for size in (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000):
        t = in_turn("chain", size, ("gradviz",), workers, rounds, 20.0)
        per_op = 1e6 / size
        points.append((size, t.median("gradviz", "forward") * per_op, t.median("gradviz", "back") * per_op))
    for worker in workers.values():
        worker.close()
    return points


if __name__ == "__main__":
    main()
