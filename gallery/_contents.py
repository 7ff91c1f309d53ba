"""What is in the gallery: `SECTIONS`, the pictures as the lecture has them, and `BOOK`, graphs drawn in every way."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent


class Picture(NamedTuple):
    """A picture: whose script it is, the style it is drawn in, what to say of it, and the script's own arguments.

    Where nothing is said, the script's first line says it.
    """

    script: str
    style: dict[str, Any]
    says: str = ""
    arguments: tuple[str, ...] = ()


def of(*scripts: str, **style: Any) -> dict[str, Picture]:
    """Pictures that bear their scripts' names, all in one style."""
    return {script: Picture(script, style) for script in scripts}


#: section → name of the picture → the picture.
SECTIONS: dict[str, dict[str, Picture]] = {
    "The worked example": {
        **of("worked_example"),
        "worked_example-dark": Picture("worked_example", {"theme": "dark"}, "The same on a dark page."),
        "worked_example-top-down": Picture("worked_example", {"direction": "TB"}, "From top to bottom."),
        "worked_example-lecture": Picture("worked_example", {"level": "lecture"}, "The circuit alone, as on a board."),
        "worked_example-lecture-dark": Picture(
            "worked_example", {"level": "lecture", "theme": "dark"}, "On a dark page."
        ),
        "worked_example-lecture-top-down": Picture(
            "worked_example", {"level": "lecture", "direction": "TB"}, "From top to bottom."
        ),
        "worked_example-worksheet": Picture("worked_example", {"blank": "gradients"}, "The exercise, and the answers."),
        "worked_example-steps": Picture(
            "worked_example", {"steps": True}, "Step by step: forward in topological order, back in reverse. It moves."
        ),
        **of("worked_example_function", "worked_example_gradviz"),
    },
    "What each op does to the gradient": of(*sorted(path.stem for path in HERE.glob("gate_*.py")), "fork_sums"),
    "A gate of one's own, and how to check it": {
        **of("own_gate"),
        **of("gradient_check", title="The gradient of x sin x, numerically: (f(x + h) − f(x − h)) / 2h"),
    },
    "The neural layer": {
        **of("neural_layer"),
        "neural_layer-dark": Picture("neural_layer", {"theme": "dark"}, "On a dark page."),
        "neural_layer-explain": Picture("neural_layer", {"level": "explain"}, "A card per op, without the cells."),
        "neural_layer-lecture": Picture("neural_layer", {"level": "lecture"}, "The circuit alone."),
        "neural_layer-compact": Picture("neural_layer", {"level": "compact"}, "Shapes and norms alone."),
        "neural_layer-magnitude": Picture("neural_layer", {"level": "magnitude"}, "The sizes of the gradients."),
        "neural_layer-scalars": Picture(
            "neural_layer",
            {"scalars": True, "level": "compact", "title": "s = uᵀ tanh(Wx + b), element by element"},
            "The scalar view: the same graph, a node per element.",
        ),
        "neural_layer-one_weight": Picture(
            "neural_layer",
            {
                "scalars": True,
                "level": "explain",
                "path": ("W[1,2]", "h[1]"),
                "title": "One weight alone: W[1,2] reaches z[1] and no other",
            },
            "Analyse one weight first: W[1,2] reaches z[1] only, and its gradient is δ[1] · x[2].",
        ),
    },
    "Softmax and cross-entropy": {
        **of("softmax_spelled_out"),
        "softmax_spelled_out-scalars": Picture(
            "softmax_spelled_out",
            {"scalars": True, "title": "−log p[1], p = softmax(scores), case by case"},
            "Case by case: the right class, and each of the others.",
        ),
    },
    "Word vectors": {
        **of("window_classifier"),
        "window_classifier-frozen": Picture(
            "window_classifier",
            {},
            "Pre-trained and frozen: the vectors are constants, no gradient comes to them.",
            ("frozen",),
        ),
    },
    "Regularisation, saturation, initialisation": {
        **of("penalties"),
        **of("saturation", scalars=True),
        **{
            f"initialisation-{start}": Picture(
                "initialisation", {"level": "magnitude", "title": f"Six tanh layers, {begun}"}, says, (start,)
            )
            for start, begun, says in (
                ("xavier", "begun as Xavier says", "Gradients of the same size in every layer."),
                ("zero", "begun with zeros", "No gradient gets past the last weights."),
                ("large", "begun too large", "The sizes of the gradients grow from layer to layer, on the way back."),
            )
        },
    },
    "Loops and arrays": {
        **of("loop", level="compact", title="f = Σ (Wx)², by two loops"),
        **of("vectorised"),
    },
    "Networks and more": {
        "mlp": Picture("mlp", {"title": "An MLP 2–6–5–3 with softmax cross-entropy and L2"}),
        "lstm": Picture("lstm", {"title": "An LSTM unrolled over 50 steps", "max_nodes": 40}),
        "lstm-cell": Picture(
            "lstm",
            {"title": "An LSTM over 50 steps, as its cell", "fold": "lines", "level": "compact"},
            "The same, folded by source line: the cell, with the gradient's norm over the steps under each op.",
        ),
        **of("rnn", level="compact", title="A recurrent net of four steps: h = tanh(W h + U seen)"),
        **of(
            "gaussian_process",
            level="compact",
            title="A Gaussian process: −log likelihood of its length and noise, up to a constant",
        ),
        "sigmoid_chain": Picture(
            "sigmoid_chain", {"level": "magnitude", "title": "Vanishing gradient: 8 sigmoid layers"}
        ),
        **of("second_derivative", "nan_gradient"),
        "long_chain": Picture("long_chain", {"title": "100,000 ops: h = sin(w · h), 50,000 times over"}),
    },
}

#: picture → it, from all sections.
PICTURES: dict[str, Picture] = {name: picture for section in SECTIONS.values() for name, picture in section.items()}

#: The graphs that are drawn at every level and in every format, each with what all its pictures have in common.
BOOK: dict[str, Picture] = {
    "worked_example": PICTURES["worked_example"],
    "neural_layer": PICTURES["neural_layer"],
    "mlp": PICTURES["mlp"],
    "lstm": PICTURES["lstm"],
    "sigmoid_chain": Picture("sigmoid_chain", {"title": "Vanishing gradient: 8 sigmoid layers"}),
    "second_derivative": PICTURES["second_derivative"],
    "nan_gradient": PICTURES["nan_gradient"],
    "long_chain": PICTURES["long_chain"],
}

#: Those of them whose arrays are small enough to draw a node per element, and how that is drawn.
SMALL_ARRAYS: dict[str, dict[str, Any]] = {"neural_layer": PICTURES["neural_layer-scalars"].style}

#: plot → what to say of it. They show no graph; the second is measured, and drawn by a command of its own.
PLOTS: dict[str, str] = {
    "activations": "The activation functions, and the slopes that scale the gradient: [_curves.py](_curves.py).",
    "time_per_op": "Time per op, forward and backward, as the graph grows: "
    "`python tests/benchmarks --full --only chain --plot FILE`.",
}


def drawings(name: str) -> list[str]:
    """The files that a picture comes out as: with what is left blank, the answers too."""
    beside = [f"{name}-answers.svg"] if "blank" in PICTURES[name].style else []
    return [f"{name}.svg", *beside]


def sentence(picture: Picture) -> str:
    """What there is to say of a picture."""
    return picture.says or (HERE / f"{picture.script}.py").read_text("utf-8").splitlines()[0].removeprefix("# ")
