"""Draws the gallery anew: `python gallery`, or `python gallery FOLDER` to draw it elsewhere.

What is drawn stands in `_contents.py`. Each picture comes out as FOLDER/NAME.svg, the graphs of the book as
FOLDER/book/NAME/LEVEL.SUFFIX, and README.md shows them all.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from _contents import BOOK, HERE, PICTURES
from _curves import draw_curves
from _draw import draw, draw_pages
from _index import write_index


def main(folder: Path) -> None:
    """Draw everything into `folder`, the graphs of the book first: they take longest."""
    with ProcessPoolExecutor() as workers:
        book = [workers.submit(draw_pages, name, folder / "book") for name in reversed(BOOK)]
        pictures = [workers.submit(draw, name, folder) for name in PICTURES]
        for made in (*pictures, workers.submit(draw_curves, folder)):
            print(made.result())
        for made in book:
            print(f"{made.result()[0].parent}: {len(made.result())} files")
    for path in write_index(folder):
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
