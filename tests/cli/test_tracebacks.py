"""What a script that prints or looks at tracebacks and stacks finds there: its own lines, as under python."""

import textwrap

import pytest

BEFORE = """
import inspect, logging, sys, threading, traceback
import numpy as np
x = np.array([1.0, 2.0])
v = x * 2.0
s = v.sum()
def f(w):
    return w @ np.ones(3)
"""

SHOWN = {
    "an exception that it caught": """
        try:
            f(v)
        except ValueError as error:
            traceback.print_exc(file=sys.stdout)
            print(len(traceback.extract_tb(error.__traceback__)), traceback.format_tb(error.__traceback__))
    """,
    "one from NumPy's function": """
        try:
            np.concatenate([v, np.ones((2, 2))])
        except ValueError:
            print(traceback.format_exc())
    """,
    "one from a function in C": """
        try:
            threading.Lock().acquire(v)
        except TypeError:
            print(traceback.format_exc())
    """,
    "one from a key that a builtin calls": """
        def loud(t):
            raise KeyError("boom")
        try:
            max([v.sum(), 1.0], key=loud)
        except KeyError:
            traceback.print_exc(file=sys.stdout)
    """,
    "one in a thread": """
        thread = threading.Thread(target=f, args=(v,))
        thread.start()
        thread.join()
    """,
    "one that is logged": """
        logging.basicConfig(stream=sys.stdout, format="%(message)s %(lineno)d %(funcName)s")
        try:
            f(v)
        except ValueError:
            logging.exception("bad %s", v)
    """,
    "the stack": """
        def g(w):
            traceback.print_stack(file=sys.stdout)
            print([frame.function for frame in inspect.stack()], [frame.name for frame in traceback.extract_stack()])
            print([frame.name for frame in traceback.StackSummary.extract(traceback.walk_stack(None))])
            return w
        g(v)
        print(sorted([v.sum(), 1.0], key=g))
    """,
    "one that nothing catches": "f(v)",
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_script_sees_its_own_frames_alone(name, write, processes):
    script = write(BEFORE + textwrap.dedent(SHOWN[name]))
    plain = processes(script)
    traced = processes("-m", "gradviz", "trace", "-o", "f.dot", script)
    assert plain.stdout or plain.stderr
    assert traced.stdout.startswith(plain.stdout)
    assert b"gradviz/cli" not in traced.stdout + traced.stderr
    assert traced.stderr == plain.stderr
    assert traced.returncode == plain.returncode
