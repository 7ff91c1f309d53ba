"""What pip installs is what the checkout holds, and `import gradviz` stays light."""

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import gradviz
from gradviz.cli import main

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("tracer", "render", "cli")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def files(root: Path) -> dict[str, bytes]:
    """What belongs to the package below root, by path: modules, the type marker, the fonts."""
    found = [*root.glob("*.py"), root / "py.typed"]
    for layer in LAYERS:
        found += [path for path in (root / layer).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    found = [path for path in found if path.name != ".uuid"]  # older fontconfigs drop one where they read fonts
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def python(*arguments: str) -> str:
    """What a fresh interpreter prints; -P keeps the checkout, where tests usually run, off its path."""
    run = subprocess.run([sys.executable, "-P", *arguments], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_folder_with_modules_is_listed_as_a_package():
    folders = {path.parent.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("*.py")}
    listed = PYPROJECT["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(["gradviz", *(".".join(("gradviz", *folder.parts)) for folder in folders)])


def test_the_installed_package_is_this_checkout():
    installed, here = files(Path(gradviz.__file__).parent), files(ROOT)
    differing = sorted(name for name in installed.keys() | here.keys() if installed.get(name) != here.get(name))
    assert not differing, "not as in the checkout: `rm -rf build`, then run the README's test command, which installs"


def test_the_root_holds_no_module_that_would_ship_by_accident():
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_the_tests_are_no_package():
    # With an __init__.py here pytest imports the root's as well, a second time, under the checkout's name.
    assert not (ROOT / "tests" / "__init__.py").exists()


def test_versions_agree():
    assert PYPROJECT["project"]["version"] == version("gradviz-trace") == gradviz.__version__


@pytest.mark.parametrize("module", ["click", "difflib", "graphviz", "pygraphviz", "scipy", "gradviz.cli"])
def test_importing_gradviz_does_not_import(module):
    assert module not in python("-c", "import sys, gradviz; print(*sys.modules, sep='\\n')").splitlines()


def test_the_command_and_the_module_are_one():
    (command,) = entry_points(group="console_scripts", name="gradviz")
    assert command.load() is main
    assert gradviz.__version__ in python("-m", "gradviz", "--version")
