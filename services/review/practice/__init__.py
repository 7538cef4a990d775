"""Practice: the same workbench on a store of its own, with invented letters whose good handling is known. Nothing leaves it."""
