"""The gallery is what its command draws today, each page of it is valid, and its numbers are right by other means."""

import ast
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from lxml import etree
from validity import VALID

from gradviz.render import FORMATS, LEVELS, format_of

GALLERY = Path(__file__).parents[1] / "gallery"
sys.path.append(str(GALLERY))

from _contents import BOOK, PICTURES, PLOTS, Picture, drawings  # noqa: E402
from _draw import draw, draw_pages, graph_of, pages  # noqa: E402
from _index import TWINS, ignored_text, index_text, is_twin  # noqa: E402

IGNORED = {line.lstrip("/") for line in (GALLERY / ".gitignore").read_text("utf-8").splitlines() if line[0] == "/"}
LARGE = {line for line in IGNORED if "*" not in line}
AGAIN = "draw it again with `python gallery`"


def drawn(path: Path) -> list[tuple[str, str, str]]:
    """What a drawing says, and in which colours: every element but its coordinates, which are Graphviz's affair."""
    elements = []
    for element in etree.parse(path).getroot().iter():
        tag = etree.QName(element).localname
        ink = (element.get("fill") or "", element.get("stroke") or "", element.get("stroke-dasharray") or "")
        elements.append((tag, " ".join(ink), re.sub(r"\s+", " ", element.text or "").strip()))
    return elements


def said(path: Path) -> object:
    """What a page of any format says, read by what validates that format."""
    text = VALID[format_of(path)](path.read_bytes())
    if path.suffix == ".svg":
        return drawn(path)
    return re.sub(r"[\d.]+", "", text) if path.suffix == ".tex" else text


