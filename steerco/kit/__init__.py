"""What every record has: the tree, access, the register declaration, one door for writes, one gate for reads."""
