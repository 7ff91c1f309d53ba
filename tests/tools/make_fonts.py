"""Makes the font subsets in render/fonts from the fonts of Debian's fonts-liberation2 and fonts-dejavu-core.

Run by hand, when a sign is to be added; the result is checked in and is byte-identical from run to run:

    apt-get install fonts-liberation2 fonts-dejavu-core     # Liberation 2 is OFL; Liberation 1 is not
    python -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools
    /tmp/fonts/bin/python tests/tools/make_fonts.py

Both licences ask that a changed font bears another name: Liberation's reserves "Liberation" (and "Arimo", "Cousine"),
DejaVu's forbids "Bitstream", "Vera", "Tavmjong Bah" and "Arev".
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

LIBERATION = "liberation2/Liberation"
DEJAVU = "dejavu/DejaVu"

# What people write in code, comments and formulas; a font holds of it what it holds.
TEXT = [
    (0x20, 0x7E),  # Basic Latin
    (0xA0, 0x17F),  # Latin-1, Latin Extended-A
    (0x218, 0x21B),  # Romanian
    (0x2C6, 0x2DD),  # spacing accents
    (0x300, 0x30C),  # combining accents: x̂, x̄
    (0x370, 0x3FF),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x490, 0x491),  # Ukrainian
    (0x1D2C, 0x1D6A),  # raised and lowered letters: ᵀ ᵢ
    (0x2010, 0x2044),  # dashes, quotes, … ‖ ′
    (0x2070, 0x209C),  # raised and lowered digits
    (0x20AC, 0x20AC),  # €
    (0x2122, 0x2122),  # ™
    (0x2150, 0x215E),  # fractions
    (0x2190, 0x2195),  # arrows
    (0x2200, 0x2265),  # the mathematics that Liberation has
    (0x25A0, 0x25E6),  # ■ ● ▲ ▼
]
# What the two text fonts lack of these comes from DejaVu.
SIGNS = [
    (0x20, 0x20),  # Pango sets the blank after a sign in the sign's font
    (0xA0, 0xA0),
    *TEXT[5:],
    (0x2100, 0x214F),  # ℝ ℓ ℒ
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),  # ∇ ∘ ⊙ ⊗ ∈ ∝ ⋅
    (0x2308, 0x230B),  # ⌈ ⌊
    (0x25A0, 0x25FF),
    (0x26A0, 0x26A0),  # ⚠
    (0x2713, 0x2718),  # ✓ ✗
    (0x2C7C, 0x2C7D),  # ⱼ ⱽ
    (0x27E6, 0x27EB),  # ⟨ ⟩
    (0x27F5, 0x27FF),
    (0xFFFD, 0xFFFD),  # what stands for text that is no text
]
FAMILY, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT, DESCRIPTION, LICENCE = 1, 2, 3, 4, 5, 6, 10, 13
DROPPED_NAMES = (8, 9, 11, 12, 16, 17, 18, 19, 21, 22)  # names that would contradict the new family, or advertise


@dataclass(frozen=True, kw_only=True)
class Job:
    """One font to be made: from what, under which name, with which characters."""

    source: str
    family: str
    style: str
    wanted: set[int]


def characters(ranges: list[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


def held(path: Path) -> set[int]:
    return set(TTFont(path).getBestCmap())


def jobs(root: Path) -> list[Job]:
    text = characters(TEXT)
    common = held(root / f"{LIBERATION}Sans-Regular.ttf") & held(root / f"{LIBERATION}Mono-Regular.ttf")
    blanks = {0x20, 0xA0}
    signs = characters(SIGNS) - (common & text - blanks)
    table = [
        (f"{LIBERATION}Sans-Regular.ttf", "Gradviz Sans", "Regular", text),
        (f"{LIBERATION}Sans-Bold.ttf", "Gradviz Sans", "Bold", text),
        (f"{LIBERATION}Mono-Regular.ttf", "Gradviz Mono", "Regular", text),
        (f"{LIBERATION}Mono-Bold.ttf", "Gradviz Mono", "Bold", text),
        (f"{DEJAVU}Sans.ttf", "Gradviz Signs", "Regular", signs),
        (f"{DEJAVU}Sans-Bold.ttf", "Gradviz Signs", "Bold", signs),
    ]
    return [Job(source=source, family=family, style=style, wanted=wanted) for source, family, style, wanted in table]


def cut(font: TTFont, wanted: set[int]) -> None:
    options = subset.Options(
        hinting=False,  # so that both engines, and every size, measure alike
        layout_features=["kern", "mark", "mkmk", "ccmp"],
        name_IDs=["*"],
        drop_tables=[*subset.Options().drop_tables, "FFTM", "MATH", "kern"],
        glyph_names=False,
        notdef_outline=True,
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)


def rename(font: TTFont, job: Job) -> None:
    names = font["name"]
    origin, version = names.getDebugName(FULL), names.getDebugName(VERSION)
    licence = names.getDebugName(LICENCE)
    postscript = f"{job.family.replace(' ', '')}-{job.style}"
    names.names = [n for n in names.names if (n.platformID, n.langID) == (3, 0x409) and n.nameID not in DROPPED_NAMES]
    new = {
        FAMILY: job.family,
        STYLE: job.style,
        UNIQUE: f"{postscript}, from {origin} {version}",
        FULL: f"{job.family} {job.style}",
        POSTSCRIPT: postscript,
        DESCRIPTION: f"A subset of {origin} {version}, for gradviz.",
        LICENCE: licence.partition("\n")[0],  # the whole text stands beside the fonts
    }
    for key, value in new.items():
        names.setName(value, key, 3, 1, 0x409)


def make(job: Job, root: Path, target: Path) -> Path:
    font = TTFont(root / job.source, recalcTimestamp=False)
    cut(font, job.wanted)
    rename(font, job)
    path = target / f"{job.family.replace(' ', '')}-{job.style}.ttf"
    font.save(path, reorderTables=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--from", dest="root", type=Path, default=Path("/usr/share/fonts/truetype"))
    here = Path(__file__).resolve().parents[2] / "render" / "fonts"
    parser.add_argument("--to", dest="target", type=Path, default=here)
    options = parser.parse_args()
    for job in jobs(options.root):
        path = make(job, options.root, options.target)
        print(f"{path.stat().st_size:7,} bytes  {len(held(path)):4} signs  {path}")
    licence = TTFont(options.root / f"{DEJAVU}Sans.ttf")["name"].getDebugName(LICENCE)
    (options.target / "LICENSE-DejaVu.txt").write_text(licence.replace("\r\n", "\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
