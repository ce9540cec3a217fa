"""Steerco: every date, colour, cost and sentence computed from evidence, and open down to it."""

__version__ = "0.1.0"
