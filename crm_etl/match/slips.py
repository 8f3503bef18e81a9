"""Likeness of two words letter by letter, compiled: Jaro-Winkler similarity, and whether one slip parts them.

Words are arrays of letters, one number each: bytes where all letters are ASCII, else code points. So characters are
counted, never bytes of an encoding. What a likeness means is decided where it is asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crm_etl.normalize.names.compiled import compiled

Letters = npt.NDArray[Any]
Marks = npt.NDArray[np.bool_]

#: Jaro similarity above which a common begin counts for more, of how many letters, and how much each of them.
_BOOST, _BEGIN, _WEIGHT = 0.7, 4, 0.1


@compiled
def jaro(x: Letters, y: Letters, marks: Marks) -> float:
    """Jaro similarity, 0 to 1 (Jaro 1989). ``marks`` is room for the work: (2, as many as the longest word has)."""
    n, m = len(x), len(y)
    if n == 0 or m == 0:
        return 1.0 if n == m else 0.0
    marks[0, :n] = False
    marks[1, :m] = False
    window = max(max(n, m) // 2 - 1, 0)
    common = 0
    for i in range(n):
        for j in range(max(0, i - window), min(m, i + window + 1)):
            if not marks[1, j] and x[i] == y[j]:
                marks[0, i] = marks[1, j] = True
                common += 1
                break
    if common == 0:
        return 0.0
    moved, j = 0, 0
    for i in range(n):
        if marks[0, i]:
            while not marks[1, j]:
                j += 1
            moved += x[i] != y[j]
            j += 1
    return float((common / n + common / m + (common - moved // 2) / common) / 3.0)


@compiled
def jaro_winkler(x: Letters, y: Letters, marks: Marks) -> float:
    """Jaro similarity, raised where the words begin alike (Winkler 1990)."""
    likeness = jaro(x, y, marks)
    if likeness <= _BOOST:
        return float(likeness)
    begin = 0
    while begin < min(len(x), len(y), _BEGIN) and x[begin] == y[begin]:
        begin += 1
    return float(likeness + begin * _WEIGHT * (1.0 - likeness))


@compiled
def one_slip(x: Letters, y: Letters) -> bool:
    """Whether at most one letter is put in, left out, replaced, or exchanged with the next."""
    if len(x) > len(y):
        x, y = y, x
    n, m = len(x), len(y)
    if m - n > 1:
        return False
    at = 0
    while at < n and x[at] == y[at]:
        at += 1
    if n < m:
        return bool(_ends_alike(x, at, y, at + 1))
    if at + 1 >= n or _ends_alike(x, at + 1, y, at + 1):
        return True
    return bool(x[at] == y[at + 1] and x[at + 1] == y[at] and _ends_alike(x, at + 2, y, at + 2))


@compiled
def _ends_alike(x: Letters, i: int, y: Letters, j: int) -> bool:
    """Whether ``x`` from place i on is ``y`` from place j on; both are as long."""
    same = True
    for at in range(len(x) - i):
        same &= x[i + at] == y[j + at]
    return bool(same)
