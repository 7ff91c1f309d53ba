"""Products: einsum, tensordot, inner, outer, kron, cross, trace and their kin."""
