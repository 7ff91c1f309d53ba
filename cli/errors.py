"""The one error of the command's own: what was asked for can't be done as asked."""

from __future__ import annotations

from ..tracer.errors import GradvizError

__all__ = ["WrongUsage"]


class WrongUsage(GradvizError):
    """A file, a name or an option that makes no sense; found before the script runs."""

    exit_code = 2