# -- the pictures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_what_its_script_draws_today(name, tmp_path):
    draw(name, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(drawings(name))
    for file in drawings(name):
        assert (GALLERY / file).exists(), AGAIN
        assert drawn(tmp_path / file) == drawn(GALLERY / file), AGAIN


def test_no_picture_is_left_from_a_script_that_is_gone():
    shown = {file for name in PICTURES for file in drawings(name)}
    assert {path.name for path in GALLERY.glob("*.svg")} == shown | {f"{name}.svg" for name in PLOTS}


def test_every_script_has_a_picture():
    assert {path.stem for path in GALLERY.glob("[!_]*.py")} == {picture.script for picture in PICTURES.values()}


def test_the_worked_example_is_the_lecture_s():
    text = "".join(etree.parse(GALLERY / "worked_example.svg").getroot().itertext())
    for line in ("∂f/∂x = 2", "∂f/∂y = 5 = 2 + 3", "∂f/∂z = 0", "DISTRIBUTES", "ROUTES", "SWITCHES"):
        assert line in re.sub(r"\s+", " ", text)


# -- the book ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["worked_example", "nan_gradient"])
def test_every_page_of_a_graph_is_valid_and_as_it_is_drawn_today(name, tmp_path):
    for page in draw_pages(name, tmp_path):
        kept = f"book/{name}/{page.name}"
        now = said(page)
        if kept not in LARGE and not is_twin(kept):
            assert now == said(GALLERY / kept), f"{kept}: {AGAIN}"


@pytest.mark.parametrize("name", BOOK)
def test_the_book_has_every_level_in_every_format(name):
    made = {file for file, _ in pages(name)}
    of_levels = {f"{level}{known.suffix}" for level in LEVELS for known in FORMATS.values()}
    whole = {f"{level}{suffix}" for level in LEVELS for suffix in (".json", ".txt")}
    assert made >= (of_levels - whole) | {"graph.json", "graph.txt"}
    kept = {file for file in made if not is_twin(f"book/{name}/{file}") and f"book/{name}/{file}" not in LARGE}
    there = {path.name for path in (GALLERY / "book" / name).iterdir()}
    assert kept <= there <= made, AGAIN


def test_the_index_shows_every_picture_and_links_to_what_is_kept():
    text = (GALLERY / "README.md").read_text("utf-8")
    assert text == index_text(LARGE), AGAIN
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (GALLERY / link).exists(), link
        assert link not in LARGE and not is_twin(link)


def test_what_is_left_out_is_what_the_command_says():
    assert (GALLERY / ".gitignore").read_text("utf-8") == ignored_text(LARGE)
    assert {f"book/*/{pattern}" for pattern in TWINS} == IGNORED - LARGE
    assert {page.split("/")[1] for page in LARGE} <= set(BOOK)


# -- the numbers -------------------------------------------------------------------------------------------------------


def run_under(numpy: str, script: str, **given: object) -> SimpleNamespace:
    """A gallery script run without gradviz, under another NumPy, with names bound to what is given instead."""
    source = (GALLERY / f"{script}.py").read_text("utf-8").replace("import numpy as np", f"import {numpy} as np")
    space: dict[str, object] = {}
    for statement in ast.parse(source).body:
        if "print(" not in ast.unparse(statement):
            exec(compile(ast.Module([statement], []), script, "exec"), space)
            space.update({name: value for name, value in given.items() if name in space})
    return SimpleNamespace(**space)


def gradients(name: str) -> dict[str, object]:
    return graph_of(PICTURES[name]).gradients()


@pytest.mark.parametrize(
    ("script", "names"), [("lstm", ["W", "b", "h0", "c0"]), ("mlp", ["W1", "b1", "W2", "b2", "W3"])]
)
def test_gradients_are_those_of_autograd(script, names):
    autograd = pytest.importorskip("autograd")
    plain, ours = run_under("numpy", script), gradients(script)
    for name in names:
        theirs = autograd.grad(lambda value, name=name: run_under("autograd.numpy", script, **{name: value}).loss)
        np.testing.assert_allclose(ours[name], theirs(getattr(plain, name)), rtol=1e-9, atol=1e-12)


def test_the_mlp_s_gradients_are_the_numerical_ones():
    plain, ours, h = run_under("numpy", "mlp"), gradients("mlp"), 1e-6
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        at = getattr(plain, name)
        for place in np.ndindex(at.shape):
            step = np.zeros_like(at)
            step[place] = h
            up, down = (run_under("numpy", "mlp", **{name: at + s}).loss for s in (step, -step))
            assert ours[name][place] == pytest.approx((up - down) / (2 * h), abs=1e-8)


def test_the_sigmoid_chain_s_gradient_is_the_product_of_its_slopes_and_weights():
    graph = graph_of(PICTURES["sigmoid_chain"])
    h = [node.value for node in graph.nodes if node.op == "sigmoid"]
    weights = [node.value for node in graph.nodes if node.kind == "parameter"]
    product = np.prod([w * s * (1 - s) for w, s in zip(weights, h, strict=True)])
    assert (len(h), graph.gradients()["x"]) == (8, pytest.approx(product, rel=1e-12))
    assert product < 0.25**8 * np.prod(weights)


def test_only_the_rows_that_were_looked_up_learn():
    graph = graph_of(PICTURES["window_classifier"])
    [read] = [node for node in graph.nodes if node.op == "getitem"]
    learnt = np.any(graph.gradients()["vectors"] != 0, axis=1)
    assert learnt.tolist() == [
        word in ["museums", "in", "Paris", "are", "amazing"]
        for word in ["all", "are", "amazing", "in", "museums", "open", "Paris", "the"]
    ]
    np.testing.assert_array_equal(graph.gradients()["vectors"][[4, 3, 6, 1, 2]], read.gradient)


def test_frozen_vectors_get_no_gradient():
    assert set(gradients("window_classifier-frozen")) == {"W", "b", "u"}


def test_what_arrives_at_the_scores_is_p_minus_y():
    graph = graph_of(PICTURES["softmax_spelled_out"])
    np.testing.assert_allclose(graph.gradients()["scores"], graph["p"].value - [0.0, 1.0, 0.0], rtol=1e-12)


def test_the_long_chain_s_gradient_is_the_product_along_it():
    graph = graph_of(PICTURES["long_chain"])
    h, slope, share = 0.5, 1.0, 0.0
    for _ in range(50_000):
        share = np.cos(h) * (h + share)
        h, slope = np.sin(h), slope * np.cos(h)
    found = graph.gradients()
    assert (found["x"], found["w"]) == (pytest.approx(slope, rel=1e-9), pytest.approx(share, rel=1e-9))


def test_weights_of_zero_let_nothing_through_and_large_ones_make_it_grow():
    sizes = {
        start: [np.linalg.norm(value) for name, value in gradients(f"initialisation-{start}").items() if name != "x"]
        for start in ("zero", "xavier", "large")
    }
    assert sizes["zero"] == [0.0] * 6
    assert max(sizes["xavier"]) < 3 * min(sizes["xavier"])
    assert sizes["large"][0] > 10 * sizes["large"][-1]


def test_a_nan_in_a_gradient_and_what_it_leaves_alone():
    found = graph_of(Picture("nan_gradient", {})).gradients()
    assert np.isnan(found["x"]) and found["y"] == 0
