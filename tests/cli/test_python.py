"""What a script sees and prints is what it would see and print under `python`, to the byte."""

import json
import re
import signal
import subprocess
import sys
import zipfile

import pytest

SCRIPTS = {
    "what it is": """
        '''A docstring.'''
        import sys
        x = 1.0
        f = x * x
        print(__name__, __file__, __doc__, sys.argv, sys.path[0], __package__, __spec__, __cached__)
        print(sorted(globals()), sys.modules['__main__'].__dict__ is globals())
        print(type(__builtins__), __loader__.name, __annotations__, flush=True)
    """,
    "printing": """
        import numpy as np
        np.set_printoptions(precision=3)
        x = np.array([1.0, 2.0, 1 / 3])
        s = 0.1
        y = x * s
        loss = (y ** 2).sum()
        print(x, s, y, loss, [y, loss], {"loss": loss}, (s,))
        print(f"{loss:.4f} {s!r} {s:>8} {y}", "%.3e|%s|%r" % (loss, s, s), "{:.2f}".format(loss), str(loss), repr(y))
        print(loss > 0.01, s == 0.1, bool(s), len(x), x.shape, loss.shape, x.dtype, x.ndim, x.size)
        print(round(s, 1), abs(-s), int(10 * s), float(loss), max(s, 0.2), min([s, 0.05]), sum([s, s]))
    """,
    "warnings that it records": """
        import warnings
        import numpy as np
        x = np.array([1.0, 0.0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            y = np.log(x)
            z = 1.0 / x
        print([(str(w.message), w.lineno, w.filename, w.category) for w in caught], flush=True)
        warnings.showwarning = lambda message, category, filename, lineno, *rest: print(message, lineno, flush=True)
        s = np.log(x * 2.0).sum()
        np.log(x)
    """,
    "training": """
        import numpy as np
        rng = np.random.default_rng(0)
        X = rng.normal(size=(20, 3))
        t = X @ np.array([1.0, -2.0, 0.5])
        w = np.zeros(3)
        lr = 0.05
        for epoch in range(20):
            error = X @ w - t
            loss = np.mean(error ** 2)
            gradient = 2 * X.T @ error / len(X)
            w = w - lr * gradient
            if epoch % 5 == 0:
                print(epoch, "%.6f" % loss)
        print(w)
    """,
    "classes": """
        from __future__ import annotations
        import dataclasses, pickle
        import numpy as np
        @dataclasses.dataclass
        class Layer:
            W: np.ndarray
            name: str = "layer"
            def __call__(self, x):
                return np.tanh(self.W @ x)
        W = np.array([[0.1, 0.2], [0.3, -0.4]])
        x = np.array([1.0, -1.0])
        layer = Layer(W)
        out = layer(x)
        loss = out.sum()
        print(out, loss, Layer.__module__, pickle.loads(pickle.dumps(Layer(None, "a"))))
    """,
    "reading and exiting": """
        import sys
        x = float(input())
        y = 2.0
        f = x * y
        print(f, file=sys.stdout)
        sys.stdout.write("no newline\\n")
        print("to stderr", file=sys.stderr)
        sys.exit(3)
    """,
    "exit with a message": """
        import sys
        x = 2.0
        f = x * x
        sys.exit("failed: %s" % f)
    """,
    "an exception": """
        import numpy as np
        x = np.array([1.0, 2.0])
        def inner(x):
            return x @ np.ones(3)
        def outer(x):
            try:
                return inner(x * 2.0)
            except ValueError as error:
                raise RuntimeError("outer failed") from error
        f = (x * x).sum()
        print(f)
        y = outer(x)
    """,
    "an exception in the literal": """
        x = 1.0
        y = 1.0 / (2.0 - 2.0)
    """,
    "a key error": """
        x = 1.0
        f = x * x
        {}["missing"]
    """,
    "a warning": """
        import numpy as np
        import warnings
        x = 0.0
        y = np.log(x)
        warnings.warn("careful")
        print(y)
    """,
    "closed stdout": """
        import sys
        x = 2.0
        f = x * x
        print(f)
        sys.stdout.close()
    """,
    "a generator that is seeded": """
        import random
        import numpy as np
        random.seed(1)
        np.random.seed(1)
        a = random.random()
        b = np.random.rand()
        c = np.random.randn(2) * 0.1
        f = a * b * c.sum()
        print(a, b, c, f)
    """,
}


def as_text(data: bytes) -> str:
    return data.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("name", SCRIPTS)
def test_prints_and_exits_as_under_python(processes, write, name):
    write(SCRIPTS[name])
    python = processes("s.py", "-v", "--lr", "0.1", stdin="1.5\n")
    ours = processes("-m", "gradviz", "trace", "-o", "f.dot", "s.py", "-v", "--lr", "0.1", stdin="1.5\n")
    assert ours.returncode == python.returncode
    assert ours.stdout.startswith(python.stdout)
    rest = as_text(ours.stdout.removeprefix(python.stdout))
    assert rest == "" or rest.startswith("wrote f.dot (dot)\n")
    said = as_text(ours.stderr).removeprefix(as_text(python.stderr))
    assert said == "" or said.startswith(("gradviz: nothing had been recorded", "wrote f.dot (dot)\n"))


