"""Notebooks: a picture and a graph show themselves, as SVG that fits the cell and as text beside it."""

from __future__ import annotations

import re

import pytest
from lxml import etree
from small_graphs import one_op, worked_example

import gradviz as gv
from gradviz.render import drawing
from gradviz.tracer.errors import RenderError

CELLS = [
    "import gradviz as gv\ngraph = gv.trace(lambda x, y: (x + y) * y, 1.0, 2.0)",
    "graph",
    "graph.draw(level='lecture', theme='dark')",
    "print(graph.draw())",
]


@pytest.mark.parametrize("shows", [lambda: worked_example(), lambda: worked_example().draw()])
def test_it_shows_itself_as_svg_with_text_beside_it(shows):
    bundle = shows()._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert bundle["text/plain"].startswith("f = 6; x = 1, ∂f/∂x = 2; y = 2, ∂f/∂y = 5 = 2 + 3;")


def test_it_shrinks_with_the_cell_and_is_not_cut_off():
    root = etree.fromstring(worked_example().draw()._repr_mimebundle_()["image/svg+xml"].encode())
    assert root.get("style") == "max-width:100%;height:auto"
    width, height = (float(root.get(side).removesuffix("pt")) for side in ("width", "height"))
    left, top, across, down = map(float, root.get("viewBox").split())
    assert (across, down) == pytest.approx((width, height), abs=1)
    moved = re.search(r"translate\(([\d.]+) ([\d.]+)\)", root[2].get("transform") or root[3].get("transform"))
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        x, y = float(text.get("x")) + float(moved[1]), float(text.get("y")) + float(moved[2])
        assert left <= x <= left + across
        assert top <= y <= top + down


def test_it_follows_the_readers_theme_and_has_a_background_of_its_own():
    text = worked_example().draw()._repr_mimebundle_()["image/svg+xml"]
    assert "@media (prefers-color-scheme:dark)" in text
    assert '[fill="#ffffff"]{fill:#14171c}' in text
    dark = worked_example().draw(theme="dark")._repr_mimebundle_()["image/svg+xml"]
    assert "@media" not in dark
    assert '<polygon fill="#14171c"' in dark


def test_pictures_on_one_page_share_no_id():
    pictures = [worked_example().draw(level=level) for level in ("explain", "lecture")] + [one_op().draw()]
    ids = [re.findall(r'\sid="([^"]+)"', picture._repr_mimebundle_()["image/svg+xml"]) for picture in pictures]
    together = [name for names in ids for name in names]
    assert len(set(together)) == len(together) > 30
    # Nor has a style a say in what is not its own drawing.
    styles = [re.search(r"<style>(.*?)</style>", p._repr_mimebundle_()["image/svg+xml"])[1] for p in pictures]
    for names, style in zip(ids, styles, strict=True):
        assert set(re.findall(r"[{}](#[\w-]+) \[", style)) == {f"#{names[0]}"}


def test_without_graphviz_there_is_the_table_and_the_reason(monkeypatch):
    def missing(*given, **options):
        raise RenderError("no Graphviz found: install it")

    picture = one_op().draw()
    monkeypatch.setattr(drawing, "render", missing)
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "negative" in bundle["text/plain"]
    assert bundle["text/plain"].endswith("No picture: no Graphviz found: install it")


def test_a_picture_saves_in_its_own_style(tmp_path):
    picture = worked_example().draw(level="lecture", theme="dark")
    picture.save(tmp_path / "f.dot")
    assert (tmp_path / "f.dot").read_text(encoding="utf-8") == picture.dot()
    picture.save(tmp_path / "f.dot", theme="light")
    assert (tmp_path / "f.dot").read_text(encoding="utf-8") != picture.dot()


def test_draw_refuses_what_it_does_not_know():
    with pytest.raises(gv.RenderError, match=r"unknown option 'levle'.*did you mean 'level'"):
        worked_example().draw(levle="lecture")


@pytest.mark.filterwarnings("ignore")  # zmq's and asyncio's, not ours
@pytest.mark.parametrize("options", [{"focus": "q"}, {"path": ("x", "q")}, {"focus": "q", "scalars": True}])
def test_what_is_not_there_is_told_where_it_is_asked_for(options):
    with pytest.raises(gv.NameNotFound, match=r"no node named 'q'; it has x, y"):
        worked_example().draw(**options)
    with pytest.raises(RenderError, match="there is no NaN in this graph"):
        worked_example().draw(nan=True)


def test_in_a_running_notebook(tmp_path):
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient and ipykernel: pip install 'gradviz-trace[test]'")
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat, which comes with nbclient")
    pytest.importorskip("ipykernel", reason="needs ipykernel")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    _, graph, picture, printed = (cell.outputs for cell in notebook.cells)
    for (output,) in (graph, picture):
        assert output.output_type == "execute_result"
        assert set(output.data) == {"image/svg+xml", "text/plain"}
        assert etree.fromstring(output.data["image/svg+xml"].encode()).get("role") == "img"
        assert "∂" in output.data["text/plain"]
    assert '<polygon fill="#14171c"' in picture[0].data["image/svg+xml"]
    assert printed[0].name == "stdout"
