"""Runs workers, one process a peer, in turn: what disturbs the machine for a second disturbs all of them alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

HERE = Path(__file__).parent

#: What a BLAS reads when NumPy or torch is imported.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}


@dataclass
class Times:
    """The seconds of one work at one size, by peer, one entry a round."""

    work: str
    size: int
    forward: dict[str, list[float]] = field(default_factory=dict)
    back: dict[str, list[float]] = field(default_factory=dict)

    def median(self, peer: str, which: str = "both") -> float:
        return statistics.median(self._rounds(peer, which))

    def ratio(self, peer: str, which: str = "both") -> float:
        """gradviz against a peer: the median of the rounds' ratios."""
        # A slow peer may have had fewer rounds.
        pairs = zip(self._rounds("gradviz", which), self._rounds(peer, which), strict=False)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    def _rounds(self, peer: str, which: str) -> list[float]:
        if which == "both":
            return [f + b for f, b in zip(self.forward[peer], self.back[peer], strict=True)]
        return getattr(self, which)[peer]


class Worker:
    """A process that runs the works of one peer."""

    def __init__(self, peer: str) -> None:
        command = [sys.executable, str(HERE / "worker.py"), peer]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **ONE_THREAD})

    def ask(self, work: str, size: int, of: str = "time") -> dict[str, float]:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps({"work": work, "size": size, "of": of}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"the worker failed at {work} of size {size}: see above")
        return json.loads(answer)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def in_turn(
    work: str, size: int, peers: tuple[str, ...], workers: dict[str, Worker], rounds: int, each: float
) -> Times:
    """Rounds in which each peer has its turn. A peer that took more than `each` seconds sits the others out."""
    times = Times(work, size)
    spent = dict.fromkeys(peers, 0.0)
    for _ in range(rounds):
        for peer in peers:
            if spent[peer] > each:
                continue
            if peer not in workers:
                workers[peer] = Worker(peer)
            begin = perf_counter()
            answer = workers[peer].ask(work, size)
            spent[peer] += perf_counter() - begin
            times.forward.setdefault(peer, []).append(answer["forward"])
            times.back.setdefault(peer, []).append(answer["back"])
    return times


def memory(work: str, size: int, peer: str) -> dict[str, float]:
    """The most bytes that one run takes, per op, in a fresh process: of the process, and of what Python allocates."""
    worker = Worker(peer)
    taken = worker.ask(work, size, of="memory")
    worker.close()
    return {kind: amount / size for kind, amount in taken.items()}


def commands_in_turn(commands: dict[str, list[str]], rounds: int, cwd: Any = None) -> dict[str, list[float]]:
    """The seconds that some commands take, each in its turn. The first round, which compiles the files, is left out."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}  # as installed packages are, whatever is set here
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(rounds + 1):
            for name, command in commands.items():
                begin = perf_counter()
                subprocess.run(command, check=True, capture_output=True, cwd=cwd, env=environment)
                seconds[name].append(perf_counter() - begin)
    return {name: times[1:] for name, times in seconds.items()}
