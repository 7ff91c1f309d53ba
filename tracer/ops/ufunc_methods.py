"""Ufuncs by their methods and with where=: reduce, accumulate, outer."""
