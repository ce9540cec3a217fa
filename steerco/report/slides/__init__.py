"""How a pack becomes slides: the master, native shapes, blocks that can be cut, and the flow over slides."""
