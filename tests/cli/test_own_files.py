"""What `--watch` waits for: the files that a program consists of."""

import json

from gradviz.cli.own_files import own_files
from gradviz.cli.program import load


def names(program, folder):
    """The files under a folder, by their paths in it."""
    return {str(path.relative_to(folder)) for path in own_files(program) if path.is_file() and folder in path.parents}


def test_modules_beside_it_that_it_imports_and_theirs(write, folder):
    for name in ("package", "package/deep", "other"):
        (folder / name).mkdir()
    write("from . import inner\nfrom .deep.one import two\n", "package/__init__.py")
    write("from .. import nowhere\nimport helper\n", "package/inner.py")
    write("", "package/deep/__init__.py")
    write("two = 2\n", "package/deep/one.py")
    write("import numpy\n", "helper.py")
    write("", "unused.py")
    write("", "other/unused.py")
    script = write("import package, os.path, numpy as np\n")
    assert names(load(script), folder) == {
        "s.py", "helper.py", "package/__init__.py", "package/inner.py", "package/deep/__init__.py",
        "package/deep/one.py",
    }  # fmt: skip


def test_data_that_its_text_names(write, folder):
    for name in ("read.csv", "unread.csv"):
        write("1", name)
    assert names(load(write("import numpy as np\nnp.loadtxt('read.csv')\nopen('nosuch.txt')\n")), folder) == {
        "s.py", "read.csv",
    }  # fmt: skip


def test_modules_that_a_notebook_imports(write, folder):
    write("", "helper.py")
    cells = [{"cell_type": "code", "source": [text]} for text in ("%matplotlib inline\n", "import helper\n")]
    program = load(write(json.dumps({"cells": cells}), "n.ipynb"))
    assert names(program, folder) >= {"helper.py"}


def test_a_module_that_is_looked_for_in_vain_counts(write, folder):
    assert folder / "late.py" in own_files(load(write("import late\n")))


def test_a_file_that_can_not_be_parsed_counts_itself(write, folder):
    write("def :\n", "helper.py")
    assert names(load(write("import helper\n")), folder) == {"s.py", "helper.py"}
