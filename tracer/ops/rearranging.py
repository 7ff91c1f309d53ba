"""Rearranging: roll, flip, tile, repeat, pad, split, stack, diagonals and triangles."""
