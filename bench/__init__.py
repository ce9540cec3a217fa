"""Benchmarks: each prints ours beside a peer or a limit, measured in the same run."""
