"""Draws every picture of the gallery anew: `python gallery`, or `python gallery FOLDER` to draw them elsewhere.

`PICTURES` is the table of them: the picture's name, the script, and the style it is drawn in.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

from gradviz.cli.script import run
from gradviz.render import save

HERE = Path(__file__).parent

#: picture → script, and the options of its style. A script that is not named otherwise is drawn as it is by default.
PICTURES: dict[str, tuple[str, dict[str, object]]] = {
    "worked_example": ("worked_example", {}),
    "worked_example-dark": ("worked_example", {"theme": "dark"}),
    "worked_example-top-down": ("worked_example", {"direction": "TB"}),
    "worked_example-lecture": ("worked_example", {"level": "lecture"}),
    "worked_example-lecture-dark": ("worked_example", {"level": "lecture", "theme": "dark"}),
    "worked_example-lecture-top-down": ("worked_example", {"level": "lecture", "direction": "TB"}),
    "worked_example-worksheet": ("worked_example", {"blank": "gradients"}),
    "worked_example-steps": ("worked_example", {"steps": True}),
    "neural_layer": ("neural_layer", {}),
    "neural_layer-dark": ("neural_layer", {"theme": "dark"}),
    "neural_layer-explain": ("neural_layer", {"level": "explain"}),
    "neural_layer-lecture": ("neural_layer", {"level": "lecture"}),
    "neural_layer-compact": ("neural_layer", {"level": "compact"}),
    "gaussian_process": ("gaussian_process", {"level": "compact"}),
    "rnn": ("rnn", {"level": "compact"}),
    "neural_layer-magnitude": ("neural_layer", {"level": "magnitude"}),
}


#: Pictures that other commands draw: they are measured, not traced.
DRAWN_ELSEWHERE: dict[str, str] = {"time_per_op": "python tests/benchmarks --full --only chain --plot FILE"}


def pictures() -> dict[str, tuple[str, dict[str, object]]]:
    """The whole table: what is written above, and every other script by its own name."""
    named = {script for script, _ in PICTURES.values()}
    others = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in {*named, "__main__"})
    return {**PICTURES, **{name: (name, {}) for name in others}}


def draw(name: str, folder: Path) -> Path:
    """Run a picture's script and draw it into `folder`."""
    script, style = pictures()[name]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        session = run(str(HERE / f"{script}.py"))
    if session.graph is None or session.exit_code:
        raise SystemExit(f"gallery/{script}.py gave no graph: {session.problem or said.getvalue()}")
    path = folder / f"{name}.svg"
    # Always the same Graphviz, whatever the machine has: who draws them again should get the same files.
    save(session.graph, path, engine="bundled", **style)
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for picture in pictures():
        print(draw(picture, target))
