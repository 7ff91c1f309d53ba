"""What Python code does with a number or an array, one expression a line: a traced value gives what it gives python."""

import pytest

#: What a script may hold; the last line of each binds `v`, computed from an input.
KINDS = {
    "float": "x = 1.25\nv = x * -2.0",
    "whole float": "x = 1.5\nv = x * 2.0",
    "numpy float": "x = np.array([1.25, 0.5])\nv = x[0] * 2.0",
    "float32": "x = np.array([1.25, 0.5], dtype=np.float32)\nv = x.sum()",
    "0-d": "x = np.array(1.25)\nv = np.array(x * 2.0)",
    "1-d": "x = np.array([0.5, -1.5, 2.0])\nv = x * 2.0",
    "one element": "x = np.array([0.75])\nv = x * 2.0",
    "2-d": "x = np.array([[0.5, -1.5], [2.0, 1.0]])\nv = x * 2.0",
}

OPERATIONS = """
# what it is
type(v), v.__class__, isinstance(v, float), isinstance(v, np.ndarray), isinstance(v, numbers.Real), callable(v)
isinstance(v, (int, np.floating)), isinstance(v, abc.Hashable), isinstance(v, abc.Sequence), np.isscalar(v)
kind(v)
hash(v) == hash(v), {v: 1}[v], v in {v}, len({v, v})
dir(v) == dir(type(v)), hasattr(v, "shape"), hasattr(v, "is_integer"), hasattr(v, "value"), getattr(v, "T", None)
sys.getsizeof(v)
# as text
f"{v:.3f}"
f"{v} {v!r} {v!s}"
"%.2f %s %r" % (v, v, v)
"%d" % int(v)
"{:>12.4e}|{}".format(v, v)
str(v), repr(v), format(v)
"".join([v])
"a" + v
"a" * v
"abc"[int(v)]
# as another number
float(v), int(v), bool(v), complex(v)
round(v)
round(v, 1), math.floor(v), math.ceil(v), math.trunc(v)
v.is_integer(), v.hex(), v.as_integer_ratio()
float.is_integer(v), float.hex(v), float.__add__(v, 1.0)
list(map(float.is_integer, [v])), list(map(np.ndarray.sum, [v]))
np.ndarray.sum(v), np.ndarray.mean(v), np.ndarray.reshape(v, -1)
Decimal(v), Decimal(v) + 1
Fraction(v), Fraction(1, 2) + v
datetime.timedelta(seconds=v), datetime.timedelta(days=1) * v, datetime.date(2020, 1, 1) + datetime.timedelta(1) * v
datetime.datetime.fromtimestamp(abs(v), datetime.timezone.utc)
datetime.timedelta(1) / v
int.from_bytes(v, "big")
range(v)
[1, 2, 3][:v]
chr(v), hex(v)
operator.index(v)
# arithmetic
divmod(v, 2), v // 1, v % 1, -v, +v, abs(v), pow(v, 2), pow(v, 2, 3)
(-v) ** 0.5, (-abs(v)) ** 0.5
2 ** v, (-2) ** v, (-2.0) ** v
v ** 0.5, v ** -1, v ** v
v / 0
v + None, 1
v < "a"
v @ v
v == v, v != 1, v is v, v > 1, 0 < v < 2
v == None, v != "a", v in [None, v], np.isnan(v), np.isfinite(v), np.isclose(v, v), np.allclose(v, v), np.any(v)
v and 1, v or 2, not v
sorted([v, 1.0, -7.0]), min([v, 1.0]), max(1, v), sum([v, 1.0]), min(v, key=abs)
sum([v, v]), sum([v], 0.5)
math.sqrt(v), math.exp(v), math.log(v)
math.isnan(v), math.isclose(v, v), math.modf(v), math.frexp(v), math.fsum([v, 1.0]), math.prod([v, 2.0])
math.hypot(v, v), math.atan2(v, 1), math.pow(v, 2), math.fmod(v, 2), math.copysign(1, v), math.gamma(v)
statistics.mean([v, 1.0]), statistics.median([v, 1.0, 7.0]), statistics.fmean([v, 1.0])
statistics.pstdev([v, 1.0]), statistics.stdev([v, 1.0]), statistics.pvariance([1.0, v])
functools.reduce(operator.mul, [v, 2.0]), list(itertools.accumulate([v, 1.0]))
# containers
len(v), list(v), [*v]
v[0], v[-1], v[...], v[None]
v["a"]
v[0.5]
next(iter(v))
a, b = v
bisect.bisect([1.0, 2.0], v), heapq.nsmallest(1, [v, 9.0]), collections.Counter([v])
collections.deque([v]), dict(v=v), [v].index(v), [v].count(v)
[1.0].insert(v, 1)
# copies and bytes
copy.copy(v), copy.deepcopy({"v": [v]}), pickle.loads(pickle.dumps(v)), pickle.dumps([v]) == pickle.dumps([v])
pickle.loads(pickle.dumps(Box(v))).v
json.dumps({"v": v}), json.dumps([v, (v,)])
json.loads(json.dumps(v))
struct.pack("<d", v), struct.pack("<2f", v, 1.0)
struct.pack("<q", v)
array.array("d", [v]), array.array("d", v)
bytes(v)
bytearray(v)
memoryview(v).nbytes
hashlib.sha256(v).hexdigest()
zlib.crc32(v), base64.b64encode(v), binascii.hexlify(v)
np.frombuffer(v)
io.BytesIO(v).getvalue(), io.BytesIO().write(v)
io.StringIO().write(v)
v.tobytes(), v.tolist(), v.item()
v.__array_interface__["shape"], v.__array_interface__["typestr"]
ctypes.c_double(v).value, (ctypes.c_double * 2)(v, 1.0)[0]
np.ctypeslib.as_ctypes(np.ravel(v))[0]
csv.writer(io.StringIO()).writerow([v, 1])
print(v, file=io.StringIO()), print(v, end="|"), sys.stdout.write(str(v))
pprint.pformat({"v": v}), reprlib.repr([v]), string.Template("$v").substitute(v=v)
ast.literal_eval(str([1.0])), eval("v + 1"), exec("w = v")
yaml.safe_dump({"v": v})
yaml.dump([v, 1])
sqlite3.connect(":memory:").execute("select ? + 1", (v,)).fetchall()
weakref.ref(v)() is None
# time, threads and other processes
time.sleep(abs(v) / 1000), time.strftime("%Y", time.gmtime(v))
threading.Event().wait(abs(v) / 1000), threading.Lock().acquire(timeout=abs(v)), threading.Lock().acquire(True, v)
threading.Condition(threading.RLock()).acquire(timeout=abs(v))
threading.Semaphore(0).acquire(timeout=abs(v) / 1000)
threading.Event().wait(timeout=v / 1000)
queue.Queue().get(timeout=abs(v) / 1000)
timed(abs(v) / 1000)
socket.socket().settimeout(abs(v)), signal.setitimer(signal.ITIMER_REAL, v * 0)
select.select([], [], [], abs(v) / 1000)
subprocess.run(["true"], timeout=abs(v)).returncode, asyncio.run(asyncio.sleep(abs(v) / 1000, "slept"))
pool().submit(operator.neg, v).result(timeout=abs(v)), list(pool().map(abs, [v]))
multiprocessing.get_context("fork").Value("d", v).value
fork(v)
random.Random(1).gauss(v, 1), random.Random(1).uniform(0, v)
random.Random(v).random()
np.random.default_rng(1).normal(v, 1.0), np.random.default_rng(1).uniform(0, abs(v))
np.random.default_rng(int(v)).random()
# NumPy
np.array([v, v]), np.asarray(v), np.float32(v), np.array(v, dtype=object).shape, np.full(2, v)
np.zeros(3)[v]
np.add(v, 1, out=np.empty(np.shape(v))), np.multiply.reduce([v, 2.0])
np.vectorize(lambda t: t + 1)(v), np.array(np.frompyfunc(abs, 1, 1)(v)).tolist()
np.nditer(v).shape, list(np.ndenumerate(v))
np.save(io.BytesIO(), v), np.savetxt(io.StringIO(), [v]), np.array2string(np.asarray(v))
np.testing.assert_allclose(v, v + 1)
# errors
v.foo
v.foo()
v.append(1)
v(v)
np.sum(v, axis=7)
len([1], v)
print(v, nothing=v)
raised(v)
""".strip().splitlines()

