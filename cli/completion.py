"""`gradviz completion`: prints what makes a shell complete gradviz's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]

_SHELLS = {
    "bash": 'eval "$(gradviz completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(gradviz completion zsh)" in ~/.zshrc',
    "fish": "gradviz completion fish > ~/.config/fish/completions/gradviz.fish",
}


@click.command(epilog="Put it in place with: " + "; ".join(f"{how}" for how in _SHELLS.values()))
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> int:
    """Print what makes SHELL complete gradviz's commands and options."""
    from . import main

    kind = get_completion_class(shell)
    assert kind is not None  # click has all of _SHELLS
    click.echo(kind(main, {}, "gradviz", "_GRADVIZ_COMPLETE").source())
    return 0
