"""Primavera P6's exchange format XER."""
