"""RAID: what may happen, what did, and what is done about it."""
