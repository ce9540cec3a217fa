"""Vertical areas: each a closed room of registers; none imports another."""
