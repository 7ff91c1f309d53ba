"""`gradviz trace --blank`: the exercise, and the answers beside it."""

from __future__ import annotations

from pathlib import Path

WORKED = "x = 1.0\ny = 2.0\nz = 0.0\na = x + y\nb = max(y, z)\nf = a * b\n"


def test_the_answers_are_written_beside_each_file(gradviz, write, folder):
    result = gradviz("trace", write(WORKED), "--blank", "gradients", "-o", "w.svg", "-o", "w.txt")
    assert result.code == 0
    written = [line.partition(" (")[0] for line in result.lines if line.startswith("wrote ")]
    assert written == ["wrote w.svg", "wrote w-answers.svg", "wrote w.txt", "wrote w-answers.txt"]
    assert sum(line.endswith("the answers)") for line in result.lines) == 2
    assert "5 = 2 + 3" not in Path("w.txt").read_text("utf-8")
    assert "5 = 2 + 3" in Path("w-answers.txt").read_text("utf-8")
    assert ">Exercise: " in Path("w.svg").read_text("utf-8")
    assert ">Answers: " in Path("w-answers.svg").read_text("utf-8")


def test_without_o_both_bear_the_scripts_name(gradviz, write, folder):
    assert gradviz("trace", write(WORKED), "--blank", "both").code == 0
    assert sorted(path.name for path in folder.glob("*.svg")) == ["s-answers.svg", "s.svg"]


def test_stdout_has_the_exercise_alone(gradviz, write, folder):
    result = gradviz("trace", write(WORKED), "--blank", "gradients", "-o", "-", "--format", "txt")
    assert "5 = 2 + 3" not in result.out
    assert result.out.startswith("Exercise: ")
    assert "stdout has the exercise alone: -o FILE writes the answers beside it" in result.err
    assert [path.name for path in folder.iterdir()] == ["s.py"]


def test_where_the_answers_cant_go_the_script_does_not_run(gradviz, write, folder):
    (folder / "w-answers.svg").mkdir()
    result = gradviz("trace", write("print('ran')\n" + WORKED), "--blank", "both", "-o", "w.svg")
    assert (result.code, result.out) == (2, "")
    assert "can't write 'w-answers.svg': it is a folder" in result.err
