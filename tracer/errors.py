"""The errors gradviz raises: each message is one line that names the value, the choices and the way out.

GradvizError
 ├─ RecordError      an op could not be recorded (also a TypeError)
 ├─ GradientError    a gradient was asked for where there is none (also a ValueError)
 ├─ NameNotFound     a name that the graph does not have (also a KeyError)
 ├─ BranchChanged    a replay would take another branch than the recorded one
 ├─ RenderError      a picture could not be drawn or written
 └─ ScriptError      the command could not make a graph out of a script
"""

from __future__ import annotations

__all__ = [
    "HOW_TO_ADD",
    "BranchChanged",
    "GradientError",
    "GradvizError",
    "NameNotFound",
    "RecordError",
    "RenderError",
    "ScriptError",
]


#: The line for an error about a function without a rule: how to add one. `{name}` is how the user calls it.
HOW_TO_ADD = (
    "add a rule with gv.rule({name}, local=lambda out, x: …) or gv.rule({name}, vjp=lambda upstream, out, x: …)"
)


class GradvizError(Exception):
    """What every error of gradviz is; its text is one line."""

    exit_code = 1  # what the command exits with: 1 the script or a check failed, 2 wrong usage


class RecordError(GradvizError, TypeError):
    """An op could not be recorded."""


class GradientError(GradvizError, ValueError):
    """A gradient was asked for where there is none."""


class NameNotFound(GradvizError, KeyError):
    """A name that the graph does not have."""

    exit_code = 2

    def __str__(self) -> str:
        # KeyError shows the repr of its argument, which would put the sentence in quotes.
        return str(self.args[0])


class BranchChanged(GradvizError):
    """A replay would take another branch than the recorded run did."""


class RenderError(GradvizError):
    """A picture could not be drawn or written."""


class ScriptError(GradvizError):
    """The command could not make a graph out of a script."""
