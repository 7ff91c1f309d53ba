"""What the README says holds today: its table of ops, its examples, its links."""

import re
from pathlib import Path

import pytest

from gradviz.tracer.coverage import markdown

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_table_of_ops_is_the_program_s():
    pytest.importorskip("scipy.special", reason="scipy's functions are in the table where it is installed")
    stored = README.split("<!-- ops: begin -->")[1].split("<!-- ops: end -->")[0].strip()
    assert stored == markdown().strip(), "put the output of `python -m gradviz.tracer.coverage` between the marks"


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_examples_run(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(block, tmp_path)


def run(text, folder):
    """Run an example from a file: names are read from the source."""
    path = folder / "example.py"
    path.write_text(text, encoding="utf-8")
    namespace = {}
    exec(compile(text, str(path), "exec"), namespace)
    return namespace


def test_the_numbers_beside_the_example_are_right(tmp_path):
    (block,) = [block for block in BLOCKS if "graph.gradients()" in block]
    setup, calls = block.split("graph = ")
    first, *rest = [line for line in ("graph = " + calls).splitlines() if line]
    namespace = run(setup + first, tmp_path)
    for line in rest:
        call, _, said = line.partition("#")
        if said and "save" not in call:
            value = said.split(":")[0] if not said.strip().startswith("{") else said
            assert eval(call, namespace) == eval(value.strip())


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\"]+)\"", README)
    for link in filter(None, (a or b for a, b in links)):
        assert (ROOT / link).exists(), link
