"""Losses and optimisers."""
