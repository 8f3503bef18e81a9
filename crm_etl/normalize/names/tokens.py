"""The words that names are compared by: each seen once, folded to its alphabet, with what it is worth as evidence.

A :class:`Vocabulary` numbers words and holds of each, as arrays for compiled code, its letters, its part in a name
(:class:`Role`), how rare it is and its margins under the edit models. Names become runs of word numbers.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.normalize import lists
from crm_etl.normalize.kept import kept
from crm_etl.normalize.names import given_names, languages, titles
from crm_etl.normalize.names.among import WordList, is_among
from crm_etl.normalize.names.compiled import compiled
from crm_etl.normalize.names.edits import LONGEST, Tables, joint, margins, tables
from crm_etl.normalize.names.languages.variants import variants as listed_variants
from crm_etl.normalize.names.letters import SCRIPTS, SOUNDS, alphabets, codes, folding
from crm_etl.normalize.names.repair import unmix
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.names.scoring import in_chunks
from crm_etl.normalize.names.spelled import heard, letter_sets, spell

Array = np.ndarray[Any, Any]

#: A vocabulary is begun anew when it has grown beyond this, so that a long run keeps its memory.
_FULL = 1_500_000
#: Script numbers of words that can only be equal, and of words without letters, which are no names.
_UNKNOWN_SCRIPT, FIGURES = 3, 4
_MOST_GROUPS = 4
#: Rarity, and evidence of being equal, of words whose script is not known.
_UNKNOWN_BITS = 12.0


class Role(IntEnum):
    """What a word does in a name, as far as the word alone tells."""

    PLAIN = 0
    INITIAL = 1
    PATRONYMIC = 2
    PARTICLE = 3
    TITLE = 4


class Words(NamedTuple):
    """Arrays over the words of a vocabulary. ``margin`` and ``expected`` are by the script of the other word."""

    start: Array
    length: Array
    letters: Array
    script: Array
    role: Array
    rarity: Array
    margin: Array
    expected: Array
    itself: Array
    group: Array
    sex: Array
    ending: Array
    letter_set: Array
    sounds: Array


class Names(NamedTuple):
    """Names as runs of word numbers: name k is ``word[begin[k]:end[k]]``."""

    begin: Array
    end: Array
    word: Array


class Vocabulary:
    """All words seen so far. Numbers are given in order of appearance; nothing compared depends on them."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._names: dict[str, tuple[int, ...]] = {}
        self._words: list[str] = []
        self._arrays = _empty()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._words)

    def word(self, number: int) -> str:
        """The folded word with this number."""
        return self._words[number]

    def read(self, texts: Sequence[str]) -> tuple[Names, Words]:
        """``texts`` as names, and the arrays of all words."""
        with self._lock:
            if len(self._words) > _FULL:
                self._number, self._names, self._words, self._arrays = {}, {}, [], _empty()
            known, table = self._names, folding()
            runs: list[tuple[int, ...]] = []
            for text in texts:
                run = known.get(text)
                if run is None:
                    run = known[text] = tuple(map(self._numbered, _untitled(text).translate(table).split()))
                runs.append(run)
            if len(known) > _FULL:
                known.clear()
            self._arrays = _grown(self._arrays, self._words[len(self._arrays.start) :])
            lengths = np.fromiter(map(len, runs), dtype=np.int64, count=len(runs))
            at = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
            flat = np.fromiter((number for run in runs for number in run), dtype=np.int64, count=int(at[-1]))
            return Names(at[:-1], at[1:], flat), self._arrays

    def _numbered(self, word: str) -> int:
        number = self._number.get(word)
        if number is None:
            number = self._number[word] = len(self._words)
            self._words.append(word)
        return number


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of this process."""
    return Vocabulary()


def _empty() -> Words:
    none = np.zeros(0, dtype=np.int64)
    pairs = np.zeros((0, 3))
    groups = np.zeros((0, _MOST_GROUPS), dtype=np.int64)
    heard = np.zeros((0, len(SOUNDS)), dtype=np.int8)
    letters = np.zeros(0, dtype=np.uint8)
    return Words(
        none, none, letters, none, none, np.zeros(0), pairs, pairs, np.zeros(0), groups, none, none, none, heard
    )


def _grown(old: Words, words: Sequence[str]) -> Words:
    """``old`` and what is to be known of the further ``words``."""
    if not words:
        return old
    spelled = spell(words, spelling)
    script, start, length, letters = spelled
    size, known = len(words), tables()
    margin, expected, itself = np.zeros((size, 3)), np.zeros((size, 3)), np.zeros(size)
    in_chunks(lambda a, b: _margins(a, b, start, length, letters, script, known, margin, expected, itself), size)
    array = pa.array(words, type=pa.large_string())
    given = given_names.sexes_of(array)
    common, bits = _numbered_words()
    rarity = bits[common.places(array)]
    _rare(start, length, letters, script, rarity, *trigrams())
    new = Words(
        start + len(old.letters),
        length,
        letters,
        script,
        roles(array),
        rarity,
        margin,
        expected,
        itself,
        _groups(array),
        sexes(array, given),
        endings(array, given),
        letter_sets(spelled),
        heard(spelled),
    )
    return Words(*(np.concatenate(both) for both in zip(old, new, strict=True)))


def spelling(word: str) -> tuple[int, bytes]:
    """Script number and letter codes of a folded ``word``; no letters where its script is not known.

    A word of Latin and Cyrillic letters is repaired if it can be; words of other scripts are romanized.
    """
    read = _spelled(word)
    if read is None:
        read = _spelled(unmix(word)[0]) or _spelled(romanize(word).translate(folding()).replace(" ", ""))
    return read or (_UNKNOWN_SCRIPT if any(map(str.isalpha, word)) else FIGURES, b"")


def _spelled(word: str) -> tuple[int, bytes] | None:
    known = codes()
    read = [known.get(letter, -1) for letter in word[:LONGEST]]
    scripts = {code >> 6 for code in read}
    if len(scripts) != 1 or -1 in scripts:
        return None
    return scripts.pop(), bytes(code & 63 for code in read)


# ------------------------------------------------------------------------------------------------------ roles
_PATRONYMIC = (
    r"(?:ович|евич|йович|ьич|овіч|евіч|авіч|овна|евна|[иії]вна|ична|аўна|оўна|"
    r"o[vw]i[ct]c?h?|e[vw]i[ct]c?h?|ovych|yovych|ovna|evna|[iy]vna|ichna|auna|ouna|"
    r"ویچ|وویچ|ونا|یونا)$"
)
_INITIALS = frozenset(["yu", "ya", "ye", "zh", "kh", "ts", "ch", "sh", "iu", "ia"])
_SHORTEST = 6


def roles(words: pa.Array) -> Array:
    """The role of each folded word, (n,)."""
    titled, particles = _listed()
    sizes = pc.utf8_length(words)
    initial = pc.or_(pc.equal(sizes, 1), is_among(words, _INITIALS))
    father = pc.and_(pc.greater_equal(sizes, _SHORTEST), pc.match_substring_regex(words, _PATRONYMIC))
    told = [initial, is_among(words, titled), is_among(words, particles), father]
    found: Array = np.select(
        [flags.to_numpy(zero_copy_only=False) for flags in told],
        [Role.INITIAL, Role.TITLE, Role.PARTICLE, Role.PATRONYMIC],
        default=Role.PLAIN,
    )
    return found.astype(np.int64)


@cache
def _listed() -> tuple[frozenset[str], frozenset[str]]:
    """Titles; and particles, suffixes and the titles that are names too, folded."""
    known = titles.titles()
    soft = (form for form, title in known.items() if title.soft)
    particles = [word for language in languages.table().values() for word in language.particles]
    small = _single([*particles, *titles.suffixes(), *soft])
    return _single(known) - small, small


def _single(forms: Iterable[str]) -> frozenset[str]:
    """Those of ``forms`` that are one word, folded for comparison."""
    folded = (form.translate(folding()).split() for form in forms)
    return frozenset(words[0] for words in folded if len(words) == 1 and len(words[0]) > 1)


def _untitled(text: str) -> str:
    """``text`` without titles that a hyphen cuts in two (д-р, г-жа)."""
    return _hyphened().sub(" ", text) if "-" in text else text


@cache
def _hyphened() -> re.Pattern[str]:
    forms = sorted(form.replace(" ", "-") for form in titles.titles() if re.fullmatch(r"\w{1,2} \w{1,3}", form))
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


def _groups(words: pa.Array) -> Array:
    """Numbers of the groups of names that each word is a form of, (n, most), -1 for none."""
    known, table = _numbered_variants()
    return table[known.places(words)]


@kept
def _numbered_variants() -> tuple[WordList, Array]:
    """The forms, and a row of group numbers for each; the last row is that of no form."""
    known = variants()
    table = np.full((len(known) + 1, _MOST_GROUPS), -1, dtype=np.int64)
    for row, numbers in enumerate(known.values()):
        few = sorted(numbers)[:_MOST_GROUPS]
        table[row, : len(few)] = few
    return WordList(known), table


@cache
def variants() -> Mapping[str, frozenset[int]]:
    """Word folded for comparison -> numbers of the groups of names that it is a form of."""
    found: dict[str, frozenset[int]] = {}
    for form, numbers in listed_variants().items():
        word = form.translate(folding()).replace(" ", "")
        found[word] = found.get(word, frozenset()) | frozenset(numbers)
    return found


MALE, FEMALE = 1, 2
#: Added to the sex of a word that only ends like a surname of that sex.
BY_END = 4
#: Letters that a surname has besides its end at least.
_STEM = 3


def sexes(words: pa.Array, given: Array) -> Array:
    """Whose name each folded word is, (n,): :data:`MALE` or :data:`FEMALE` where it is certain, else 0.

    With :data:`BY_END` added it is no known given name, but ends like a man's or a woman's surname.

    Args:
        given: sexes of each as a given name, :func:`.given_names.sexes_of`.
    """
    by_end = _longest_ends(words, _sexed_ends())
    certain = np.where((given == MALE) | (given == FEMALE), given, 0)
    return np.where(given > 0, certain, np.where(by_end > 0, by_end + BY_END, 0))


class _Ends(NamedTuple):
    """Ends of words of one size, and the number of each; the last is that of none."""

    size: int
    words: WordList
    numbers: Array


def _by_size(numbers: Mapping[str, int], sizes: range) -> tuple[_Ends, ...]:
    """The ends in ``numbers`` of the ``sizes``, in that order."""
    found: list[_Ends] = []
    for size in sizes:
        known = {end: number for end, number in numbers.items() if len(end) == size}
        if known:
            found.append(_Ends(size, WordList(known), np.array([*known.values(), 0], dtype=np.int64)))
    return tuple(found)


def _longest_ends(words: pa.Array, sized: Iterable[_Ends]) -> Array:
    """The number of the first end that each word has, before which it has some letters; 0 for none."""
    found = np.zeros(len(words), dtype=np.int64)
    lengths = pc.utf8_length(words).to_numpy(zero_copy_only=False)
    for ends in sized:
        number = ends.numbers[ends.words.places(pc.utf8_slice_codeunits(words, -ends.size))]
        found = np.where((found == 0) & (lengths - _STEM >= ends.size), number, found)
    return found


@cache
def _sexed_ends() -> tuple[_Ends, ...]:
    """Ends of women's or of men's surnames, folded, with the sex; of an end of both, women's. The longest first."""
    document = lists.load("names/languages/surnames.yml")
    ends = [pair for name in ("feminine_sure", "feminine_likely", "feminine") for pair in document[name].items()]

    def folded(words: Iterable[str], sex: int) -> dict[str, int]:
        found = (word.translate(folding()).strip() for word in words)
        return {word: sex for word in found if len(word) > 1}

    both = folded((other for _, other in ends), MALE) | folded((one for one, _ in ends), FEMALE)
    return _by_size(both, range(5, 1, -1))


