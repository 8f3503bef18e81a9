"""Likeness of two words letter by letter, compiled: Jaro-Winkler similarity, and whether one slip parts them.

Words are runs of one array of letters, one number each: bytes where all letters are ASCII, else code points. So
characters are counted, never bytes of an encoding. Of words longer than :data:`LONGEST` only the begin is compared.
What a likeness means is decided where it is asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crm_etl.normalize.names.compiled import inner

Letters = npt.NDArray[Any]

LONGEST = 64
#: Jaro similarity above which a common begin counts for more, of how many letters, and how much each of them.
_BOOST, _BEGIN, _WEIGHT = 0.7, 4, 0.1


@inner
def jaro(letters: Letters, x: int, n: int, y: int, m: int) -> float:
    """Jaro similarity, 0 to 1 (Jaro 1989), of the words ``letters[x:x + n]`` and ``letters[y:y + m]``."""
    n, m = min(n, LONGEST), min(m, LONGEST)
    if n == 0 or m == 0:
        return 1.0 if n == m else 0.0
    window = max(max(n, m) // 2 - 1, 0)
    met, meets, common = np.uint64(0), np.uint64(0), 0
    for i in range(n):
        for j in range(max(0, i - window), min(m, i + window + 1)):
            place = np.uint64(1) << np.uint64(j)
            if letters[x + i] == letters[y + j] and (meets & place) == 0:
                met |= np.uint64(1) << np.uint64(i)
                meets |= place
                common += 1
                break
    if common == 0:
        return 0.0
    moved = _moved(letters, x, y, met, meets, common)
    return float((common / n + common / m + (common - moved // 2) / common) / 3.0)


@inner
def _moved(letters: Letters, x: int, y: int, met: int, meets: int, common: int) -> int:
    """Letters in common that stand in another order. ``met``, ``meets``: bits of the places of those letters."""
    moved, i, j = 0, 0, 0
    for _ in range(common):
        while (met >> np.uint64(i)) & np.uint64(1) == 0:
            i += 1
        while (meets >> np.uint64(j)) & np.uint64(1) == 0:
            j += 1
        moved += letters[x + i] != letters[y + j]
        i += 1
        j += 1
    return moved


@inner
def jaro_winkler(letters: Letters, x: int, n: int, y: int, m: int) -> float:
    """Jaro similarity, raised where the words begin alike (Winkler 1990)."""
    likeness = jaro(letters, x, n, y, m)
    if likeness <= _BOOST:
        return float(likeness)
    begin = 0
    while begin < min(n, m, _BEGIN) and letters[x + begin] == letters[y + begin]:
        begin += 1
    return float(likeness + begin * _WEIGHT * (1.0 - likeness))


@inner
def one_slip(letters: Letters, x: int, n: int, y: int, m: int) -> bool:
    """Whether at most one letter is put in, left out, replaced, or exchanged with the next."""
    if n > m:
        x, n, y, m = y, m, x, n
    if m - n > 1:
        return False
    at = 0
    while at < n and letters[x + at] == letters[y + at]:
        at += 1
    if n < m:
        return bool(_alike(letters, x + at, y + at + 1, n - at))
    if at + 1 >= n or _alike(letters, x + at + 1, y + at + 1, n - at - 1):
        return True
    exchanged = letters[x + at] == letters[y + at + 1] and letters[x + at + 1] == letters[y + at]
    return bool(exchanged and _alike(letters, x + at + 2, y + at + 2, n - at - 2))


@inner
def _alike(letters: Letters, x: int, y: int, size: int) -> bool:
    """Whether the ``size`` letters from ``x`` on are those from ``y`` on."""
    for at in range(size):
        if letters[x + at] != letters[y + at]:
            return False
    return size >= 0
