"""What is left when a script's text has run: threads that go on, and what it registered with atexit."""

import textwrap

import pytest

LEFT = {
    "a thread that goes on": """
        def late():
            time.sleep(0.2)
            print("late", y * 2, f"{y:.2f}", float(y), flush=True)
        threading.Thread(target=late).start()
        threading.Timer(0.1, lambda: print("timer", y + 1, flush=True)).start()
        print("main done", flush=True)
    """,
    "a thread that goes on after an exception": """
        threading.Timer(0.1, lambda: print("late", float(y))).start()
        raise ValueError(y)
    """,
    "callbacks": """
        atexit.register(print, "first", float(y), end="!\\n")
        @atexit.register
        def second():
            print("second", y * 2, float(y))
        def never():
            print("never")
        atexit.register(never)
        atexit.unregister(never)
        print("main done")
    """,
    "a callback that raises": """
        def boom():
            raise ValueError(y)
        atexit.register(print, "after")
        atexit.register(boom)
        sys.exit(3)
    """,
    "a daemon and a pool that nobody shuts down": """
        from concurrent.futures import ThreadPoolExecutor
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        pool = ThreadPoolExecutor(2)
        print(pool.submit(float, y).result())
    """,
}


@pytest.mark.parametrize("name", LEFT)
def test_it_comes_to_its_end_as_under_python(name, write, processes):
    script = write("import atexit, sys, threading, time\nx = 2.0\ny = x * 3.0\n" + textwrap.dedent(LEFT[name]))
    plain = processes(script)
    traced = processes("-m", "gradviz", "trace", "-o", "f.dot", script)
    assert plain.stdout
    assert traced.stdout.startswith(plain.stdout)
    without_address = [text.split(b" at 0x")[0] for text in (traced.stderr, plain.stderr)]
    assert without_address[0] == without_address[1]
    assert traced.stderr.splitlines()[1:] == plain.stderr.splitlines()[1:]
    assert traced.returncode == plain.returncode
