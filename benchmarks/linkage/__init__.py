"""The benchmark of linkage: how well, how fast and in how much memory, beside Splink and stock recordlinkage.

Sets of records are made or read in :mod:`.sets`; every contestant runs in a process of its own (:mod:`.process`) and
leaves clusters, scored pairs and times; :mod:`.quality` measures those against the truth, :mod:`.report` prints.
"""