def endings(words: pa.Array, given: Array) -> Array:
    """Number of the surname end that each folded word has, counted from one, (n,); 0 if it has none or is a given name.

    Args:
        given: sexes of each as a given name, :func:`.given_names.sexes_of`.
    """
    name = (_numbered_variants()[0].places(words) >= 0) | (given > 0)
    return np.where(name, 0, _longest_ends(words, _surname_ends()))


@cache
def _surname_ends() -> tuple[_Ends, ...]:
    """Ends of surnames, folded, with the number of the line that each stands in, from 1. The longest first."""
    lines = lists.load("names/languages/surname_ends.yml")
    numbers = {end.translate(folding()): number for number, line in enumerate(lines, start=1) for end in line}
    return _by_size(numbers, range(7, 0, -1))


# ------------------------------------------------------------------------------------------------------ rarity
@cache
def word_models() -> dict[str, Array]:
    with resources.as_file(resources.files(__package__) / "models" / "words.npz") as path, np.load(path) as arrays:
        return dict(arrays)


def common_words() -> dict[str, float]:
    """Common word -> bits of its frequency."""
    models = word_models()
    return {
        word: bits
        for script in SCRIPTS
        for word, bits in zip(models[f"{script}/words"].tolist(), models[f"{script}/bits"].tolist(), strict=True)
    }


