"""Pictures as documents: which level a graph gets, what each level shows, and that none loses a gradient."""

import re

import numpy as np
import pytest
from pictured import chain, layer, network, not_a_number, recurrence, worked_example

import gradviz as gv
from gradviz.render import LEVELS, Style, document_of
from gradviz.render.formats.dot import dot
from gradviz.render.numbers import array_norm, number
from gradviz.render.picture.clusters import clusters_of
from gradviz.render.picture.heat import heat_of, spark_of
from gradviz.render.picture.sketch import facts_of
from gradviz.render.picture.view import FANOUT
from gradviz.tracer.errors import RenderError

GRAPHS = {"worked example": worked_example, "layer": layer, "network": network, "recurrence": lambda: recurrence(6)}
LEVEL = pytest.mark.parametrize("level", LEVELS)
GRAPH = pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)


def words(texts):
    return "".join(text.text for text in texts)


def drawn(graph, **style):
    return document_of(graph, Style(**style))


def box(document, id):
    return next(box for box in document.boxes if box.id == id)


def wire(document, id):
    return next(wire for wire in document.wires if wire.id == id)


# -- the level that a graph gets --------------------------------------------------------------------------------------


def products(count):
    def f(x, y):
        for _ in range(count):
            x = x * y
        return x

    return gv.trace(f, 1.0, 1.0)


