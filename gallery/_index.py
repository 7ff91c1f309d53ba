"""Writes the gallery's README.md, which shows all pictures, and .gitignore, which keeps the largest files out."""

from __future__ import annotations

from pathlib import Path, PurePath

from _contents import BOOK, PLOTS, SECTIONS, drawings, sentence
from _draw import pages

#: Pages of the book that show what others show: in other colours, as pixels, or a step a page.
TWINS = ("*-auto.svg", "*-print.svg", "*.png", "*-steps.pdf")
#: Of the rest, what has more bytes than this stays out of the repository too, but for each level's own drawing.
LARGEST = 50_000

HEAD = """\
# Gallery

What gradviz draws, in the order of Stanford's CS224n, lecture 4. `python gallery` makes this page and all pictures on
it: each is a [script](.) of a few lines, run and drawn as `gradviz trace` would. What is drawn, and how, stands in
[_contents.py](_contents.py).
"""

BOOK_HEAD = """\
## The book: every level in every format

`-dark`, `-auto` and `-print` are themes, `-steps` shows the passes step by step. What is no link is not kept in the
repository, for it is large or like another: `python gallery` draws it.
"""


def write_index(folder: Path) -> list[Path]:
    """Write both into `folder`, beside the pictures."""
    found = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.glob("book/*/*")}
    large = {page for page, size in found.items() if size > LARGEST and not is_twin(page) and not is_drawing(page)}
    ignored, index = folder / ".gitignore", folder / "README.md"
    ignored.write_text(ignored_text(large), "utf-8")
    index.write_text(index_text(large), "utf-8")
    return [index, ignored]


def is_twin(page: str) -> bool:
    """Whether a page of the book shows what another shows."""
    return any(PurePath(page).match(pattern) for pattern in TWINS)


def is_drawing(page: str) -> bool:
    """Whether a page is a level's own drawing: `lecture.svg`."""
    return page.endswith(".svg") and "-" not in page


def ignored_text(large: set[str]) -> str:
    """What git leaves out; `large` are those of the book's pages that are too large to keep."""
    lines = [
        "# Drawn by `python gallery` and not kept: what shows the same as another page, in other colours or as pixels,",
        *[f"/book/*/{pattern}" for pattern in TWINS],
        f"# and what has more than {LARGEST:,} bytes, but for each level's own drawing.",
        *[f"/{page}" for page in sorted(large)],
    ]
    return "\n".join([*lines, ""])


def index_text(large: set[str]) -> str:
    """The page, with links to what is kept."""
    parts = [HEAD]
    for section, pictures in SECTIONS.items():
        parts.append(f"## {section}\n")
        for name, picture in pictures.items():
            parts.append(f"**[{name}]({picture.script}.py)** {sentence(picture)}\n")
            parts += [f"![{name}]({file})\n" for file in drawings(name)]
    parts.append("## Measured and plotted\n")
    parts += [f"**{name}** {says}\n\n![{name}]({name}.svg)\n" for name, says in PLOTS.items()]
    parts.append(BOOK_HEAD)
    parts += [_chapter(name, large) for name in BOOK]
    return "\n".join(parts)


def _chapter(name: str, large: set[str]) -> str:
    """A graph of the book: a table of its levels, each with its drawing and all its files."""
    files: dict[str, list[str]] = {}
    for file, _ in pages(name):
        files.setdefault(file.partition(".")[0].partition("-")[0], []).append(file)
    rows = ["| | | |", "|---|---|---|"]
    for level, made in files.items():
        drawing = f"book/{name}/{level}.svg"
        shown = f"![{level}]({drawing})" if f"{level}.svg" in made else ""
        links = " · ".join(_link(f"book/{name}/{file}", file[len(level) + 1 :], large) for file in made)
        rows.append(f"| {level} | {shown} | {links} |")
    return f"### {name}\n\n{sentence(BOOK[name])}\n\n" + "\n".join(rows) + "\n"


def _link(page: str, shown: str, large: set[str]) -> str:
    """A page's link, or what it is alone where it is not in the repository: `svg`, `dark.svg`."""
    return shown if page in large or is_twin(page) else f"[{shown}]({page})"
