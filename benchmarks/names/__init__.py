"""How well, and how fast, names are told alike across scripts: this product beside others, on the same pairs.

One command: ``python -m benchmarks.names [--pairs FILE]``. README.md beside this file describes the file's layout,
the measures, and how the public data were made.
"""
