"""Registers of the status room, one file per noun."""
