"""Likeness of persons' names over numbered words, compiled: the inner loops of :mod:`crm_etl.match.names`.

All functions take the forms and words of :class:`crm_etl.match.forms.Forms` as bare arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crm_etl.match.shortwords import count_bits
from crm_etl.match.words import DIFFERS, NONE, SIMILAR, SOUNDS, abbreviates, likeness
from crm_etl.normalize.names.compiled import compiled, inlined, inner

Array = npt.NDArray[Any]
Levels = npt.NDArray[np.int8]

#: Jaro-Winkler similarity from which two names are a misspelling of each other.
ALIKE = 0.9
_ALIKE_PATRONYMIC = 0.85

#: (family part, given part) -> level of the whole name; index 0 is a missing part.
WHOLE: Levels = np.array(
    # given: none, differs, initial, similar, sounds, same
    [
        [-1, 0, -1, 3, 3, 3],  # family: none
        [0, 0, 0, 0, 2, 2],  # differs
        [-1, 0, 4, 4, 4, 4],  # initial
        [3, 1, 4, 5, 5, 5],  # similar
        [3, 1, 4, 5, 6, 6],  # sounds alike
        [3, 1, 4, 5, 6, 7],  # same
    ],
    dtype=np.int8,
)
_DIFFERENT, _PART, _INITIALS, _SOUND = 0, 3, 4, 6
_NOTHING, _SOMETHING, _EVERY = range(3)
#: Words of two patronymics -> level, the last for a missing one.
_FATHERS: Levels = np.array([0, 1, 1, 1, 2, -1], dtype=np.int8)
#: Words of a name that are laid side by side at most, and that make a name which may stand in another order.
_MOST_WORDS, _FEWEST_WORDS = 60, 2


@compiled
def between_forms(ours: Array, theirs: Array, forms: Array, tokens: Array, words: Array, pool: Array) -> Array:
    found = np.empty(len(ours), dtype=np.int8)
    for pair in range(len(ours)):
        found[pair] = _whole(ours[pair], theirs[pair], forms, tokens, words, pool)
    return found


@compiled
def of_patronymics(left: Array, right: Array, forms: Array, words: Array, pool: Array) -> Array:
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = forms[left[pair]].patronymic, forms[right[pair]].patronymic
        found[pair] = _FATHERS[likeness(a, b, _ALIKE_PATRONYMIC, words, pool)]
    return found


@compiled
def of_parties(
    left: Array, right: Array, size: int, forms: Array, tokens: Array, further: Array, words: Array, pool: Array
) -> Array:  # fmt: skip
    """Level of the most alike forms of each pair."""
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = left[pair], right[pair]
        best = _whole(a, b, forms, tokens, words, pool)
        if best < _SOUND and further[a + 1] - further[a] + further[b + 1] - further[b] > 0:
            best = max(best, _further(a, b, size, forms, tokens, further, words, pool))
        found[pair] = best
    return found


@inner
def _further(a: int, b: int, size: int, forms: Array, tokens: Array, further: Array, words: Array, pool: Array) -> int:
    """Level of the most alike forms, of which one at least is a further one."""
    more, others, best = further[a + 1] - further[a], further[b + 1] - further[b], NONE
    for i in range(more + 1):
        for j in range(0 if i > 0 else 1, others + 1):
            ours = a if i == 0 else size + further[a] + i - 1
            theirs = b if j == 0 else size + further[b] + j - 1
            best = max(best, _whole(ours, theirs, forms, tokens, words, pool))
    return best


@inner
def _whole(a: int, b: int, forms: Array, tokens: Array, words: Array, pool: Array) -> int:
    """Level of the forms ``a`` and ``b``. What is but a bag of words says nothing unless it is the same."""
    if forms[a].bag or forms[b].bag:
        level = _same_words(a, b, forms, tokens, words, pool)
        return int(level) if level > _DIFFERENT else NONE
    family = likeness(forms[a].family, forms[b].family, ALIKE, words, pool)
    given = likeness(forms[a].given, forms[b].given, ALIKE, words, pool)
    level = WHOLE[family + 1, given + 1]
    if level < _DIFFERENT or level > _PART or min(forms[a].every, forms[b].every) < _FEWEST_WORDS:
        return int(level)
    if forms[a].simple and forms[b].simple and _misses(a, b, given > DIFFERS, forms, words, pool):
        return int(level)
    return int(max(level, _same_words(a, b, forms, tokens, words, pool)))


@inner
def _misses(a: int, b: int, family: bool, forms: Array, words: Array, pool: Array) -> bool:
    """Whether a word of the shorter one of two simple names, known to differ from its counterpart, meets none of the
    other name: its family name, if it is said to be that, else its given name."""
    if forms[a].every > forms[b].every:
        a, b = b, a
    one = forms[a].family if family else forms[a].given
    other = forms[b].given if family else forms[b].family
    if _hit(one, other, words, pool):
        return False
    return forms[b].patronymic < 0 or not _hit(one, forms[b].patronymic, words, pool)


@inlined
def _hit(a: int, b: int, words: Array, pool: Array) -> bool:
    """Whether words in different places of two names are one."""
    found = likeness(a, b, ALIKE, words, pool)
    return bool(found >= SOUNDS or (found == SIMILAR and abs(words[a].length - words[b].length) <= 1))


@inner
def _same_words(a: int, b: int, forms: Array, tokens: Array, words: Array, pool: Array) -> int:
    """Whether every word of the shorter name, of two words at least, stands in the other one too, with or without
    patronymics; by sound, or with initials."""
    i, j, n, m = forms[a].begin, forms[b].begin, forms[a].proper, forms[b].proper
    fathers = forms[a].every > n or forms[b].every > m
    shortened = forms[a].shortened or forms[b].shortened
    met = _met(i, n, j, m, False, fathers or shortened, tokens, words, pool)
    if met == _SOMETHING and fathers:
        met = _met(i, forms[a].every, j, forms[b].every, False, shortened, tokens, words, pool)
    if met == _SOMETHING and shortened:
        return _INITIALS if _met(i, n, j, m, True, True, tokens, words, pool) == _EVERY else _DIFFERENT
    return _SOUND if met == _EVERY else _DIFFERENT


@inner
def _met(
    a: int, n: int, b: int, m: int, initials: bool, thorough: bool, tokens: Array, words: Array, pool: Array
) -> int:
    """How far ``n`` words from the token ``a`` on meet ``m`` from ``b`` on: :data:`_NOTHING`, :data:`_SOMETHING` but
    initials, or :data:`_EVERY` one of the shorter name, which has two at least. Unless ``thorough`` it is not told
    nothing from something."""
    if n > m:
        a, n, b, m = b, m, a, n
    n, m, some, every = min(n, _MOST_WORDS), min(m, _MOST_WORDS), False, n >= _FEWEST_WORDS
    meets = np.uint64(0)
    for i in range(n):
        met = False
        for j in range(m):
            one, other = tokens[a + i], tokens[b + j]
            hit = _hit(one, other, words, pool)
            some |= hit
            if hit or (initials and abbreviates(one, other, words)):
                met = True
                meets |= np.uint64(1) << np.uint64(j)
        every &= met
        if not every and (some or not thorough):
            return _SOMETHING
    if not some:
        return _NOTHING
    return _EVERY if every and count_bits(meets) >= n else _SOMETHING
