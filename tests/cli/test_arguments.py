"""Which words are gradviz's and which the script's."""

import pytest

from gradviz.cli.arguments import Words, split

OPTIONS = {"-o": True, "--output": True, "--of": True, "--open": False, "--help": False}
AFTER = frozenset(OPTIONS) - {"--help"}
SHOW = "import sys\nx = 1.0\nf = x * x\nprint(sys.argv[1:])\n"


@pytest.mark.parametrize(
    ("line", "options", "arguments"),
    [
        ("s.py", "", ""),
        ("-o f.svg s.py", "-o f.svg", ""),
        ("s.py -o f.svg", "-o f.svg", ""),
        ("--of f s.py -o f.svg --of=g", "--of f -o f.svg --of=g", ""),
        ("s.py -of.svg --open", "-of.svg --open", ""),
        ("s.py -o - -o f.svg", "-o - -o f.svg", ""),
        ("s.py data.csv -o f.svg", "", "data.csv -o f.svg"),
        ("s.py -o f.svg --epochs 3 -o x", "-o f.svg", "--epochs 3 -o x"),
        ("s.py -- -o f.svg", "", "-o f.svg"),
        ("s.py --of f -- --of g -- h", "--of f", "--of g -- h"),
        ("s.py --help", "", "--help"),
        ("s.py - -o x", "", "- -o x"),
        ("-- s.py -o f.svg", "-o f.svg", ""),
    ],
)
def test_split(line, options, arguments):
    words = split(line.split(), OPTIONS, after_script=AFTER)
    assert (words.options, words.script, words.arguments) == (options.split(), "s.py", arguments.split())


def test_an_unknown_option_before_the_script_is_left_to_click():
    assert split(["--foo", "s.py"], OPTIONS, after_script=AFTER) == Words(["--foo", "s.py"], None, [], False)


def test_the_script_gets_its_arguments_untouched(gradviz, write):
    result = gradviz("trace", write(SHOW), "-o", "f.dot", "--lr", "0.1", "-x", "--", "--theme", "")
    assert result.lines[0] == "['--lr', '0.1', '-x', '--', '--theme', '']"


def test_an_option_that_went_to_the_script_is_named(gradviz, write):
    result = gradviz("trace", "-o", "f.dot", write(SHOW), "data.csv", "-o", "f.svg")
    assert result.lines[0] == "['data.csv', '-o', 'f.svg']"
    assert result.err == (
        "gradviz: -o went to the script, as it stands after data.csv: gradviz's options come before the script's "
        "arguments, and -- before these where it is meant so\n"
    )


def test_two_dashes_say_that_it_is_meant_so(gradviz, write):
    result = gradviz("trace", write(SHOW), "-o", "f.dot", "--", "-o", "f.svg")
    assert (result.lines[0], result.err) == ("['-o', 'f.svg']", "")


@pytest.mark.parametrize("words", [["s.py", "-o"], ["-o"], ["s.py", "--of"]])
def test_an_option_without_its_value(gradviz, write, words):
    write(SHOW)
    result = gradviz("trace", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"gradviz: option {words[-1]!r} needs a value after it (gradviz trace --help says more)\n"


def test_an_unknown_option(gradviz, write):
    result = gradviz("trace", "--foo", write(SHOW))
    assert result.code == 2
    assert "No such option '--foo'" in result.err
    assert result.err.count("\n") == 1
