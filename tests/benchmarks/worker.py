"""One peer in a process of its own: reads works as lines of JSON, answers with seconds or bytes, until its input ends.

The runner gives the process one BLAS thread; garbage collection is Python's default.
"""

from __future__ import annotations

import contextlib
import gc
import json
import resource
import statistics
import sys
import tracemalloc
from time import perf_counter
from typing import Any

import numpy as np
from peers import PEERS
from works import WORKS


def main() -> None:
    peer = PEERS[sys.argv[1]]()
    prepared: dict[tuple[str, int], Any] = {}
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no answer
    for line in sys.stdin:
        asked = json.loads(line)
        key = asked["work"], asked["size"]
        if key not in prepared:
            prepared.clear()  # the leaves of another work would only fill the memory
            with np.errstate(all="ignore"):
                prepared[key] = WORKS[key[0]][0](peer, key[1])
                if asked["of"] == "time" and key[1] < 1_000_000:
                    prepared[key]()  # warm
        run = prepared[key]
        print(json.dumps(bytes_of(run) if asked["of"] == "memory" else seconds_of(run)), file=answers, flush=True)


def seconds_of(run: Any, at_least: float = 0.05) -> dict[str, float]:
    """The medians of some runs that take `at_least` so many seconds together."""
    splits: list[tuple[float, float]] = []
    begin = perf_counter()
    while not splits or (perf_counter() - begin < at_least and len(splits) < 50):
        gc.collect()  # what the last run left is not this one's
        splits.append(run())
    forward, back = (statistics.median(column) for column in zip(*splits, strict=True))
    return {"forward": forward, "back": back}


def bytes_of(run: Any) -> dict[str, float]:
    """The peak of the process first, then of what Python allocates: tracing that would count in the former."""
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    rss = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024.0
    gc.collect()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"rss": rss, "peak": float(peak)}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
