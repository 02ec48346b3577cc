"""Measures Loket from outside, on an installation of its own."""
