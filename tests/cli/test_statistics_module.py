"""statistics in a plain script: its values to the last bit, and gradients."""

import statistics

import pytest

from gradviz.cli.script import run

NAMES = ("mean", "fmean", "variance", "stdev", "pvariance", "pstdev")
VALUES = (1.1, 2.7, 3.3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("given", ["[x, y, z]", "(v for v in (x, y, z))"])
def test_it_records_with_the_same_values(name, given, write, capsys):
    inputs = ", ".join(map(repr, VALUES))
    made = run(write(f"import statistics\nx, y, z = {inputs}\nf = statistics.{name}({given})\nprint(repr(f))\n"))
    function = getattr(statistics, name)
    assert capsys.readouterr().out == f"{function(VALUES)!r}\n"
    assert not made.notes
    for i, key in enumerate("xyz"):
        moved = [[v + h * (i == j) for j, v in enumerate(VALUES)] for h in (1e-6, -1e-6)]
        slope = (function(moved[0]) - function(moved[1])) / 2e-6
        assert made.graph.gradients()[key] == pytest.approx(slope, abs=1e-8)


def test_plain_numbers_stay_pythons(write, capsys):
    calls = "s.mean([1, 2]), s.fmean([1, 2], [3, 1]), s.median([3])"
    run(write(f"import statistics as s\nx = 2.0\nprint({calls})\nf = x * x\n"))
    assert capsys.readouterr().out == "1.5 1.25 3\n"
