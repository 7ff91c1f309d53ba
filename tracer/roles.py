"""The table of roles: what an op does to the gradient that comes back to it, in one word and one line.

A role is a claim about numbers, so the tests check it: what a distributor hands down equals what came from above.
"""

from __future__ import annotations

__all__ = ["ROLES"]

#: role → the rule it stands for, as the pictures print it below the role.
ROLES: dict[str, str] = {
    "distributes": "upstream → every input",
    "routes": "upstream → the winner only",
    "switches": "upstream × other input",
    "gates": "upstream where open, else 0",
    "attenuates": "upstream × slope ≤ 1",
    "scales by its output": "upstream × output",
    "scales by 1/x": "upstream ÷ input",
    "scales by its slope": "upstream × slope",
    "broadcasts": "upstream → every element",
    "splits evenly": "upstream ÷ n → every element",
    "sums": "Σ upstream over the copies",
    "permutes": "upstream, rearranged",
    "scatters": "upstream → the places read",
    "slices": "upstream, cut into pieces",
    "flips the sign": "−upstream",
    "p − y": "upstream × (p − y)",
    "blocks": "nothing passes",
    "masks": "upstream × mask",
}
