"""Which word of one name meets which of another, and what the whole meeting amounts to, as numbers.

Words meet one to one in any order, the strongest evidence first; two or three that stand together may meet one
(Abd al-Rahman, عبدالرحمن), an initial may meet what it begins, a short form the name it stands for. What remains
alone counts by its role: titles do not matter, patronymics and particles little. :func:`measure` reduces all this to
the numbers named in :data:`FEATURES`, which the scorer weighs.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from crm_etl.normalize.names.compiled import compiled, inner
from crm_etl.normalize.names.edits import LONGEST, NOTHING, Tables, joint
from crm_etl.normalize.names.tokens import FIGURES, Names, Role, Words

Array = np.ndarray[Any, Any]

#: Words of a name that are compared.
MOST = 12


class Rule(IntEnum):
    """By what rule two words meet."""

    EQUAL = 0
    LETTERS = 1
    JOINED = 2
    VARIANT = 3
    INITIAL = 4


class Feature(IntEnum):
    """What :func:`measure` gives of a pair of names. Bits unless said otherwise; *loose* words have met none."""

    EVIDENCE = 0  # of all meetings, by letters
    RARITY = 1  # of what has met
    DEVIATION = 2  # from how words are expected to be spelled in the other script
    WORST_DEVIATION = 3  # of one meeting, by letter
    STRETCH = 4  # letters by which one word is longer than the other that it met, more than scripts explain
    WORST_QUALITY = 5  # evidence of the weakest meeting as a share of its rarity
    WEAKEST = 6  # evidence of the weakest meeting
    STRONGEST = 7
    WEAKEST_RARITY = 8
    LOOSE_FEW = 9  # rarity of loose words and patronymics, of the side with less of it
    LOOSE_MANY = 10  # rarity of loose words but patronymics, of the other side
    LOOSE_FEW_WORDS = 11  # their number
    LOOSE_MANY_WORDS = 12
    LOOSE_BEST = 13  # evidence of the loose words that are most alike
    LOOSE_PATRONYMICS = 14  # number of sides with a patronymic that met none
    LOOSE_SMALL = 15  # number of loose particles, patronymics and initials
    OTHER_INITIALS = 16  # number of initials that met none, though the other side has loose words
    INITIALS = 17  # number of meetings by the rule
    EQUALS = 18
    VARIANTS = 19
    JOINED = 20
    GENDER = 21  # number of meetings of a word in -a with one that has none
    SEXES = 22  # number of meetings of a man's form with a woman's
    SLIPS = 23  # letters by which words of one script differ that met
    CROSSINGS = 24  # number of pairs of meetings in another order
    MEETINGS = 25
    FEW_WORDS = 26
    MANY_WORDS = 27
    SAME_SCRIPT = 28
    LATIN_CYRILLIC = 29
    ARABIC_LATIN = 30
    ARABIC_CYRILLIC = 31


#: Names of the features, in order.
FEATURES = tuple(feature.name.lower() for feature in Feature)
_COUNT = len(FEATURES)
#: Evidence of words that are known as two names.
APART = 2.0 * NOTHING
#: Evidence from which words may meet at all.
_LEAST = 1.0
_VARIANT_BITS, _INITIAL_BITS = 9.0, 2.0
#: Length of words written together as a share of the one that they meet.
_SHORTEST_RUN, _LONGEST_RUN = 0.66, 1.5
#: Letters by which a surname is longer than the given name that it is made of, at least.
_AN_END = 1.4
#: Letters that a sound takes: lengths of words are compared across scripts in this measure.
_WEIGHT = np.array([1.0, 1.07, 1.45, 1.0, 1.0])


@inner
def _before(x: Array, y: Array) -> bool:
    """Whether ``x`` is shorter than ``y``, or as long and before it: so that the order of two words is settled."""
    if len(x) != len(y):
        return len(x) < len(y)
    for a, b in zip(x, y):  # noqa: B905 (numba knows no strict)
        if a != b:
            return bool(a < b)
    return True


@inner
def _joint(x: Array, y: Array, sx: int, sy: int, tables: Tables) -> float:
    t = tables.number[sx, sy]
    if sx == sy:
        return float(joint(x, y, t, tables) if _before(x, y) else joint(y, x, t, tables))
    return float(joint(y, x, t, tables) if tables.turned[sx, sy] else joint(x, y, t, tables))


@inner
def meet(a: int, b: int, words: Words, tables: Tables, out: Array) -> None:
    """Evidence, deviation and rule of the words numbered ``a`` and ``b``, into ``out``."""
    out[0], out[1], out[2] = NOTHING, 40.0, Rule.LETTERS.value
    sa, sb = words.script[a], words.script[b]
    if a == b:
        out[0] = words.itself[a]
        out[1], out[2] = 0.0, Rule.EQUAL.value
        return
    if sa > 2 or sb > 2:
        return
    x = words.letters[words.start[a] : words.start[a] + words.length[a]]
    y = words.letters[words.start[b] : words.start[b] + words.length[b]]
    if words.role[a] == Role.INITIAL or words.role[b] == Role.INITIAL:
        _initial(a, b, x, y, sa, sb, words, tables, out)
        return
    if _share_group(a, b, words):
        out[0], out[1], out[2] = _VARIANT_BITS, 0.0, Rule.VARIANT.value
    if _known_apart(a, b, words):
        return
    if sa == sb and not _may_within(words.letter_set[a], words.letter_set[b]):
        return
    if not _may(words.sounds[a], words.sounds[b]):
        return
    both = _joint(x, y, sa, sb, tables)
    value = both - (words.margin[a, sb] + words.margin[b, sa])  # to the bit the same for b and a
    if value > out[0]:
        out[0], out[2] = value, Rule.LETTERS.value
        of_a = words.expected[a, sb] - (both - words.margin[a, sb])
        of_b = words.expected[b, sa] - (both - words.margin[b, sa])
        out[1] = 0.5 * (of_a + of_b)


@compiled
def meet_each(left: Array, right: Array, words: Words, tables: Tables, out: Array) -> None:
    """Evidence of the words numbered ``left[i]`` and ``right[i]``, into ``out[i]``; :data:`APART` where letters would
    speak for them, but they are known as two names."""
    role, group, script, letter_set, sounds = words.role, words.group, words.script, words.letter_set, words.sounds
    found = np.empty(3)
    for k in range(len(left)):
        out[k] = NOTHING
        if left[k] == right[k] or _worth(left[k], right[k], role, group, script, letter_set, sounds):
            meet(left[k], right[k], words, tables, found)
            out[k] = found[0] if found[0] > NOTHING else APART


@inner
def _known_apart(a: int, b: int, words: Words) -> bool:
    """Whether the words are known as two names: a man's and a woman's given name, given names that are no forms of
    one another, surnames with other ends, a patronymic and a surname, or a given
    name and a surname made of it."""
    if words.sex[a] + words.sex[b] == 3:
        return True
    if (words.role[a] == Role.PATRONYMIC and words.ending[b] > 0) or (
        words.role[b] == Role.PATRONYMIC and words.ending[a] > 0
    ):
        return True
    if words.ending[a] > 0 and words.ending[b] > 0:
        return bool(words.ending[a] != words.ending[b])
    known_a, known_b = words.group[a, 0] >= 0, words.group[b, 0] >= 0
    if known_a and known_b:
        return not _share_group(a, b, words)
    if (words.script[a] > 1) != (words.script[b] > 1):
        return False  # Arabic letters leave out too much to tell how long a word is in another script
    longer = words.length[b] * _WEIGHT[words.script[b]] - words.length[a] * _WEIGHT[words.script[a]]
    if known_a and words.ending[b] > 0:
        return bool(longer > _AN_END)
    return bool(known_b and words.ending[a] > 0 and -longer > _AN_END)


@inner
def _share_group(a: int, b: int, words: Words) -> bool:
    """Whether the words are forms of one given name."""
    for g in words.group[a]:
        for h in words.group[b]:
            if g == h and g >= 0:
                return True
    return False


@inner
def _may_within(a: int, b: int) -> bool:
    """Whether words of one script with these sets of letters could be spellings of one: they share half the
    letters of the poorer one."""
    return bool(2 * _size(a & b) >= min(_size(a), _size(b)))


@inner
def _size(letters: int) -> int:
    """Number of letters of a set."""
    count = 0
    while letters:
        letters &= letters - 1
        count += 1
    return count


@inner
def _may(a: Array, b: Array) -> bool:
    """Whether words with these sounds could be spellings of one: they share half the sounds of the poorer one, and
    the richer has not many more."""
    last = len(a) - 1
    shared, all_a, all_b = a[last] + b[last], a[last], b[last]
    for sound in range(last):
        shared += min(a[sound], b[sound])
        all_a += a[sound]
        all_b += b[sound]
    few, many = min(all_a, all_b), max(all_a, all_b)
    return bool(2 * shared >= few and 2 * few + 2 >= many)


@inner
def _initial(a: int, b: int, x: Array, y: Array, sa: int, sb: int, words: Words, tables: Tables, out: Array) -> None:
    """An initial against the begin of a word, or against another initial."""
    if words.role[a] != Role.INITIAL or (words.role[b] == Role.INITIAL and len(y) > len(x)):
        x, y, sa, sb = y, x, sb, sa
    best = -100.0
    for length in range(1, min(len(y), 3) + 1):
        begin = y[:length]
        best = max(best, _joint(x, begin, sa, sb, tables))
    # A letter and its usual counterpart have 2^-6 to 2^-9; others far less.
    if best > -13.0:
        out[0], out[1], out[2] = _INITIAL_BITS, 0.0, Rule.INITIAL.value


@compiled
def _may_joined(run: Array, other: int, words: Words) -> bool:
    """:func:`_may` of the words ``run`` taken together."""
    heard = words.sounds[run[0]].copy()
    for w in run[1:]:
        heard += words.sounds[w]
    return bool(_may(heard, words.sounds[other]))


@compiled
def meet_joined(
    first: int, last: int, run: Array, other: int, words: Words, tables: Tables, letters: Array, out: Array
) -> None:
    """Evidence and deviation of the words ``run[first..last]`` written together against the word ``other``."""
    out[0] = NOTHING
    script, so, length = words.script[run[first]], words.script[other], 0
    for place in range(first, last + 1):
        if words.script[run[place]] != script:
            return
        length += words.length[run[place]]
    if script > 2 or so > 2 or words.length[other] < 4 or length > len(letters):
        return
    ratio = length * _WEIGHT[script] / (words.length[other] * _WEIGHT[so])
    if not _SHORTEST_RUN < ratio < _LONGEST_RUN or not _may_joined(run[first : last + 1], other, words):
        return
    length, margin, expected = 0, 0.0, 0.0
    for place in range(first, last + 1):
        w = run[place]
        letters[length : length + words.length[w]] = words.letters[words.start[w] : words.start[w] + words.length[w]]
        length += words.length[w]
        margin += words.margin[w, so]
        expected += words.expected[w, so]
    y = words.letters[words.start[other] : words.start[other] + words.length[other]]
    both = _joint(letters[:length], y, script, so, tables)
    out[0] = both - margin - words.margin[other, script]
    out[1] = 0.5 * (expected - (both - margin) + words.expected[other, script] - (both - words.margin[other, script]))


@compiled
def kept(run: Array, words: Words) -> Array:
    """``run`` without figures, and without titles unless it has nothing else; the first words only."""
    kept = np.empty(min(len(run), MOST), dtype=np.int64)
    for titles in (False, True):
        n = 0
        for w in run:
            if (titles or words.role[w] != Role.TITLE) and words.script[w] != FIGURES and n < len(kept):
                kept[n] = w
                n += 1
        if n:
            break
    return kept[:n]


@compiled
def align(left: Array, right: Array, words: Words, tables: Tables) -> tuple[Array, Array, Array]:
    """Meetings of two runs of words, strongest first: first and last place on either side; and evidence,
    deviation, rule; and the evidence of each word against each. Shapes (k, 4), (k, 3) and (left, right).
    """
    n, m = len(left), len(right)
    most = n * m + 2 * (n + m) * max(n, m)
    places = np.empty((most, 4), dtype=np.int64)
    values = np.empty((most, 3))
    out = np.empty(3)
    single = np.full((n, m), NOTHING)
    k = 0
    for i in range(n):
        for j in range(m):
            if left[i] == right[j]:
                out[0], out[1], out[2] = words.itself[left[i]], 0.0, Rule.EQUAL.value
                single[i, j] = out[0]
                places[k], values[k] = (i, i, j, j), out
                k += 1
            elif _worth(left[i], right[j], words.role, words.group, words.script, words.letter_set, words.sounds):
                meet(left[i], right[j], words, tables, out)
                single[i, j] = out[0]
                if out[0] > _LEAST:
                    places[k], values[k] = (i, i, j, j), out
                    k += 1
    k = _joined(left, right, single, False, words, tables, places, values, k)
    k = _joined(right, left, single.T, True, words, tables, places, values, k)
    chosen = _best(places[:k], values[:k], n, m)
    return places[chosen], values[chosen], single


# The compiler hands a whole vocabulary to another function at some cost: what is not worth a closer look is found out
# with single arrays.
@inner
def _worth(a: int, b: int, role: Array, group: Array, script: Array, letter_set: Array, sounds: Array) -> bool:
    """Whether two words that are not equal may meet by any rule."""
    if role[a] == Role.INITIAL or role[b] == Role.INITIAL or (group[a, 0] >= 0 and group[b, 0] >= 0):
        return True
    if script[a] > 2 or script[b] > 2 or (script[a] == script[b] and not _may_within(letter_set[a], letter_set[b])):
        return False
    return bool(_may(sounds[a], sounds[b]))


@inner
def _total(of: Array, run: Array, first: int, last: int) -> float:
    """Sum of ``of`` over the words ``run[first..last]``."""
    total = 0.0
    for place in range(first, last + 1):
        total += of[run[place]]
    return total


@compiled
def _joined(
    run: Array, others: Array, single: Array, turned: bool, words: Words, tables: Tables,
    places: Array, values: Array, k: int,
) -> int:  # fmt: skip
    """Adds the meetings of two or three words of ``run`` with one of ``others``; returns how many there are then."""
    out = np.empty(3)
    letters = np.empty(LONGEST, dtype=np.uint8)
    for size in range(2, min(len(run), 3) + 1):
        for i in range(len(run) - size + 1):
            length = _total(words.length, run, i, i + size - 1) * _WEIGHT[words.script[run[i]]]
            for j in range(len(others)):
                ratio = length / (words.length[others[j]] * _WEIGHT[words.script[others[j]]] + 0.01)
                if not _SHORTEST_RUN < ratio < _LONGEST_RUN:
                    continue
                meet_joined(i, i + size - 1, run, others[j], words, tables, letters, out)
                if out[0] > _LEAST and out[0] > single[i : i + size, j].max() + 2.0:
                    out[2] = Rule.JOINED.value
                    places[k] = (j, j, i, i + size - 1) if turned else (i, i + size - 1, j, j)
                    values[k] = out
                    k += 1
    return k


@compiled
def _best(places: Array, values: Array, n: int, m: int) -> Array:
    """Which meetings are the strongest that share no word."""
    left, right = np.zeros(n, dtype=np.bool_), np.zeros(m, dtype=np.bool_)
    chosen = np.empty(min(n, m), dtype=np.int64)
    count = 0
    for k in np.argsort(-values[:, 0], kind="mergesort"):
        i, i2, j, j2 = places[k]
        if left[i : i2 + 1].any() or right[j : j2 + 1].any():
            continue
        left[i : i2 + 1] = True
        right[j : j2 + 1] = True
        chosen[count] = k
        count += 1
    return chosen[:count]


@compiled
def measure(left: Names, right: Names, words: Words, tables: Tables, begin: int, end: int) -> Array:
    """The features of the pairs of names from ``begin`` to ``end``: float64, shape (end - begin, features)."""
    features = np.zeros((end - begin, _COUNT))
    for p in range(begin, end):
        a = kept(left.word[left.begin[p] : left.end[p]], words)
        b = kept(right.word[right.begin[p] : right.end[p]], words)
        _features(a, b, words, tables, features[p - begin])
    return features


@compiled
def _features(a: Array, b: Array, words: Words, tables: Tables, f: Array) -> None:
    n, m = len(a), len(b)
    if n == 0 or m == 0:
        return
    places, values, single = align(a, b, words, tables)
    met_a, met_b = np.zeros(n, dtype=np.bool_), np.zeros(m, dtype=np.bool_)
    f[Feature.WORST_QUALITY], f[Feature.WEAKEST], f[Feature.WEAKEST_RARITY] = 2.0, 60.0, 60.0
    for k in range(len(places)):
        i, i2, j, j2 = places[k]
        met_a[i : i2 + 1] = True
        met_b[j : j2 + 1] = True
        rule = int(values[k, 2])
        rare_a, long_a = _total(words.rarity, a, i, i2), _total(words.length, a, i, i2)
        rare_b, long_b = _total(words.rarity, b, j, j2), _total(words.length, b, j, j2)
        rare, size = min(rare_a, rare_b), long_a + long_b
        f[Feature.EVIDENCE] += values[k, 0]
        if rule == Rule.INITIAL:
            f[Feature.RARITY] += 2.0
            f[Feature.INITIALS] += 1.0
            continue
        f[Feature.RARITY] += rare
        f[Feature.DEVIATION] += values[k, 1]
        f[Feature.WORST_DEVIATION] = max(f[Feature.WORST_DEVIATION], 2.0 * values[k, 1] / max(size, 1))
        if rule == Rule.LETTERS or rule == Rule.JOINED:
            stretch = abs(long_a * _WEIGHT[words.script[a[i]]] - long_b * _WEIGHT[words.script[b[j]]])
            f[Feature.STRETCH] = max(f[Feature.STRETCH], stretch)
        f[Feature.WORST_QUALITY] = min(f[Feature.WORST_QUALITY], values[k, 0] / max(0.5 * (rare_a + rare_b), 4.0))
        if values[k, 0] < f[Feature.WEAKEST]:
            f[Feature.WEAKEST], f[Feature.WEAKEST_RARITY] = values[k, 0], rare
        f[Feature.STRONGEST] = max(f[Feature.STRONGEST], values[k, 0])
        if rule == Rule.EQUAL:
            f[Feature.EQUALS] += 1.0
        elif rule == Rule.VARIANT:
            f[Feature.VARIANTS] += 1.0
        elif rule == Rule.JOINED:
            f[Feature.JOINED] += 1.0
        if rule == Rule.LETTERS or rule == Rule.JOINED:
            f[Feature.GENDER] += _ends_in_a(a[i2], words) != _ends_in_a(b[j2], words)
            f[Feature.SEXES] += (words.sex[a[i2]] & 3) + (words.sex[b[j2]] & 3) == 3
        if rule == Rule.LETTERS and words.script[a[i]] == words.script[b[j]]:
            f[Feature.SLIPS] += _slips(_letters(a[i], words), _letters(b[j], words))
        for before in range(k):
            f[Feature.CROSSINGS] += (places[before, 0] < i) != (places[before, 2] < j)
    _loose(a, b, met_a, met_b, single, words, f)
    f[Feature.MEETINGS], f[Feature.FEW_WORDS], f[Feature.MANY_WORDS] = len(places), min(n, m), max(n, m)
    low, high = min(words.script[a[0]], words.script[b[0]]), max(words.script[a[0]], words.script[b[0]])
    f[Feature.SAME_SCRIPT] = low == high
    f[Feature.LATIN_CYRILLIC] = low == 0 and high == 1
    f[Feature.ARABIC_LATIN] = low == 0 and high == 2
    f[Feature.ARABIC_CYRILLIC] = low == 1 and high == 2


@compiled
def _letters(word: int, words: Words) -> Array:
    return words.letters[words.start[word] : words.start[word] + words.length[word]]


@compiled
def _slips(x: Array, y: Array) -> int:
    """Letters to put in, take out, replace, or exchange with the next: optimal string alignment distance."""
    n, m = len(x), len(y)
    cost = np.zeros((n + 1, m + 1), dtype=np.int64)
    cost[:, 0] = np.arange(n + 1)
    cost[0] = np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            other = x[i - 1] != y[j - 1]
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + other)
            if i > 1 and j > 1 and x[i - 1] == y[j - 2] and x[i - 2] == y[j - 1]:
                cost[i, j] = min(cost[i, j], cost[i - 2, j - 2] + 1)
    return int(cost[n, m])


@inner
def _ends_in_a(w: int, words: Words) -> bool:
    if words.script[w] > 2 or words.length[w] == 0:
        return False
    return bool(words.letters[words.start[w] + words.length[w] - 1] == 1)


@compiled
def _loose(a: Array, b: Array, met_a: Array, met_b: Array, single: Array, words: Words, f: Array) -> None:
    """The features of words that have met none."""
    plain, named, initials = np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2)
    for side in range(2):
        run, met = (a, met_a) if side == 0 else (b, met_b)
        for place in range(len(run)):
            if met[place]:
                continue
            role, rarity = words.role[run[place]], words.rarity[run[place]]
            if role == Role.PLAIN or role == Role.PATRONYMIC:
                named[side, 0] += rarity
                named[side, 1] += 1.0
            if role == Role.PLAIN:
                plain[side, 0] += rarity
                plain[side, 1] += 1.0
            else:
                f[Feature.LOOSE_SMALL] += 1.0
                initials[side] += role == Role.INITIAL
    for side in range(2):
        if initials[side] > 0 and named[1 - side, 1] + initials[1 - side] > 0:
            f[Feature.OTHER_INITIALS] += initials[side]
    for k in range(2):
        f[Feature.LOOSE_FEW + 2 * k] = min(named[0, k], named[1, k])
        f[Feature.LOOSE_MANY + 2 * k] = max(plain[0, k], plain[1, k])
    f[Feature.LOOSE_PATRONYMICS] = (named[0, 1] > plain[0, 1]) + (named[1, 1] > plain[1, 1])
    f[Feature.LOOSE_BEST] = NOTHING
    for i in range(len(a)):
        for j in range(len(b)):
            if not met_a[i] and not met_b[j]:
                f[Feature.LOOSE_BEST] = max(f[Feature.LOOSE_BEST], single[i, j])
