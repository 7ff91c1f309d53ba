"""Running sums and products, differences and integrals."""