def test_a_script_in_another_folder(processes, write, folder):
    (folder / "sub").mkdir()
    write("value = 2.0\n", "sub/neighbour.py")
    write(
        "import neighbour, sys, os\nx = 2.0\nf = x * neighbour.value\nprint(sys.argv, sys.path[0], os.getcwd())",
        "sub/s.py",
    )
    python = processes("sub/s.py")
    ours = processes("-m", "gradviz", "trace", "sub/s.py", "-o", "f.dot")
    assert python.returncode == ours.returncode == 0
    assert ours.stdout.startswith(python.stdout)


@pytest.mark.parametrize(
    "text", ["x = (\n1\n", "return 3\n", "def f(:\n", "x = 1\n  y = 2\n", "from __future__ import x\n"]
)
def test_a_syntax_error_is_pythons_own(processes, write, text):
    write(text)
    python = processes("s.py")
    ours = processes("-m", "gradviz", "trace", "s.py")
    assert (ours.returncode, ours.stdout) == (1, b"")
    assert as_text(ours.stderr) == as_text(python.stderr)


@pytest.mark.parametrize(
    "text",
    [
        "# -*- coding: latin-1 -*-\nx = 2.0\ns = 'caf\xe9'\nf = x * x\nprint(len(s))\n".encode("latin-1"),
        b"\xef\xbb\xbfx = 2.0\ns = 'caf\xc3\xa9'\nf = x * x\nprint(len(s))\n",
    ],
    ids=["latin-1", "byte order mark"],
)
def test_declared_encodings(gradviz, write, text):
    result = gradviz("trace", write(text), "-o", "f.dot")
    assert result.lines == ["4", "wrote f.dot (dot)", "1 op, 1 input", "f = 4", "∂f/∂x = 4"]


def test_after_an_exception_what_was_recorded_is_drawn(gradviz, write, folder):
    result = gradviz("trace", write("x = 2.0\na = x * 3.0\nb = a / 0\n"))
    assert result.code == 1
    assert result.lines[1:] == [
        "1 op, 1 input",
        "a = 6",
        "note: this is what the script had computed before the exception; gradients were not run back",
        "note: a / 0 failed on a = 6.0 and 0: ZeroDivisionError: float division by zero",
    ]
    assert (folder / "s.svg").exists()
    assert re.search(r'File ".*s\.py", line 3, in <module>\n    b = a / 0\n', result.err)
    assert "gradviz" not in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_exits_130_and_says_little(write, folder):
    write("import sys, time\nx = 1.0\nprint('ready', flush=True)\ntime.sleep(60)\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "gradviz", "trace", "s.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err.strip()) == (130, b"", b"gradviz: interrupted")
    assert [p.name for p in folder.iterdir()] == ["s.py"]


def test_a_chain_of_100_000_ops(processes, write):
    write("x = 1.0\nf = x\nfor i in range(100_000):\n    f = f * 1.00001\nprint(f)\n")
    done = processes("-m", "gradviz", "trace", "s.py", "-o", "f.svg")
    assert done.returncode == 0
    text = as_text(done.stdout)
    assert "100,000 ops, 1 input" in text
    assert "note:" in text


# -- what else python can run ----------------------------------------------------------------------------------------

SHOWS = "import sys; x = 2.0; f = x * x; print(__name__, __package__, sys.argv, repr(sys.path[0]), f)\n"
WAYS = {
    "a module": ("-m", "package.module", "-v", "a"),
    "a package": ("-m", "package", "a"),
    "code": ("-c", SHOWS, "a", "-b"),
    "stdin": ("-", "a"),
    "a folder": ("folder", "a"),
    "a zip": ("folder.zip", "a"),
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_name_a_program(processes, write, folder, way):
    for name in ("package", "folder"):
        (folder / name).mkdir()
    for name in ("package/__init__.py", "package/__main__.py", "package/module.py", "folder/__main__.py"):
        write("" if name.endswith("__init__.py") else SHOWS, name)
    with zipfile.ZipFile("folder.zip", "w") as archive:
        archive.write("folder/__main__.py", "__main__.py")
    python = processes(*WAYS[way], stdin=SHOWS)
    ours = processes("-m", "gradviz", "trace", "-o", "f.dot", *WAYS[way], stdin=SHOWS)
    assert (python.returncode, ours.returncode) == (0, 0), as_text(ours.stderr)
    assert ours.stdout.startswith(python.stdout)
    assert as_text(ours.stdout.removeprefix(python.stdout)).splitlines()[2:] == ["f = 4", "∂f/∂x = 4"]


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]})


