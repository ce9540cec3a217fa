"""Registers of this area, one file per noun."""