@kept
def _numbered_words() -> tuple[WordList, Array]:
    """Common words, and the bits of each; the last are those of no such word."""
    known = common_words()
    return WordList(known), np.array([*known.values(), 0.0])


@cache
def trigrams() -> tuple[Array, Array]:
    """Trigram bits of all scripts, one after the other, and where each begins."""
    flat = [word_models()[f"{script}/trigrams"].astype(np.float32).ravel() for script in SCRIPTS]
    at = np.cumsum([0, *(len(one) for one in flat)]).astype(np.int64)
    return np.concatenate([*flat, np.array([one.size for one in alphabets()], dtype=np.float32)]), at


@compiled
def _rare(
    start: Array, length: Array, letters: Array, script: Array, rarity: Array, trigrams: Array, at: Array
) -> None:
    """Bits of the words that are not among the common ones, by their letters."""
    for k in range(len(start)):
        if rarity[k] > 0.0:
            continue
        s = script[k]
        if s > 2:
            rarity[k] = _UNKNOWN_BITS
            continue
        size = int(trigrams[at[3] + s])
        before = last = 0
        bits = 0.0
        for letter in letters[start[k] : start[k] + length[k]]:
            bits += trigrams[at[s] + (before * size + last) * size + letter]
            before, last = last, int(letter)
        rarity[k] = bits + trigrams[at[s] + (before * size + last) * size]


@compiled
def _margins(
    first: int,
    last: int,
    start: Array,
    length: Array,
    letters: Array,
    script: Array,
    tables: Tables,
    margin: Array,
    expected: Array,
    itself: Array,
) -> None:
    """Of the words from ``first`` to ``last``: margins and expected bits of counterparts by the other's script, and the
    evidence of each word against itself."""
    for k in range(first, last):
        own = script[k]
        if own > 2:
            itself[k] = _UNKNOWN_BITS
            continue
        x = letters[start[k] : start[k] + length[k]]
        for other in range(3):
            t = tables.number[own, other]
            margin[k, other], expected[k, other] = margins(x, t, not tables.turned[own, other], tables)
        itself[k] = joint(x, x, tables.number[own, own], tables) - 2.0 * margin[k, own]
