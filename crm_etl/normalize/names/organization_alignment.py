"""Which word of one organization's name meets which of another, and what that amounts to, as numbers.

Words meet one to one in any order, the strongest evidence first: as translations of each other (they share a concept
of the lexicon), by their letters (the edit model), two that stand together with one, an acronym with the words that
it is made of. :func:`measure` reduces all this to the numbers named in :data:`FEATURES`, which the scorer weighs.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from crm_etl.normalize.names.alignment import meet, meet_joined
from crm_etl.normalize.names.compiled import compiled, inner
from crm_etl.normalize.names.edits import LONGEST, Tables
from crm_etl.normalize.names.tokens import Words

Array = np.ndarray[Any, Any]

#: Words of a name that are compared.
MOST = 24


class Rule(IntEnum):
    """By what rule words meet."""

    EQUAL = 0
    LETTERS = 1
    TRANSLATION = 2
    JOINED = 3
    ACRONYM = 4


#: What :func:`measure` gives of a pair of names. Bits unless said otherwise; *alone* are words that have met none.
FEATURES = (
    "translated",  # evidence of translations
    "spelled",  # evidence of letters
    "deviation",  # from how words are expected to be spelled in the other script
    "worst_deviation",  # of one meeting, by letter
    "worst_quality",  # evidence of the weakest meeting by letters, as a share of the rarity of its words
    "acronym",
    "alone_many",  # of the side with more of it
    "alone_few",  # of the other side
    "rarest_many",  # of all words alone, and the rarest of the side whose rarest is less rare
    "rarest_few",
    "covered_few",  # share of the bits of a side that has met, of the side with less
    "covered_many",
    "alone_few_words",  # their number, of the side with fewer
    "places_differ",  # 1 if both sides have a place alone
    "few_words",  # their number
    "many_words",
    "order",  # number of pairs of meetings in another order, as a share
    "same_script",
    "meanings_differ",  # bits of the rarest word alone whose meaning is known, of the side with less
    "numbers_equal",
    "numbers_differ",
    "number_alone",
    "forms_equal",
    "forms_differ",
    "joined",  # likeness of the romanized names without blanks, 0 to 1
)
#: Evidence of letters from which words meet, and the most that counts. Words that the lexicon tells apart meet by none.
_LEAST, _LETTERS_MOST = 3.0, 14.0
#: Share of the rarity of two words that their letters must tell, if the lexicon knows one; if they are of one script.
_KNOWN_SHARE, _SAME_SHARE = 0.4, 0.25
_JOINED_LEAST = 7.0
_ACRONYM_LETTER = 2.5


class Lexis(NamedTuple):
    """Arrays over the distinct words of a batch. ``number`` is that of the word in the vocabulary of letters (-1 if it
    has none); ``concepts[concept_at[w]:concept_at[w + 1]]`` are sorted; ``rarity`` is that of each concept."""

    bits: Array
    is_place: Array
    number: Array
    concept_at: Array
    concepts: Array
    rarity: Array


class Runs(NamedTuple):
    """Names as runs of words: name k is ``word[at[k]:at[k + 1]]``, its first ``core[k]`` words no asides."""

    at: Array
    word: Array
    core: Array


@inner
def shared(a: int, b: int, lexis: Lexis) -> float:
    """Bits of the rarest concept that the words ``a`` and ``b`` share, 0 if none."""
    found = 0.0
    i, j = lexis.concept_at[a], lexis.concept_at[b]
    while i < lexis.concept_at[a + 1] and j < lexis.concept_at[b + 1]:
        if lexis.concepts[i] == lexis.concepts[j]:
            found = max(found, lexis.rarity[lexis.concepts[i]])
            i += 1
            j += 1
        elif lexis.concepts[i] < lexis.concepts[j]:
            i += 1
        else:
            j += 1
    return float(min(found, min(lexis.bits[a], lexis.bits[b])))


@inner
def _is_known(word: int, lexis: Lexis) -> bool:
    return bool(lexis.concept_at[word] < lexis.concept_at[word + 1])


@inner
def _pair(a: int, b: int, lexis: Lexis, words: Words, tables: Tables, out: Array) -> None:
    """Evidence, deviation and rule of the words ``a`` and ``b``, into ``out``."""
    meant = shared(a, b, lexis)
    if a == b:
        out[0], out[1], out[2] = max(meant, lexis.bits[a]), 0.0, 0.0
        return
    if meant > 0.0:
        out[0], out[1], out[2] = meant, 0.0, 2.0
        return
    known_a, known_b = _is_known(a, lexis), _is_known(b, lexis)
    x, y = lexis.number[a], lexis.number[b]
    if (known_a and known_b) or x < 0 or y < 0:
        out[0] = 0.0
        return
    meet(x, y, words, tables, out)
    out[2] = 1.0
    # A word of the lexicon would be recognised in the other spelling too; and within a script most letters agree.
    share = _KNOWN_SHARE if known_a or known_b else _SAME_SHARE if words.script[x] == words.script[y] else 0.0
    if out[0] < max(_LEAST, share * 0.5 * (words.rarity[x] + words.rarity[y])):
        out[0] = 0.0
    out[0] = min(out[0], _LETTERS_MOST)


@compiled
def align(a: Array, b: Array, lexis: Lexis, words: Words, tables: Tables, acronym: Array) -> tuple[Array, Array]:
    """Meetings of two runs of words, strongest first: first and last place on either side; and evidence, deviation,
    rule. Shapes (k, 4) and (k, 3). ``acronym``: side, place of the acronym, first and last word it is made of.
    """
    n, m = len(a), len(b)
    bits, deviation, rule = np.zeros((n, m)), np.zeros((n, m)), np.zeros((n, m))
    out = np.empty(3)
    for i in range(n):
        for j in range(m):
            _pair(a[i], b[j], lexis, words, tables, out)
            bits[i, j], deviation[i, j], rule[i, j] = out
    places, values = np.empty((n + m, 4), dtype=np.int64), np.empty((n + m, 3))
    free_a, free_b = np.ones(n, dtype=np.bool_), np.ones(m, dtype=np.bool_)
    count = _acronym(bits, acronym, free_a, free_b, places, values)
    while count < n + m:
        best, x, y = 0.0, -1, -1
        for i in range(n):
            if free_a[i]:
                for j in range(m):
                    if free_b[j] and bits[i, j] > best:
                        best, x, y = bits[i, j], i, j
        if x < 0:
            break
        free_a[x] = free_b[y] = False
        _book(places, count, x, x, y, y)
        values[count, 0], values[count, 1], values[count, 2] = best, deviation[x, y], rule[x, y]
        count += 1
    count = _join(a, b, free_a, free_b, False, lexis, words, tables, places, values, count)
    count = _join(b, a, free_b, free_a, True, lexis, words, tables, places, values, count)
    return places[:count], values[:count]


@inner
def _book(places: Array, row: int, i: int, i2: int, j: int, j2: int) -> None:
    places[row, 0], places[row, 1], places[row, 2], places[row, 3] = i, i2, j, j2


@compiled
def _acronym(bits: Array, acronym: Array, free_a: Array, free_b: Array, places: Array, values: Array) -> int:
    """Lets the acronym meet the words it is made of, unless it meets one word better; returns how many meetings."""
    side, place, first, last = acronym
    if side < 0 or place >= bits.shape[side]:
        return 0
    evidence = _ACRONYM_LETTER * (last - first + 1)
    best = bits[place].max() if side == 0 else bits[:, place].max()
    if best >= evidence or last >= bits.shape[1 - side]:
        return 0
    if side == 0:
        _book(places, 0, place, place, first, last)
        free_a[place] = False
        free_b[first : last + 1] = False
    else:
        _book(places, 0, first, last, place, place)
        free_b[place] = False
        free_a[first : last + 1] = False
    values[0, 0], values[0, 1], values[0, 2] = evidence, 0.0, 4.0
    return 1


@compiled
def _join(
    a: Array,
    b: Array,
    free_a: Array,
    free_b: Array,
    turned: bool,
    lexis: Lexis,
    words: Words,
    tables: Tables,
    places: Array,
    values: Array,
    count: int,
) -> int:
    """Lets two words of ``a`` that stand together and met none meet one of ``b``; returns their new number."""
    run = np.empty(2, dtype=np.int64)
    letters = np.empty(LONGEST, dtype=np.uint8)
    out = np.empty(3)
    for i in range(len(a) - 1):
        run[0], run[1] = lexis.number[a[i]], lexis.number[a[i + 1]]
        for j in range(len(b)):
            if not (free_a[i] and free_a[i + 1] and free_b[j]) or min(run[0], run[1], lexis.number[b[j]]) < 0:
                continue
            meet_joined(0, 1, run, lexis.number[b[j]], words, tables, letters, out)
            if out[0] > _JOINED_LEAST and count < len(places):
                free_a[i] = free_a[i + 1] = free_b[j] = False
                if turned:
                    _book(places, count, j, j, i, i + 1)
                else:
                    _book(places, count, i, i + 1, j, j)
                values[count, 0], values[count, 1], values[count, 2] = min(out[0], _LETTERS_MOST), out[1], 3.0
                count += 1
    return count


@compiled
def measure(
    left: Array,
    right: Array,
    runs: Runs,
    lexis: Lexis,
    words: Words,
    tables: Tables,
    acronyms: Array,
    begin: int,
    end: int,
    out: Array,
) -> None:
    """The first :data:`FEATURES` of the pairs of names from ``begin`` to ``end``, into the same rows of ``out``."""
    for p in range(begin, end):
        a, b = left[p], right[p]
        run_a = runs.word[runs.at[a] : min(runs.at[a + 1], runs.at[a] + MOST)]
        run_b = runs.word[runs.at[b] : min(runs.at[b + 1], runs.at[b] + MOST)]
        if len(run_a) and len(run_b):
            places, values = align(run_a, run_b, lexis, words, tables, acronyms[p])
            _met(places, values, run_a, run_b, words, lexis, out[p])
            out[p, 17] = _script(run_a, lexis, words) == _script(run_b, lexis, words)
            _alone(places, run_a[: runs.core[a]], run_b[: runs.core[b]], lexis, out[p])


@inner
def _script(run: Array, lexis: Lexis, words: Words) -> int:
    """Script of the first word that is in one of the three; 3 if none is."""
    for word in run:
        if lexis.number[word] >= 0 and words.script[lexis.number[word]] < 3:
            return int(words.script[lexis.number[word]])
    return 3


@compiled
def _met(places: Array, values: Array, a: Array, b: Array, words: Words, lexis: Lexis, f: Array) -> None:
    crossed = 0.0
    f[4] = 2.0
    for k in range(len(places)):
        bits, deviation, rule = values[k]
        if rule == 4:
            f[5] += bits
        elif rule == 2 or (rule == 0 and _is_known(a[places[k, 0]], lexis)):
            f[0] += bits
        else:
            f[1] += bits
            f[2] += deviation
            size, rarity = 0, 0.0
            for side in range(2):
                run = a if side == 0 else b
                for word in run[places[k, 2 * side] : places[k, 2 * side + 1] + 1]:
                    if lexis.number[word] >= 0:
                        size += words.length[lexis.number[word]]
                        rarity += words.rarity[lexis.number[word]]
            f[3] = max(f[3], 2.0 * deviation / max(size, 1))
            if rule != 0:
                f[4] = min(f[4], bits / min(max(0.5 * rarity, 4.0), _LETTERS_MOST))
        for before in range(k):
            crossed += (places[before, 0] < places[k, 0]) != (places[before, 2] < places[k, 2])
    f[16] = 2.0 * crossed / max(len(places) * (len(places) - 1), 1)


@compiled
def _alone(places: Array, a: Array, b: Array, lexis: Lexis, f: Array) -> None:
    """The features of words that have met none, asides left out."""
    alone, rarest, whole, placed, number = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    meant = np.zeros(2)
    for side in range(2):
        run = a if side == 0 else b
        met = np.zeros(len(run), dtype=np.bool_)
        for k in range(len(places)):
            met[places[k, 2 * side] : places[k, 2 * side + 1] + 1] = True
        for place in range(len(run)):
            bits = lexis.bits[run[place]]
            whole[side] += bits
            if not met[place]:
                alone[side] += bits
                rarest[side] = max(rarest[side], bits)
                placed[side] += lexis.is_place[run[place]]
                number[side] += 1.0
                if _is_known(run[place], lexis):
                    meant[side] = max(meant[side], bits)
    covered = 1.0 - alone / np.maximum(whole, 1e-9)
    f[6], f[7] = alone.max(), alone.min()
    f[8], f[9] = rarest.max(), rarest.min()
    f[10], f[11] = covered.min(), covered.max()
    f[12] = number.min()
    f[13] = min(placed.min(), 1.0)
    f[14], f[15] = min(len(a), len(b)), max(len(a), len(b))
    f[18] = meant.min()
