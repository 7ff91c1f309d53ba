"""`gradviz trace` from the outside: the worked example, its files, its options, and every kind of bad input."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

GALLERY = Path(__file__).parent.parent.parent / "gallery"
WORKED = "x = 1.0\ny = 2.0\nz = 0.0\na = x + y\nb = max(y, z)\nf = a * b\nprint(f)\n"
SUMMARY = ["3 ops, 3 inputs", "f = 6", "∂f/∂x = 2", "∂f/∂y = 5", "∂f/∂z = 0"]


# -- the worked example ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["worked_example", "worked_example_gradviz", "worked_example_function"])
def test_worked_example_to_the_number(gradviz, folder, name):
    result = gradviz("trace", str(GALLERY / f"{name}.py"), "-o", "f.json")
    assert (result.code, result.err) == (0, "")
    assert result.lines[1:] == ["wrote f.json (json)", *SUMMARY]
    graph = json.loads(Path("f.json").read_text("utf-8"))
    nodes = {node["name"]: node for node in graph["nodes"]}
    got = {name: (node["value"], node["gradient"]) for name, node in nodes.items()}
    assert got == {"x": (1, 2), "y": (2, 5), "z": (0, 0), "a": (3, 2), "b": (2, 3), "f": (6, 1)}
    assert [node["op"] for node in graph["nodes"]][3:] == ["add", "maximum", "multiply"]


#: script → what there is to note of it.
NOTED = {
    "long_chain": ["nodes in", "folded: "],
    "lstm": ["nodes in", "folded: "],
    "nan_gradient": ["decided by a traced value: x > 0", "NaN comes up first in root"],
}


@pytest.mark.parametrize("path", sorted(GALLERY.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_each_gallery_script_is_traced_without_a_note_but_for_what_it_shows(gradviz, path):
    assert path.read_text("utf-8").startswith("# ")
    result = gradviz("trace", str(path), "-o", "f.dot")
    assert (result.code, result.err) == (0, "")
    notes = [line for line in result.lines if line.startswith("note:")]
    expected = NOTED.get(path.stem, [])
    assert len(notes) == len(expected)
    assert all(words in note for words, note in zip(expected, notes, strict=True))


@pytest.mark.parametrize("path", sorted(GALLERY.glob("gate_*.py")), ids=lambda path: path.stem)
def test_each_gate_shows_the_role_it_is_named_for(gradviz, path):
    gradviz("trace", str(path), "-o", "f.json")
    role = path.stem.removeprefix("gate_").replace("1_over_x", "1/x").replace("p_minus_y", "p − y").replace("_", " ")
    assert role in {node["role"] for node in json.loads(Path("f.json").read_text("utf-8"))["nodes"]}


def test_neural_layer_has_the_lectures_gradients(gradviz):
    gradviz("trace", str(GALLERY / "neural_layer.py"), "-o", "f.json")
    nodes = {node["name"]: node for node in json.loads(Path("f.json").read_text("utf-8"))["nodes"]}
    assert nodes["u"]["gradient"] == nodes["h"]["value"]
    assert {name: nodes[name]["kind"] for name in "Wbux"} == dict.fromkeys("Wbu", "parameter") | {"x": "input"}


# -- files -----------------------------------------------------------------------------------------------------------


def test_without_o_the_file_bears_the_scripts_name(gradviz, write, folder):
    result = gradviz("trace", write(WORKED, "lecture.py"))
    assert re.fullmatch(r"wrote lecture\.svg \(svg, Graphviz [\d.]+ (system|bundled)\)", result.lines[1])
    assert sorted(p.name for p in folder.iterdir()) == ["lecture.py", "lecture.svg"]


def test_several_files_in_one_run(gradviz, write):
    result = gradviz("trace", "-o", "f.dot", "-o", "f.json", "-o", "f.dot", write(WORKED))
    assert result.lines[:4] == ["6.0", "wrote f.dot (dot)", "wrote f.json (json)", SUMMARY[0]]
    assert Path("f.dot").read_bytes().startswith(b"digraph")


def test_stdout_holds_the_picture_alone(gradviz, write):
    result = gradviz("trace", write(WORKED), "-o", "-", "--format", "json", "-o", "f.dot")
    assert json.loads(result.out)["format"] == "gradviz-graph"
    assert result.err.splitlines() == ["6.0", "wrote f.dot (dot)", *SUMMARY]


def test_stdout_holds_the_picture_alone_even_where_children_print(processes, write):
    write(
        "import subprocess, sys\nx = 2.0\nprint('own')\nsubprocess.run([sys.executable, '-c', 'print(1)'])\nf = x * x\n"
    )
    done = processes("-m", "gradviz", "trace", "s.py", "-o", "-")
    assert done.stdout.startswith(b"<?xml") or done.stdout.startswith(b"<svg")
    assert done.stdout.rstrip().endswith(b"</svg>")
    assert {b"own", b"1"} <= set(done.stderr.split())


def test_format_picks_the_default_file(gradviz, write):
    assert "wrote s.dot (dot)" in gradviz("trace", write(WORKED), "--format", "dot").lines


def test_a_script_that_changes_folder_changes_no_target(gradviz, write, folder):
    (folder / "inner").mkdir()
    gradviz("trace", write("import os\nx = 1.0\nf = x * x\nos.chdir('inner')\n"), "-o", "f.dot")
    assert (folder / "f.dot").exists()


def test_style_reaches_the_picture(gradviz, write):
    gradviz("trace", "--level", "lecture", "--direction", "TB", "--title", "My title", write(WORKED), "-o", "f.dot")
    text = Path("f.dot").read_text("utf-8")
    assert "rankdir=TB" in text
    assert "My title" in text


# -- the summary -----------------------------------------------------------------------------------------------------


def test_arrays_in_the_summary(traced):
    result = traced(
        """
        import numpy as np
        x = np.array([1.0, 2.0])
        W = np.zeros((20, 2)) + 0.5
        f = (W @ x).sum()
        """
    )
    assert result.lines == [
        "wrote f.dot (dot)",
        "2 ops, 2 inputs",
        "f = 30",
        "∂f/∂x = [10 10]",
        "∂f/∂W = 20×2 array, norm 10",
    ]


def test_many_inputs_are_counted(traced):
    result = traced("\n".join(f"x{i} = {i}.5" for i in range(30)) + "\nf = " + " + ".join(f"x{i}" for i in range(30)))
    assert result.lines[-1] == "and the gradients of 10 more inputs"


def test_names_of_strangers_cannot_steer_the_terminal(traced):
    result = traced('import gradviz as gv\nx = gv.tensor(2.0, "a\\x1b[31m\\nb")\nf = x * x\n')
    assert "\x1b" not in result.out
    assert result.lines[-1] == "∂f/∂a[31m b = 4"


def test_ascii_terminal(processes, write):
    write(WORKED)
    done = processes("-m", "gradviz", "trace", "s.py", "-o", "f.dot", PYTHONIOENCODING="ascii")
    assert b"df/dy = 5" in done.stdout


# -- bad input: one clear line each ----------------------------------------------------------------------------------

ARRAYS = "import numpy as np\nx = np.array([1.0, 2.0, 3.0])\nf = x * x\n"

BAD = {
    "arrays only": (
        ARRAYS,
        (),
        1,
        "f has shape (3,), and gradients run back from a single number: add one to the script, such as loss = f.sum()",
    ),
    "an array chosen": (
        ARRAYS + "g = f.sum()\n",
        ("--of", "f"),
        1,
        "f has shape (3,), and gradients run back from a single number: add one to the script, such as loss = f.sum(), "
        "or choose another with --of (g)",
    ),
    "several arrays": (
        ARRAYS + "g = f + x\n",
        (),
        1,
        "g has shape (3,), and gradients run back from a single number: add one to the script, such as loss = g.sum(); "
        "the other results are arrays too: f (3,)",
    ),
    "--of names nothing": (
        WORKED,
        ("--of", "ff"),
        2,
        "--of 'ff' names nothing: did you mean 'f'? s.py has a, b, f, x, y, z",
    ),
    "--of names a constant": (
        WORKED + "n = 3\n",
        ("--of", "n"),
        2,
        "--of 'n' is 3, which was not computed from any input: s.py has a, b, f, x, y, z",
    ),
    "--wrt names nothing": (
        WORKED,
        ("--wrt", "x,w"),
        2,
        "--wrt 'w' is assigned nowhere at module level: s.py has x, y, z, a, b, f",
    ),
    "--wrt names what a branch left out": (
        "x = 1.0\nif x > 2:\n    w = 2.0\nf = x * x\n",
        ("--wrt", "x,w"),
        2,
        "--wrt 'w' was never assigned a number of its own in this run: s.py has x",
    ),
    "--wrt names an integer": (
        "x = 1.0\nn = 3\nf = x * n\n",
        ("--wrt", "x,n"),
        1,
        "n = 3 has dtype int64, and gradviz takes integers and booleans as constants, which have no gradient: "
        "write 3.0",
    ),
    "--wrt names a list": (
        "x = [1.0]\nf = x[0] * 2\n",
        ("--wrt", "x"),
        1,
        "--wrt 'x' is of type list, and gradients are taken with respect to floats and arrays of floats",
    ),
    "--wrt has an empty name": (
        WORKED,
        ("--wrt", "x,,y"),
        2,
        "--wrt 'x,,y' has an empty name: give names with commas between them, x,y",
    ),
    "--wrt names a result of a gradviz script": (
        "import gradviz as gv\nx = gv.tensor(1.0)\nf = x * x\n",
        ("--wrt", "f"),
        2,
        "--wrt 'f' is no input made by gv.tensor: s.py has x",
    ),
    "an integer output": (
        "import gradviz as gv\nn = gv.tensor(3)\nx = gv.tensor(1.0)\nf = x * x\n",
        ("--of", "n"),
        1,
        "n = 3 has dtype int64, and gradviz takes integers and booleans as constants, which have no gradient: "
        "write 3.0",
    ),
    "integers only": (
        "x = 1\ny = 2\nf = x * y\n",
        (),
        1,
        "nothing to draw in s.py: its numbers are integers, and gradviz takes those as constants: "
        "write x = 1.0 in line 1, y = 2.0 in line 2",
    ),
    "no numbers": (
        "text = 'a'\n",
        (),
        1,
        "nothing to draw in s.py: no number is assigned at module level: assign the inputs there (x = 1.0), or make "
        "them with gv.tensor in a script that imports gradviz",
    ),
    "nothing computed": (
        "x = 1.0\n",
        (),
        1,
        "nothing to draw in s.py: nothing was computed from its inputs (x = 1.0)",
    ),
    "floats that are no literals": (
        "x = sum([1.0, 2.0])\nf = x * x\n",
        (),
        1,
        "nothing to draw in s.py: no number is assigned from a literal or a random generator: choose inputs with "
        "--wrt (x, f)",
    ),
    "gradviz unused": (
        "import gradviz\nx = 1.0\n",
        (),
        1,
        "nothing to draw in s.py: it computed nothing from Tensors: make inputs with gv.tensor(value), or trace a "
        "function with gv.trace",
    ),
    "unknown suffix": (
        WORKED,
        ("-o", "f.xyz"),
        2,
        "unknown suffix '.xyz' in 'f.xyz' (must be one of {suffixes})",
    ),
    "no suffix": (WORKED, ("-o", "f"), 2, "no suffix in 'f' (must be one of {suffixes})"),
    "missing folder": (
        WORKED,
        ("-o", "no/f.svg"),
        2,
        "can't write 'no/f.svg': there is no folder 'no'; make it first",
    ),
    "format beside a suffix": (
        WORKED,
        ("--format", "svg"),
        2,
        "--format svg is for `-o -` or for no -o at all: the suffix of 'f.dot' says its format",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line(traced, folder, case):
    from gradviz.render import FORMATS

    text, args, code, message = BAD[case]
    result = traced(text, *args)
    message = message.replace("{suffixes}", ", ".join(f.suffix for f in FORMATS.values()))
    assert (result.code, result.err) == (code, f"gradviz: {message}\n")
    assert [p.name for p in folder.iterdir()] == ["s.py"]


def test_bad_options_are_found_before_the_script_runs(traced):
    for args in (["-o", "f.xyz"], ["-o", "no/f.svg"], ["--wrt", "w"], ["--level", "high"]):
        assert traced("print('ran')\nx = 1.0\n", *args).out == ""


def test_an_unknown_choice_lists_the_choices(gradviz, write):
    result = gradviz("trace", "--theme", "pink", write(WORKED))
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert "'--theme': 'pink' is not one of 'light', 'dark'" in result.err


def test_no_such_file_names_near_ones(gradviz, write):
    write(WORKED, "lecture.py")
    assert gradviz("trace", "lectrue.py")[::2] == (
        2,
        "gradviz: there is no file 'lectrue.py': did you mean 'lecture.py'?\n",
    )
    assert gradviz("trace", "zzz")[::2] == (2, "gradviz: there is no file 'zzz': give the path of a Python script\n")


def test_a_folder(gradviz, folder, write):
    write(WORKED)
    assert gradviz("trace", ".")[::2] == (
        2,
        "gradviz: '.' is a folder: give the path of a Python script, such as 's.py'\n",
    )


def test_a_target_that_is_a_folder(gradviz, write, folder):
    (folder / "f.svg").mkdir()
    assert gradviz("trace", write(WORKED), "-o", "f.svg")[::2] == (
        2,
        "gradviz: can't write 'f.svg': it is a folder; name a file in it\n",
    )


def test_not_utf8(gradviz, write):
    assert gradviz("trace", write(b"x = 1.0\ns = 'caf\xe9'\n")) == (
        1,
        "",
        "gradviz: s.py is not UTF-8 (byte 0xe9 in line 2): save it as UTF-8, or declare its encoding in the first "
        "line, such as # -*- coding: latin-1 -*-\n",
    )


def test_null_bytes(gradviz, write):
    result = gradviz("trace", write(b"x = 1.0\0\n"))
    assert result.code == 1
    assert re.fullmatch(r"gradviz: s\.py is no Python text: .*null bytes\n", result.err)


def test_no_script(gradviz):
    result = gradviz("trace")
    assert result.code == 2
    assert "SCRIPT" in result.err
    assert result.err.count("\n") == 1


def test_where_drawing_fails_nothing_is_left(gradviz, write, folder, monkeypatch):
    from gradviz.cli import trace
    from gradviz.tracer import RenderError

    monkeypatch.setattr(trace, "render", _failing(RenderError("Graphviz took too long: raise --time-limit")))
    result = gradviz("trace", write(WORKED), "-o", "f.dot", "-o", "f.svg")
    assert (result.code, result.err) == (1, "gradviz: Graphviz took too long: raise --time-limit\n")
    assert [p.name for p in folder.iterdir()] == ["s.py"]


def _failing(error: Exception) -> Callable[..., None]:
    def fail(*args: object, **options: object) -> None:
        raise error

    return fail


# -- the group -------------------------------------------------------------------------------------------------------


def test_version(gradviz):
    from gradviz import __version__

    assert gradviz("--version").out.strip().endswith(__version__)


def test_help_lists_the_commands_without_loading_them(processes):
    done = processes(
        "-c",
        "import sys; from gradviz.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print([m for m in sys.modules if m.startswith('gradviz.render') or m == 'gradviz.cli.trace'])",
    )
    assert re.search(rb"trace +Run a script and draw its graph\.", done.stdout)
    assert b"gradviz.cli.trace" not in done.stdout


def test_help_tells_the_rule_for_options(gradviz):
    text = " ".join(gradviz("trace", "--help").out.split())
    assert "Options of gradviz stand before SCRIPT or right after it." in text
    assert "With `-o -` stdout holds the picture alone" in text


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("s.py", "there is no command 's.py': did you mean `gradviz trace s.py`? the commands are trace"),
        ("tarce", "there is no command 'tarce': the commands are trace"),
    ],
)
def test_unknown_command(gradviz, word, message):
    result = gradviz(word)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1


def test_no_command_shows_the_help(gradviz):
    result = gradviz()
    assert result.code == 2
    assert "Commands:" in result.err


def test_python_m_gradviz(processes, write):
    write(WORKED)
    done: subprocess.CompletedProcess[bytes] = processes("-m", "gradviz", "trace", "s.py", "-o", "f.dot")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "∂f/∂y = 5".encode() in done.stdout
