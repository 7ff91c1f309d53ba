"""What a script, and the libraries it calls, ask of a traced value: the answers are those of its value, to the byte."""

import builtins
import textwrap

import pytest

from gradviz.cli.process import as_main, run_code
from gradviz.cli.program import load
from gradviz.cli.script import run

BEFORE = """
import numpy as np
x = 2.5
a = np.array([1.0, 2.0])
W = np.array([[1.0, 2.0], [3.0, 4.0]])
y = x * 2.0
b = a * x
loss = (b ** 2).sum()
"""

SAME = {
    "class and type": """
        print(x.__class__, y.__class__, a.__class__, b.__class__, loss.__class__, x.__class__ is float)
        print(type(x), type(y), type(b), type(loss), type(loss).__name__, x.__class__(3), type(x)(3))
        print(isinstance(x, float), isinstance(loss, np.floating), isinstance(b, (list, np.ndarray)))
        print(isinstance(type(x), type), issubclass(type(loss), float), type("A", (), {}).__name__)
    """,
    "abstract classes": """
        import collections.abc as c, numbers
        print(isinstance(x, numbers.Number), isinstance(loss, numbers.Real), isinstance(b, numbers.Number))
        print(isinstance(b, c.Sequence), isinstance(b, c.Iterable))
        print(isinstance(x, c.Iterable), isinstance(x, c.Hashable))
        print(np.isscalar(x), np.isscalar(loss), np.isscalar(b), np.ndim(b), np.size(loss), np.iterable(x))
    """,
    "match": """
        def kind(v):
            match v:
                case float(): return "float"
                case np.ndarray(): return "array"
                case [p, q]: return "sequence"
                case {"v": float(inner)}: return f"mapping of {inner}"
                case _: return "other"
        print([kind(v) for v in (x, y, a, b, loss, [x, y], {"v": y}, 3)])
        match x:
            case 2.5: print("two and a half")
    """,
    "functions by class": """
        import functools
        @functools.singledispatch
        def f(v): return "other"
        @f.register
        def _(v: float): return "float"
        @f.register
        def _(v: np.ndarray): return "array"
        print(f(x), f(b), f(loss), f(3))
        @functools.lru_cache
        def g(v): return v * 2
        print(g(x), g(2.5), g.cache_info())
    """,
    "attributes": """
        print(dir(x) == dir(2.5), dir(b) == dir(np.ones(2)), hasattr(x, "is_integer"), hasattr(x, "shape"))
        print([hasattr(v, n) for v in (x, b) for n in ("backward", "grad", "value", "name", "relu")])
        print(getattr(x, "nothing", None), getattr(x, "shape", None), getattr(b, "shape"), callable(x), callable(b))
        for v, name in ((x, "value"), (x, "backward"), (b, "name"), (b, "grad"), (loss, "relu")):
            try: print(getattr(v, name))
            except AttributeError as error: print(error)
        try: x.value
        except AttributeError as error: print(error)
        print(x.real, x.imag, x.conjugate(), loss.real, b.imag)
        print(loss.dtype, loss.ndim, loss.shape, b.itemsize, b.strides)
        import sys
        print(sys.getsizeof(x) == sys.getsizeof(2.5), sys.getsizeof(loss) == sys.getsizeof(np.float64(1)))
    """,
    "methods of a float": """
        print(x.is_integer(), y.is_integer(), x.hex(), x.as_integer_ratio(), float.hex(x), float.is_integer(y))
        print(x.__float__(), x.__int__(), x.__bool__(), x.__eq__(2.5), x.__lt__(3.0), x.__add__(1.0), x.__round__(1))
        print(x.__format__(".2f"), x.__repr__(), b.__str__(), x.__neg__(), x.__abs__(), x.__hash__() == hash(2.5))
    """,
    "conversions": """
        print(int(x), float(y), complex(x), complex(x, y), bool(x), not x, range(int(x)), [0] * int(y), "a" * int(x))
        print([1, 2, 3][int(x)], round(x), round(x, 1), round(-x))
        print(type(round(x)), round(loss, 2), bool(b[0]), bool(b[:1]))
        print(np.array([x, y]), np.array([b, b]), np.asarray(x), np.float32(x), np.int64(y), np.array([x, 1]).dtype)
        print(b.astype(int), b.astype(str), b.tolist(), b.item(0), loss.item(), bytes(b)[:4], b.tobytes()[:4])
    """,
    "formatting": """
        print(f"{x:.3f} {y:>10.2e} {loss:.4f} {b} {x!r} {x!s} {loss!r} {b!r}", "%g %s %r %d %5.1f" % (x, y, loss, y, x))
        print("{} {:.2f} {!r}".format(x, y, loss), "%(a)s %(b).2f" % {"a": x, "b": y}, "%s" % b, "%s %s" % (b, a))
        print(str(b), repr(b), ascii(x), format(x, ".1f"), format(b), np.array2string(b, precision=1), np.array_repr(b))
        print(", ".join(map(str, b)), ", ".join(f"{v:.1f}" for v in b), " ".join(["%g" % v for v in b]))
        np.set_printoptions(precision=2, suppress=True)
        print(b / 3, W * x / 7, np.format_float_positional(x), np.format_float_scientific(y))
        import pprint, reprlib, string, textwrap
        pprint.pprint({"x": x, "b": b, "l": [x, y]})
        print(reprlib.repr([x, y]), string.Template("$x").substitute(x=x), textwrap.dedent(f"  {x}"))
        import sys
        print(x, y, b, sep="|", end="!\\n", file=sys.stderr)
        sys.stdout.write(str(x) + repr(b) + "\\n")
    """,
    "logging": """
        import logging, sys, warnings
        logging.basicConfig(stream=sys.stdout, level=20, format="%(message)s")
        logging.info("loss %.3f %s", loss, b)
        logging.info(x)
        warnings.warn("loss is %s" % loss)
    """,
    "arithmetic": """
        print(divmod(y, 2), divmod(7.0, x), x // 1, x % 1, x ** -1, 2 ** x, x ** 0.5, -x, +x, abs(-x), pow(x, 2))
        print(sum([x, y]), sum([x, y], 1.0), sum([x, y], start=0.5), sum(v for v in [x, y]), sum([], 0.0), sum([a, b]))
        print(sorted([y, x, 1.0]), sorted({"a": y, "b": x}.items(), key=lambda t: t[1]), min([x, y], key=lambda v: -v))
        print(max([1, x, y], key=abs), min(x, y), max(x, 7.0, y), b[0] and x, b[0] or x, x if b[0] > 1 else y)
    """,
    "math": """
        import cmath, math
        print(math.isclose(x, 2.5), math.isnan(x), math.floor(x))
        print(math.ceil(x), math.trunc(x), math.modf(x), math.frexp(x))
        print(math.ldexp(x, 2), math.copysign(x, -1), math.fmod(y, 3))
        print(math.sqrt(x), math.exp(x), math.log(x), math.pow(x, 2))
        print(math.hypot(x, y), math.atan2(x, y), math.degrees(x))
        print(math.dist([x], [y]), math.fsum([x, y]), math.prod([x, y]))
        print(math.remainder(y, 3), math.nextafter(x, 3), math.ulp(x), cmath.sqrt(x), cmath.exp(1j * x), x + 1j)
    """,
    "equality and identity": """
        z = x
        print(x is z, x is not y, x == 2.5, x != y, [x, y].index(y))
        print([x, y].count(2.5), x in [1, 2.5], (x, y) == (2.5, 5.0))
        d = {x: "x", y: "y"}
        s = {x, y, 2.5}
        print(d[2.5], d[5.0], d, x in d, 2.5 in d, d.get(y), len(s), sorted(s), hash(x) == hash(2.5))
    """,
    "containers": """
        from collections import Counter, OrderedDict, deque, namedtuple
        from dataclasses import asdict, astuple, dataclass
        @dataclass
        class P:
            x: float
            b: object
        print(P(x, b), asdict(P(x, y)), astuple(P(x, y)), P(x, y) == P(2.5, 5.0))
        print(namedtuple("N", "x")(x), Counter([x, x, y]), deque([x, y]))
        print(OrderedDict(x=x), sum(Counter({1: x}).values()))
        print(list(b), tuple(b), list(zip(a, b)), list(enumerate(b)))
        print([*b], {**{"x": x}}, list(reversed(b)), any(b), all(b))
        p, q = b
        (r,), s = [[x]], y
        print(p, q, type(p), r, s)
    """,
    "tools": """
        import bisect, functools, heapq, itertools, operator
        print(list(itertools.accumulate([x, y, 1.0])), list(itertools.takewhile(lambda v: v < 3, [x, y])))
        print(functools.reduce(operator.add, [x, y]), operator.mul(x, y), functools.partial(max, x)(y))
        l, h = [1.0, 3.0], [y, x]
        bisect.insort(l, x)
        heapq.heapify(h)
        print(l, bisect.bisect([1, 2, 3], x), heapq.heappop(h), heapq.nsmallest(1, [x, y]))
    """,
    "copies": """
        import copy, pickle
        print(pickle.loads(pickle.dumps(x)), pickle.loads(pickle.dumps([y, b, loss])), copy.copy(x), copy.deepcopy(b))
        print(copy.deepcopy({"w": W, "l": [x]}), copy.copy(loss))
    """,
    "json": """
        import io, json
        f = io.StringIO()
        json.dump({"y": y}, f)
        print(f.getvalue(), json.dumps([x, {"l": (y, loss)}], indent=1))
        print(json.dumps({x: 1}), json.loads(json.dumps(y)) == y)
        print(json.dumps(b.tolist()))
    """,
    "arrays are no json": "import json\nprint(json.dumps(b))",
    "statistics and random numbers": """
        import random, statistics
        print(statistics.mean([x, y]), statistics.median([x, y, 1.0]))
        print(statistics.stdev([x, y]), statistics.fmean([x, y]))
        random.seed(0)
        l = [x, y, 1.0]
        random.shuffle(l)
        print(random.gauss(x, y), random.uniform(x, y), random.choice([x, y]))
        print(random.choices([x, y], weights=[x, y]), l)
        rng = np.random.default_rng(0)
        print(rng.normal(x, y), rng.normal(b, 1.0), rng.choice(b), rng.permutation(b), rng.uniform(0, x, 2))
        z, rows = np.arange(9.0) * x, np.arange(12.0).reshape(6, 2) * x
        rng.shuffle(z)
        rng.shuffle(rows)
        np.random.seed(0)
        np.random.shuffle(rows)
        print(z, rows, np.random.permutation(b), np.random.normal(x, y))
    """,
    "numbers of other kinds": """
        from decimal import Decimal
        from fractions import Fraction
        import datetime, time
        print(Decimal(x), Decimal(str(y)), Decimal.from_float(x), Fraction(x), Fraction(1, 2) + x, Fraction(1, 3) * y)
        print(datetime.timedelta(seconds=x), datetime.timedelta(y, 1))
        time.sleep(x / 1000)
    """,
    "bytes": """
        import array, struct
        print(struct.pack("d", x), struct.pack("<ff", x, y), array.array("d", [x, y]), bytes(b) == b.tobytes())
    """,
    "a database": """
        import sqlite3
        base = sqlite3.connect(":memory:")
        base.execute("create table t (v real)")
        base.execute("insert into t values (?)", (x,))
        print(base.execute("select v from t").fetchall())
    """,
    "files": """
        import csv, io, os, sys, tempfile
        w = csv.writer(sys.stdout)
        w.writerow([x, y, loss, b])
        csv.DictWriter(sys.stdout, ["l"]).writerow({"l": loss})
        f = io.StringIO()
        np.savetxt(f, b)
        np.savetxt(f, W * x, delimiter=",", fmt="%.2f")
        g = io.BytesIO()
        np.save(g, b)
        g.seek(0)
        h = io.BytesIO()
        np.savez(h, b=b, x=x)
        h.seek(0)
        print(f.getvalue(), np.load(g), np.load(h)["x"])
        path = os.path.join(tempfile.mkdtemp(), "f")
        b.tofile(path)
        print(np.fromfile(path))
    """,
    "checks of numpy's": """
        np.testing.assert_allclose(b, [2.5, 5.0])
        np.testing.assert_equal(x, 2.5)
        np.testing.assert_array_equal(b, b)
        np.testing.assert_almost_equal(loss, 31.25)
        print(np.allclose(b, [2.5, 5.0]), np.isclose(x, y), np.array_equal(a, b), np.isnan(b).any(), np.isfinite(loss))
        assert b.sum() > 0 and loss
    """,
    "a test": """
        import io, unittest
        class T(unittest.TestCase):
            def test(self):
                self.assertAlmostEqual(x, 2.5)
                self.assertIsInstance(x, float)
                self.assertIsInstance(b, np.ndarray)
        loader = unittest.defaultTestLoader
        print(unittest.TextTestRunner(stream=io.StringIO()).run(loader.loadTestsFromTestCase(T)).failures)
    """,
    "more of numpy": """
        print(np.mean(b), np.std(b), np.median(b), np.percentile(b, 50), np.argmax(b), np.argsort(b), np.unique(b))
        print(np.histogram(b)[0], np.where(b > 3), np.nonzero(b), np.digitize(b, [3]), np.interp(x, [0, 5], [0, 1]))
        print(np.linalg.inv(W * x), np.linalg.eigvals(W * x), np.outer(a, b), np.polyfit([0, 1, 2], [x, y, 1.0], 1))
        print(np.vectorize(lambda v: v * 2)(b), np.frompyfunc(lambda v: v + 1, 1, 1)(b))
        print(np.arange(x), np.linspace(0, x, 3))
        print(np.stack([a, b]), np.append(a, x), np.insert(b, 0, x), np.pad(b, 1), np.split(b, 2), np.eye(2) * x)
        for v in np.nditer(b): print(v)
        for i, v in np.ndenumerate(b): print(i, v)
        print(np.result_type(b), np.shares_memory(b, b), b.view(np.int64), b.flags.writeable, b.ctypes is not None)
    """,
    "arrays of other kinds": """
        o = np.empty(3, dtype=object)
        o[0] = x
        s = np.zeros(1, dtype=[("a", float)])
        s["a"] = x
        z = np.zeros(2, dtype=int)
        z[0] = x
        print(o, np.array([x, "a"], dtype=object), s, np.rec.array([(x, y)]), z, np.ma.masked_array(b, mask=[0, 1]))
        print(np.matrix([[x, y]]))
    """,
    "threads": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        r = []
        t = threading.Thread(target=lambda: r.append(x * y))
        t.start()
        t.join()
        with ThreadPoolExecutor(2) as e: print(r, list(e.map(lambda v: v * x, [1.0, 2.0])))
    """,
    "evaluated code": """
        import ast, inspect
        print(ast.literal_eval(str(x)), eval("x + 1"), eval(repr(x)), eval("y * 2", {"y": y}))
        exec("u = x * 3\\nprint(u)")
        print(locals()["x"], globals()["y"], sorted(k for k in globals() if not k.startswith("__")), vars()["x"])
        print(inspect.isfunction(x), inspect.signature(lambda a: a))
    """,
    "an object's own": """
        class A:
            def __init__(self, v): self.v = v
            def __repr__(self): return f"A({self.v})"
            def __eq__(self, o): return self.v == o.v
            def __lt__(self, o): return self.v < o.v
            def __hash__(self): return hash(self.v)
            def __radd__(self, o): return f"{o} before A"
        class F(float): pass
        print(A(x), A(x) == A(2.5), sorted([A(y), A(x)]), {A(x)}, vars(A(x)), x + A(1), F(x) + 1, type(F(x) + x))
    """,
    "scipy": """
        import scipy.integrate, scipy.interpolate, scipy.linalg, scipy.special, scipy.stats
        print(scipy.stats.norm.pdf(x), scipy.stats.norm.cdf(b), scipy.integrate.quad(lambda t: t * x, 0, 1)[0])
        print(scipy.special.expit(x), scipy.linalg.solve(W * x, b), scipy.interpolate.interp1d([0.0, 1.0], b)(0.5))
    """,
    "a library that overwrites what it made for itself": """
        import scipy.linalg
        Z = W * x
        for factor in (scipy.linalg.lu, scipy.linalg.qr, scipy.linalg.svd, scipy.linalg.inv, scipy.linalg.expm):
            factor(Z)
            print(Z)
    """,
    "matplotlib": """
        import io
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        plt.plot(b)
        plt.plot([x, y], [y, x])
        plt.bar(["a", "b"], b)
        plt.imshow(W * x)
        plt.hist(b)
        plt.scatter(a, b)
        plt.axhline(x)
        plt.fill_between(a, b)
        plt.text(x, y, f"{x}")
        plt.xlim(0, y)
        print(plt.gca().get_xlim())
        plt.savefig(io.BytesIO())
        plt.close()
    """,
    "torch": "import torch\nprint(torch.tensor(b), torch.from_numpy(np.asarray(b)), torch.tensor([x, y]))",
}  # fmt: skip

#: What raises: the traceback and the exit code are the same as well.
RAISES = [
    "range(x)", "[0] * x", "'a' * y", "'a' + x", "x + 'a'", "x + [1]", "x < 'a'", "x @ y", "x[0]", "len(x)", "iter(x)",
    "x.foo", "b.foo", "b[5]", "b[1.5]", "b @ np.ones(3)", "float(b)", "bool(b)", "bytes(x)", "loss[0]", "None + x",
    "json.dumps({'b': b})", "np.testing.assert_allclose(b, [2.5, 5.1])", "exec('assert x > 3, f\"x is {x}\"')",
    "exec('raise ValueError(x)')", "exec('raise ValueError(b, loss)')", "sys.exit(int(x))", "sys.exit(loss)",
    "x.append(1)",
]  # fmt: skip

#: What is not the same, and why.
OTHER = {
    "x()": "a Tensor would have to be callable, and libraries ask just that of it",
    "'abc'[x]": "Python asks whether it has __index__, which an array of integers needs",
    "setattr(x, 'foo', 1)": "__setattr__ would slow down each op",
    "weakref.ref(b)() is b": "what is held weakly is the array itself",
    "sorted([x, 'a'])": "Python says > where it asks a Tensor the other way round",
    "'%d' % b": "the message names the very class",
    "x.sum()": "a Tensor has an array's methods, and to hide each from a float would slow down each call of one",
}


def outcome(text, tmp_path, capfd, traced):
    """What a script prints, and how it exits: as it is, or traced."""
    path = tmp_path / "s.py"
    path.write_text(text, encoding="utf-8")
    program = load(str(path))
    if traced:
        code = run(program).exit_code
    else:
        with as_main(program, [], builtins) as module:
            code = run_code([compile(text, str(path.absolute()), "exec")], module).code
    return (code, *capfd.readouterr())


def same(text, tmp_path, capfd):
    """The outcome of both, or a skip where a library is missing."""
    plain = outcome(text, tmp_path, capfd, traced=False)
    if "ModuleNotFoundError" in plain[2]:
        pytest.skip(plain[2].splitlines()[-1])
    return plain, outcome(text, tmp_path, capfd, traced=True)


@pytest.mark.parametrize("name", SAME)
@pytest.mark.filterwarnings("ignore")
def test_answers_as_under_python(name, tmp_path, capfd):
    plain, ours = same(BEFORE + textwrap.dedent(SAME[name]), tmp_path, capfd)
    assert plain[0] == (1 if name == "arrays are no json" else 0), plain[2]
    assert ours == plain


@pytest.mark.parametrize("text", RAISES)
@pytest.mark.filterwarnings("ignore")
def test_raises_as_under_python(text, tmp_path, capfd):
    plain, ours = same(BEFORE + f"import json, sys\nprint({text})\n", tmp_path, capfd)
    assert plain[0] != 0
    assert ours == plain


@pytest.mark.parametrize("text", OTHER)
@pytest.mark.filterwarnings("ignore")
def test_what_is_known_to_differ(text, tmp_path, capfd):
    plain, ours = same(BEFORE + f"import pickle, weakref\nprint({text})\n", tmp_path, capfd)
    assert ours != plain


def test_the_class_is_the_tensors_own_again_afterwards(tmp_path, capfd):
    from gradviz.tracer import Tensor, tensor

    outcome(BEFORE, tmp_path, capfd, traced=True)
    made = tensor(1.0)
    assert (made.__class__, made.value, hasattr(made, "backward")) == (Tensor, 1.0, True)
    assert not {"__class__", "__new__", "__dir__"} & set(vars(Tensor))


def test_a_shuffled_array_hands_its_gradients_back(write):
    made = run(
        write(
            "import numpy as np\nx = np.array([1.0, 2.0, 3.0])\nz = x * 1.0\nnp.random.default_rng(1).shuffle(z)\n"
            "f = (z * np.arange(3)).sum()\n"
        )
    )
    order = made.graph.gradients()["x"]
    assert sorted(order) == [0, 1, 2]
    assert made.graph.output.value == order @ [1.0, 2.0, 3.0]