def straight(count, value):
    """A chain that folding by line would not shorten: every op on a line of its own."""
    lines = ["def f(x, y):", *[f"    x = x * y + {i}.0" for i in range(count // 2)], "    return x.sum()"]
    names = {}
    exec("\n".join(lines).replace("x.sum()", "x") if np.ndim(value) == 0 else "\n".join(lines), names)
    return gv.trace(names["f"], value, value)


@pytest.mark.parametrize(
    ("make", "sign"),
    [
        (lambda: products(25), "explain"),
        (lambda: products(26), "lecture"),
        (lambda: straight(120, 1.0), "compact"),  # 60 ops of each kind and 60 constants: more than 150 boxes
        (lambda: gv.trace(lambda x: np.sum(x * x), np.ones(3)), "matrix"),
        (lambda: straight(40, np.ones(3)), "compact"),
    ],
)
def test_the_level_is_chosen_by_size_and_shape(make, sign):
    graph = make()
    assert drawn(graph) == drawn(graph, level=sign, max_nodes=400)


def test_what_is_folded_is_drawn_as_a_circuit():
    document = drawn(chain(1000))
    assert {box.form for box in document.boxes} == {"gate", "end"}
    assert len(document.boxes) == 5


@pytest.mark.parametrize("limit", [10, 30])
def test_no_more_boxes_than_were_asked_for(limit):
    document = drawn(recurrence(60), max_nodes=limit)
    assert len([box for box in document.boxes if box.kind not in ("copy", "end")]) <= limit


# -- no level loses a gradient ----------------------------------------------------------------------------------------


@GRAPH
@LEVEL
def test_every_edge_is_a_wire_that_shows_its_gradient(make, level):
    graph = make()
    document = drawn(graph, level=level, max_nodes=1000)
    for edge in graph.edges:
        found = wire(document, f"w{edge.target.index}_{edge.position}")
        assert found.target == edge.target.id
        assert found.source == edge.source.id or found.source.startswith(f"{edge.source.id}_c")
        if edge.source.kind == "constant":
            assert found.backward == ()
            continue
        gradient = edge.downstream
        shown = words(found.backward)
        largest = max(np.max(np.abs(n.gradient)) for n in graph.nodes if n.gradient is not None)
        if np.ndim(gradient) == 0:
            assert number(gradient, largest=largest) in shown
        elif gradient.size > 3 or level in ("matrix", "compact", "magnitude"):
            assert array_norm(gradient) in shown or "[" in shown
        assert found.dead == (not np.any(gradient))


@GRAPH
@LEVEL
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_level_is_written_in_every_way(make, level, direction, theme):
    text = dot(drawn(make(), level=level, direction=direction), theme=theme)
    assert text.startswith("digraph") and "<B></B>" not in text
    widths = re.findall(r"penwidth=\"?([^ \];\"]+)", text)
    assert all(width.isdigit() for width in widths)


@LEVEL
def test_before_the_sweep_nothing_is_shown_as_zero(level):
    x = gv.tensor(np.ones(4), "x")
    document = drawn(gv.graph(np.sum(np.exp(x))), level=level)
    assert all("not computed" in words(found.backward) for found in document.wires)
    assert not any(found.dead for found in document.wires)


# -- matrix -----------------------------------------------------------------------------------------------------------


def test_matrix_shows_cells_shapes_norms_and_rules():
    graph = layer()
    document = drawn(graph)
    first = wire(document, f"w{graph['z'].inputs[0].index}_0")
    assert (len(first.forward_heat.rows), len(first.forward_heat.rows[0])) == (5, 4)
    assert words(first.forward) == "5×4 →"
    assert words(first.backward) == f"← {array_norm(graph['W'].gradient)}"
    card = box(document, graph["z"].inputs[0].id)
    assert [words(row.texts) for row in card.rows] == ["∂W = δ · xᵀ  5×4", "∂x = Wᵀ · δ  4"]
    assert document.scale.kind == "heat"


def test_a_rule_says_where_the_gradient_is_summed():
    graph = gv.trace(lambda x, b: np.sum(x + b), np.ones((8, 3)), np.ones(3))
    card = next(box for box in drawn(graph).boxes if box.symbol == "+")
    assert [words(row.texts) for row in card.rows] == ["∂x = δ", "∂b = Σ δ  3"]


def test_hovering_tells_the_distribution():
    document = drawn(layer())
    assert "value: 5×4 float64, " in box(document, "n0").label
    assert " ± " in box(document, "n0").label


def test_heat_is_scaled_by_the_tensor_and_pooled():
    assert heat_of(np.array([[2.0, -4.0], [0.0, 1.0]])).rows == ((0.5, -1.0), (0.0, 0.25))
    pooled = heat_of(np.eye(40))
    assert [len(pooled.rows), len(pooled.rows[0])] == [10, 10]
    assert [[pooled.rows[i][j] for j in range(10)] for i in range(10)] == np.eye(10).tolist()
    assert heat_of(np.zeros((2, 2))).rows == ((0.0, 0.0), (0.0, 0.0))
    assert heat_of(np.zeros((0, 3))) is None
    assert heat_of(3.0) is None


def test_a_gradient_that_is_mere_noise_has_the_colour_of_zero():
    def f(x, y):
        return np.sum(x * 1e-20) + np.sum(y)

    document = drawn(gv.trace(f, np.array([1.0, 2.0]), np.ones(2)), level="matrix")
    noise = next(w for w in document.wires if w.source == "n0")
    assert words(noise.backward) == "← ‖≈0‖"
    assert noise.backward_heat.rows == ((0.0, 0.0),)
    assert noise.forward_heat.rows == ((0.5, 1.0),)


def test_the_key_to_the_cells_is_there_where_cells_are():
    assert drawn(layer(), level="matrix").scale.kind == "heat"
    assert drawn(worked_example(), level="matrix").scale is None


def test_a_rule_that_lets_through_or_does_not_says_where():
    card = next(box for box in drawn(gv.trace(lambda x: np.sum(gv.relu(x)), np.ones(4))).boxes if box.symbol == "relu")
    assert [words(row.texts) for row in card.rows] == ["∂x = δ where x > 0"]


def test_a_constant_array_without_a_name_bears_its_shape():
    graph = gv.trace(lambda x: np.sum(x * np.ones((3, 2))), np.ones((3, 2)))
    constant = next(box for box in drawn(graph).boxes if box.kind == "constant")
    assert [words(constant.title), *[words(row.texts).strip() for row in constant.rows]] == ["3×2", "constant"]


def test_what_is_too_long_to_say_of_an_op_is_said_of_its_role():
    graph = gv.trace(lambda x, y: np.einsum("i,i->", x, y), np.ones(4), np.ones(4))
    assert graph.output.role_text == "upstream × the other inputs, summed over what they don't share"
    card = next(box for box in drawn(graph).boxes if box.form == "card")
    assert words(card.footer[1]) == "upstream × other input"


def test_heat_keeps_what_is_no_number():
    [row] = heat_of(np.array([1.0, np.nan, -np.inf, 2.0])).rows
    assert row[0] == 0.5 and np.isnan(row[1]) and row[2] == -np.inf and row[3] == 1.0
    text = dot(drawn(not_a_number()))
    assert ">N<" in text


def test_the_op_in_which_the_first_nan_came_up_is_marked():
    graph = not_a_number()
    assert [b.id for b in drawn(graph).boxes if b.kind == "failed"] == [graph["b"].id]


def test_the_op_in_which_the_first_nan_comes_back_is_marked_with_the_product_it_is():
    def f(x, y):
        root = np.sqrt(x)
        return root * 0.0 + x * y

    with np.errstate(divide="ignore", invalid="ignore"):
        graph = gv.trace(f, 0.0, 3.0)
        document = drawn(graph)
        assert [b.id for b in document.boxes if b.kind == "failed"] == [graph["root"].id]
        assert "red: NaN comes up first in root, coming back: NaN = 0·∞" in document.notes
        wide = wire(drawn(graph, level="magnitude"), f"w{graph['root'].index}_0")
    assert (words(wide.backward), wide.weight) == ("← NaN", 8)


# -- compact ----------------------------------------------------------------------------------------------------------


def test_scopes_are_frames_and_a_wire_stands_in_the_deepest_that_both_its_ends_share():
    graph = network()
    document = drawn(graph, level="compact")
    frames = {cluster.label: cluster for cluster in document.clusters}
    assert list(frames) == ["layer1", "layer2", "loss"]
    inner = {cluster.label: cluster for cluster in frames["loss"].clusters}
    assert list(inner) == ["fit", "l2"]
    h = graph["h"]
    assert {"n0", h.id, f"w{h.index}_0"} <= set(frames["layer1"].members)
    to_next = f"w{h.uses[0].target.index}_0"
    assert not any(to_next in cluster.members for cluster in [*frames.values(), *inner.values()])
    last = graph.output
    assert {f"w{last.index}_0", f"w{last.index}_1"} <= set(frames["loss"].members)


def test_frames_nest_as_scopes_do():
    [outer] = clusters_of([("a", ("x", "y")), ("w", ("x",))])
    assert (outer.label, outer.members, outer.clusters[0].members) == ("x", ("w",), ("a",))


def test_compact_shows_vectors_by_their_shape():
    graph = gv.trace(lambda x: np.sum(x * x), np.ones(3))
    assert words(drawn(graph, level="compact").wires[0].forward) == "(3,) →"


# -- magnitude --------------------------------------------------------------------------------------------------------


def test_wires_are_as_wide_as_their_gradients_are_large():
    def f(x, y):
        return x * 1.0 + y * 1e-3 + x * y * 1e-9

    document = drawn(gv.trace(f, 1.0, 1.0), level="magnitude")
    weights = {words(found.backward): found.weight for found in document.wires if found.backward}
    assert weights["← 1"] == 8
    assert weights["← 0.001"] == 4 or weights["← 0.001"] == 5
    assert weights["← 1e−9"] == 1
    assert document.scale.kind == "ramp"
    assert [words(document.scale.before), words(document.scale.after)] == ["1e−6", "1"]
    assert re.search(r"penwidth=8", dot(document))


def test_the_wire_of_the_output_is_as_wide_as_others_with_its_gradient():
    document = drawn(gv.trace(lambda x, y: (x + 0.0) + 1000.0 * y, 1.0, 1.0), level="magnitude")
    weights = [found.weight for found in document.wires if words(found.backward) == "← 1"]
    assert len(weights) >= 4
    assert set(weights) == {4}  # three of six decades below the largest


def test_wide_wires_have_room_to_turn_and_a_key_in_round_numbers():
    graph = gv.trace(lambda x: x * 0.12345 + x, 1.0)
    assert drawn(graph, level="compact").small
    document = drawn(graph, level="magnitude")
    assert not document.small
    assert [words(document.scale.before), words(document.scale.after)] == ["1e−6", "1"]
    document = drawn(gv.trace(lambda x: x * 1.23456, 1.0), level="magnitude")
    assert [words(document.scale.before), words(document.scale.after)] == ["1.2e−6", "1.2"]


# -- what stands under a box -----------------------------------------------------------------------------------------


def test_a_long_sum_takes_several_lines_lest_the_box_be_as_wide():
    graph = gv.trace(lambda x: x * 0.11111 + x * 0.22222 - x * 0.33333, 1.0)
    lines = [words(line) for line in box(drawn(graph, level="lecture"), "n0").footer]
    assert lines == ["∑ ≈0=0.1111", "+0.2222", "−0.3333"] or lines == ["∑ 0=0.1111", "+0.2222", "−0.3333"]


def test_a_long_summand_stands_under_the_sum():
    graph = gv.trace(lambda x: x * -0.111123 - x * 0.25, 1.0)
    lines = [words(line) for line in box(drawn(graph, level="lecture"), "n0").footer]
    assert lines == ["∑ −0.3611", "=−0.1111−0.25"]


def test_a_long_head_begins_with_its_operands_and_ends_with_the_last():
    def f(a, b, c, d):
        return np.exp(a) * np.exp(b) + np.exp(b) * np.exp(c) + np.exp(c) * np.exp(d) + np.exp(d) * np.exp(a)

    heads = [words(box.title) for box in drawn(gv.trace(f, 1.0, 2.0, 3.0, 4.0), level="explain").boxes]
    assert "exp(a) · exp(b) + … + exp(d) · exp(a)" in [head.removeprefix("f = ") for head in heads]


def test_a_caption_beside_wires_is_no_wider_than_its_box():
    def f(W, h, U, seen):
        return np.sum(np.tanh(W @ h + U @ seen[0]))

    graph = gv.trace(f, np.eye(3), np.ones(3), np.ones((3, 2)), np.ones((4, 2)))
    titles = [words(box.title) for box in drawn(graph, level="lecture").boxes]
    assert "W h + …" in titles


def test_the_sum_of_a_vector_is_its_norm():
    graph = gv.trace(lambda x: np.sum(x * x), np.array([3.0, 4.0]))
    assert words(box(drawn(graph, level="compact"), "n0").footer[0]) == "∑ ‖10‖ 2 paths"


# -- leaves drawn again ----------------------------------------------------------------------------------------------


def test_a_leaf_used_in_many_places_is_drawn_at_each_with_the_sum_at_the_first():
    uses = FANOUT + 2
    graph = gv.trace(lambda x, w: sum(np.sin(x * w * i) for i in range(1, uses + 1)), 0.1, 0.2)
    document = drawn(graph, level="lecture")
    copies = [b for b in document.boxes if b.kind == "copy"]
    assert len(copies) == 2 * (uses - 1)
    assert words(box(document, "n1").footer[0]).endswith(f"{uses} paths")
    wires = [w for w in document.wires if w.source.partition("_")[0] == "n1"]
    assert len({w.source for w in wires}) == len(wires) == uses
    assert any("drawn again" in note for note in document.notes)


def test_a_leaf_used_in_few_places_is_drawn_once():
    graph = gv.trace(lambda x: x * x + x, 2.0)
    assert not [b for b in drawn(graph).boxes if b.kind == "copy"]


def test_numbers_in_the_code_are_small():
    document = drawn(gv.trace(lambda x: x * 2.0, 1.0))
    assert [b.small for b in document.boxes if b.kind == "constant"] == [True]


# -- folds in pictures ------------------------------------------------------------------------------------------------


def test_a_loops_box_shows_how_often_and_how_the_gradient_went():
    document = drawn(recurrence(50), max_nodes=20)
    folded = [b for b in document.boxes if b.kind == "fold"]
    assert len(folded) == 4
    assert all(words(b.title).endswith("×50") and b.symbol and len(b.spark.heights) == 24 for b in folded)
    [back] = [w for w in document.wires if w.recurs]
    assert words(back.forward) == "(4,) ×49 ←"
    assert "dir=back" in dot(document)


def test_the_plot_is_logarithmic_over_more_than_a_decade():
    assert spark_of([1e-4, 1e-2, 1.0]).heights == pytest.approx((0.08, 0.54, 1.0))
    assert spark_of([1.0, 2.0, 4.0]).heights == (0.25, 0.5, 1.0)
    assert np.isnan(spark_of([0.0, 1.0]).heights[0])
    assert spark_of([1.0]) is None
    assert spark_of([0.0, 0.0]) is None


def test_an_expression_is_one_place_however_python_runs_it():
    def f(x):
        for _ in range(60):  # often enough for CPython to put another instruction in place of the subscript's
            x = x * x[0]
        return np.sum(x)

    graph = gv.trace(f, np.ones(2))
    sites = facts_of(graph).site[[node.index for node in graph.nodes if node.op == "getitem"]]
    assert (len(sites), len(set(sites.tolist()))) == (60, 1)


# -- questions --------------------------------------------------------------------------------------------------------


def test_focus_shows_the_neighbours():
    graph = network()
    ids = {b.id for b in drawn(graph, focus="h", radius=1).boxes}
    h = graph["h"]
    near = {h.id, *[n.id for n in h.inputs], *[e.target.id for e in h.uses]}
    assert ids == near


def test_path_shows_every_way_between_two():
    def f(x, y):
        a = x * y
        b = np.sin(a)
        c = np.cos(a)
        return b * c + y

    graph = gv.trace(f, 1.0, 2.0)
    shown = {b.id for b in drawn(graph, path=("x", "c")).boxes}
    assert shown == {graph[name].id for name in ("x", "a", "c")}
    with pytest.raises(RenderError, match="no path leads from 'c' to 'x'; one leads from 'x' to 'c'"):
        drawn(graph, path=("c", "x"))
    with pytest.raises(RenderError, match="neither was computed from the other"):
        drawn(graph, path=("b", "c"))


def test_nan_shows_the_first_and_what_it_was_computed_from():
    graph = not_a_number()
    shown = {b.id for b in drawn(graph, nan=True).boxes}
    assert shown == {graph[name].id for name in ("x", "y", "a", "b")}
    with pytest.raises(RenderError, match="there is no NaN"):
        drawn(worked_example(), nan=True)


def test_nan_among_gradients_only():
    def f(x, y):
        a = np.sqrt(x)
        return np.sum(a * y)

    graph = gv.trace(f, np.array([0.0, 1.0]), np.zeros(2))
    document = drawn(graph, nan=True)
    assert "the gradient of x is the first NaN" in document.notes[0]


# -- the style --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"blank": "all"}, "unknown blank 'all'"),
        ({"radius": -1}, "radius must be at least 0"),
        ({"max_nodes": 0}, "max_nodes must be at least 3"),
        ({"path": "x"}, "path takes two names"),
        ({"level": "matrx"}, "did you mean 'matrix'"),
    ],
)
def test_a_wrong_option_is_refused(options, message):
    with pytest.raises(RenderError, match=message):
        Style(**options)


def test_names_may_be_given_alone():
    assert Style(fold="layer1", unfold=["a", "b"]).fold == ("layer1",)


# -- legends ----------------------------------------------------------------------------------------------------------


def signs(document):
    return ["".join(text.text for text in group) for group in document.legend]


def test_a_legend_explains_what_there_is_and_nothing_else():
    numbers = gv.trace(lambda x, y: x * y, 2.0, 3.0)
    assert signs(drawn(numbers, level="compact")) == ["value → above the wire", "← gradient below"]
    assert signs(drawn(numbers, level="explain")) == [
        "value → forward, above the wire",
        "← gradient = upstream · local, below",
    ]
    dead = gv.trace(lambda x, y: x * 0.0 + y, 2.0, 3.0)
    assert signs(drawn(dead, level="lecture"))[2:] == ["- - - no gradient"]
    arrays = gv.trace(lambda x: (x * x).sum(), np.ones(4))
    assert signs(drawn(arrays, level="lecture")) == ["value / shape → above the wire", "← gradient, ‖norm‖ below"]
    assert signs(drawn(arrays, level="matrix"))[2] == " δ = upstream gradient"
    assert "‖gradient‖" in signs(drawn(arrays, level="magnitude"))[-1]


@pytest.mark.parametrize(("shape", "pooled"), [((10, 10), False), ((11, 2), True), ((2, 11), True), ((16,), True)])
def test_it_is_said_that_cells_are_pooled(shape, pooled):
    document = drawn(gv.trace(lambda x: (x * x).sum(), np.ones(shape)), level="matrix")
    assert ("pooled to 10×10" in document.scale.after[0].text) == pooled


def test_an_operand_without_a_name_is_called_by_how_it_begins():
    document = drawn(gv.trace(lambda x, y: (x * y + 1.0) * (-np.sin(x)), 2.0, 3.0), level="explain")
    rows = [words(row.texts) for box in document.boxes if box.form == "card" for row in box.rows]
    assert any("∂(x · y + 1)" in row for row in rows) and any("∂(−sin(x))" in row for row in rows)
    assert not any("∂·" in row for row in rows)
    head = next(box for box in document.boxes if box.kind == "output")
    assert words(head.title).startswith("f = ")


def test_on_paper_the_note_on_a_nan_names_no_colour():
    with np.errstate(all="ignore"):
        document = drawn(gv.trace(lambda x: np.log(x) * x, -1.0), theme="print")
    assert any(note.startswith("shaded: NaN comes up first") for note in document.notes)
