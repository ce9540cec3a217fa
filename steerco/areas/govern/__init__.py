"""Governance: decisions, forums and approvals."""
