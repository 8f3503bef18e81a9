"""Delimited text, from the bytes of a file to batches of rows: the parts that :mod:`connectors.csv` is made of.

:mod:`.files` finds and unpacks the files, :mod:`.blocks` turns their bytes into UTF-8 blocks of whole lines,
:mod:`.strict` reads blocks row by row and judges what is odd, :mod:`.scan` reads them in machine code with the same
outcome, :mod:`.header` knows the names of the columns and the shape of lines, :mod:`.table` reads one file.
"""
