"""Loket: a digital front door for public services."""

__version__ = "0.1.0"