SCRIPT = """
import array, ast, asyncio, base64, binascii, bisect, collections, copy, csv, ctypes, datetime, functools, hashlib
import heapq, io, itertools, json, math, multiprocessing, numbers, operator, pickle, pprint, queue, random, reprlib
import select, signal, socket, sqlite3, statistics, string, struct, subprocess, sys, threading, time, traceback
import warnings, weakref, zlib
from collections import abc
from concurrent.futures import ThreadPoolExecutor as pool
from decimal import Decimal
from fractions import Fraction
import numpy as np
try:
    import yaml
except ImportError:
    yaml = None
warnings.simplefilter("ignore")
class Box:
    def __init__(self, v):
        self.v = v
def kind(v):
    match v:
        case float(): return "float"
        case np.ndarray(): return "array"
        case _: return "other"
threading.excepthook = lambda args: print(args.exc_type.__name__, args.exc_value)
def timed(seconds):
    rang = []
    timer = threading.Timer(seconds, rang.append, [1])
    timer.start()
    timer.join()
    return rang
def fork(v):
    with multiprocessing.get_context("fork").Pool(1) as workers:
        return workers.map(abs, [v, 1.0])
def raised(v):
    raise ValueError(v, [v])
def attempt(n, tried):
    try:
        print(n, tried())
    except Exception as error:
        print(n, type(error).__name__, error)
"""


def script(kind):
    lines = [SCRIPT, KINDS[kind]]
    for number, text in enumerate(OPERATIONS):
        if text.startswith("a, b = "):
            lines.append(f"def unpacked():\n    {text}\n    return a, b\nattempt({number}, unpacked)")
        elif not text.startswith("#"):
            lines.append(f"attempt({number}, lambda: ({text}))")
    return "\n".join(lines) + "\n"


#: Where the words of an error differ from python's, and why.
WORDS = {
    "[1, 2, 3][:v]": "Python asks whether it has __index__, which an array of integers needs",
    "np.zeros(3)[v]": "NumPy takes what it does not know for no array",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_operation_gives_what_it_gives_under_python(kind, write, processes):
    name = write(script(kind))
    plain = processes(name)
    traced = processes("-m", "gradviz", "trace", "-o", "f.dot", name)
    assert (traced.returncode, plain.returncode, plain.stderr) == (0, 0, b"")
    expected = plain.stdout.decode().splitlines()
    given = traced.stdout.decode().splitlines()[: len(expected)]  # the summary follows
    for one, other in zip(expected, given, strict=True):
        assert one == other or OPERATIONS[int(one.split()[0])] in WORDS