def test_a_notebook_runs_cell_by_cell(gradviz, write):
    name = write(notebook("%matplotlib inline\nx = 2.0\n", "f = x * x\nprint(f)\n1 / 0"), "n.ipynb")
    result = gradviz("trace", name, "-o", "f.dot")
    assert (result.code, result.lines[0]) == (1, "4.0")
    assert 'File "<n.ipynb, cell 2>", line 3, in <module>' in result.err


def test_what_a_notebook_says_to_a_shell_is_left_out(gradviz, write):
    name = write(notebook("!pip install x\nx = 2.0\nif x > 1:\n    !ls\nf = x * x\nprint(f)\n"), "n.ipynb")
    result = gradviz("trace", name, "-o", "f.dot")
    assert (result.code, result.lines[0]) == (0, "4.0")
    assert "gradviz: n.ipynb, cell 1: `!pip install x` is for a shell and was left out\n" in result.err


def test_modules_named_like_those_that_gradviz_has_imported(write, folder, processes, gradviz):
    for name in ("click", "queue", "graphviz", "linecache", "json"):
        write(f"name = 'own {name}'\n", f"{name}.py")
    (folder / "difflib").mkdir()
    write("name = 'own difflib'\n", "difflib/__init__.py")
    script = write(
        "import click, queue, graphviz, difflib, json, numpy as np\nx = 2.0\nf = x * np.exp(x)\n"
        "print(click.name, queue.name, graphviz.name, difflib.name, json.name, f)\n"
    )
    plain, ours = processes(script), gradviz("trace", script, "-o", "f.svg")
    assert (plain.returncode, ours.code) == (0, 0)
    assert ours.out.startswith(plain.stdout.decode())
    assert (folder / "f.svg").exists()
    assert sys.modules["json"] is json


DEEP = """
import sys
x = 2.0
def down(n):
    return x if n == 0 else down(n - 1) + 1.0
for n in (900, 985, 995, 1100):
    try:
        print(n, down(n))
    except RecursionError as error:
        print(n, error)
sys.setrecursionlimit(3000)
print(sys.getrecursionlimit(), down(2900))
"""


def test_it_calls_as_deeply_as_under_python(write, processes):
    name = write(DEEP)
    plain, ours = processes(name), processes("-m", "gradviz", "trace", "-o", "f.dot", name)
    assert plain.stdout.count(b"\n") == 5
    assert ours.stdout.startswith(plain.stdout)


def test_a_script_from_stdin_has_pythons_name(processes):
    text = "print(__file__, __name__)\nx = 2.0\nf = x * x\n"
    ours = processes("-m", "gradviz", "trace", "-o", "f.dot", "-", stdin=text)
    assert ours.stdout.startswith(processes("-", stdin=text).stdout)


@pytest.mark.parametrize("line", ["%run other.py", "files = !ls", "%%bash", "x?"])
def test_commands_of_jupyter_are_refused(gradviz, write, line):
    result = gradviz("trace", write(notebook(f"x = 2.0\n{line}\n"), "n.ipynb"), "-o", "f.dot")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"gradviz: n.ipynb, cell 1 has a command of Jupyter's, `{line}`, which is no Python: "
        "take it out, or do it before\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-m", "nosuch"), "there is no module 'nosuch': give the name of a module that `python -m` could run"),
        (("-c",), "option '-c' needs Python code after it (gradviz trace --help says more)"),
        (
            ("-m", "json.nosuch"),
            "there is no module 'json.nosuch': give the name of a module that `python -m` could run",
        ),
    ],
)
def test_programs_that_are_not_there(gradviz, words, said):
    result = gradviz("trace", *words)
    assert (result.code, result.err) == (2, f"gradviz: {said}\n")


def test_options_of_a_project(gradviz, write):
    write('[tool.gradviz]\nformat = "dot"\nwrt = ["x"]\n', "pyproject.toml")
    assert gradviz("trace", write("x = 2.0\ny = 3.0\nf = x * y\n")).lines == [
        "wrote s.dot (dot)", "1 op, 1 input", "f = 6", "∂f/∂x = 3",
    ]  # fmt: skip
    write('[tool.gradviz]\nformt = "dot"\n', "pyproject.toml")
    result = gradviz("trace", "s.py")
    assert result.code == 2
    assert "unknown option 'formt' in [tool.gradviz]" in result.err
    assert "did you mean 'format'?" in result.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(gradviz, shell):
    assert "_GRADVIZ_COMPLETE" in gradviz("completion", shell).out


def test_a_debugger_opens_where_it_was_raised(processes, write):
    write("x = 2.0\ndef g(y):\n    inside = 7\n    return y / 0\ng(x * x)\n")
    done = processes("-m", "gradviz", "trace", "--pdb", "s.py", "-o", "f.dot", stdin="p inside\nq\n")
    assert "(Pdb) 7" in as_text(done.stdout)
