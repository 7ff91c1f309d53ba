"""What is put into `builtins`, by a script or a test's mock, holds for the script; and not any longer."""

import builtins
import textwrap
from types import ModuleType

import pytest

PUT = {
    "by the script": """
        import builtins
        real = print
        builtins.print = lambda *args: real("!", *args)
        print(y)
        builtins.print = real
        print(y)
    """,
    "by a mock": """
        from unittest import mock
        with mock.patch("builtins.input", return_value="typed"):
            print(input("? "))
        with mock.patch("builtins.max", return_value="patched"):
            print(max(x, y))
        print(max(x, y), max(1, 2))
    """,
    "and taken out": """
        import builtins
        builtins.answer = y
        print(answer)
        del builtins.answer
        try:
            answer
        except NameError as error:
            print(error)
        try:
            del builtins.nothing
        except AttributeError as error:
            print(type(error))
    """,
    "by its own name": """
        __builtins__.answer = y
        print(answer)
        import builtins
        print(builtins.answer, builtins.__name__)
    """,
}


@pytest.mark.parametrize("name", PUT)
def test_it_holds_as_under_python(name, write, processes):
    script = write("x = 2.0\ny = x * 3.0\n" + textwrap.dedent(PUT[name]))
    plain, traced = processes(script), processes("-m", "gradviz", "trace", "-o", "f.dot", script)
    assert plain.stdout
    assert traced.stdout.startswith(plain.stdout)
    assert (traced.stderr, traced.returncode) == (plain.stderr, plain.returncode)


def test_afterwards_builtins_are_as_they_were(write, gradviz):
    before = dict(vars(builtins))
    script = write("import builtins\nx = 2.0\nf = x * x\nbuiltins.left = f\nbuiltins.ord = f\n")
    assert gradviz("trace", script, "-o", "f.dot").code == 0
    assert vars(builtins) == before
    assert type(builtins) is ModuleType
