"""Engines that run the linkage: the same model, on the machine that is there."""
