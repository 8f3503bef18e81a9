"""What the words of organizations' names mean, whatever language they are in: the concepts of ``organizations.yml``.

A word stands for *concepts*, small integers; two words may translate each other if they share one. This module reads
the lexicon and looks words up; which words make a name is the matter of :mod:`.organization_words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.kept import kept
from crm_etl.normalize.names import romanization
from crm_etl.normalize.names.languages import latin
from crm_etl.normalize.text import fold, script_of

Concepts = tuple[int, ...]

_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ‘`´](?=\w)")
_MARKED = re.compile("[\u00aa-\u024f\u1e00-\u1eff]")
_LATIN = re.compile("[a-z\u00aa-\u024f\u1e00-\u1eff]+")
#: Persian and Arabic: what may stand before a word as written together with it, and after it.
_ARTICLES = ("وال", "بال", "لل", "ال")
_PERSIAN_ENDINGS = ("هایی", "های", "ها", "ان", "ات", "یی", "ی")
#: Ways to romanize the same Cyrillic letter, brought to one.
_LOOSE = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("shch|sch|šč", "sh"),
        ("kh", "h"),
        ("ts|tz|cz|c(?!h)", "c"),
        ("(?:i|y|j)(?=[aeou])", ""),
        ("[yj]+|ii+|iy|yi", "i"),
        ("w", "v"),
        ("x", "ks"),
        ("ie(?=$)", ""),
        (r"(.)\1", r"\1"),
    )
)
_SHORTEST_ROMANIZED = 5
_LONGEST_ENDING = 9
_LONGEST_PHRASE = 3
_SHORTEST_BODY = 4


@dataclass(frozen=True)
class Lexicon:
    """Folded words -> concepts. ``stems`` want one of ``rests`` behind them, ``begins`` anything."""

    names: tuple[str, ...]
    words: Mapping[str, Concepts]
    stems: Mapping[str, Concepts]
    begins: Mapping[str, Concepts]
    romanized: Mapping[str, Concepts]
    phrases: Mapping[tuple[str, ...], Concepts]
    expansions: Mapping[str, tuple[Concepts, ...]]
    rests: frozenset[str]
    empty: frozenset[str]
    common: frozenset[int]
    places: frozenset[int]
    bodies: frozenset[int]
    initials: tuple[frozenset[str], ...]


def plain(text: str) -> str:
    """``text`` folded for this lexicon: as :func:`.text.fold`, but an apostrophe inside a word parts nothing, and
    Latin letters lose their marks."""
    folded = fold(_APOSTROPHE.sub("", text))
    return folded if _MARKED.search(folded) is None else _LATIN.sub(lambda match: latin.romanize(match.group()), folded)


def _russian(word: str) -> str:
    return romanization.word(word, "ru")


def _ukrainian(word: str) -> str:
    return romanization.word(word, "uk")


@kept
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    document: dict[str, Any] = lists.load("names/languages/organizations.yml")
    concepts: dict[str, dict[str, str]] = {**document["concepts"], **document["places"]}
    number = {name: place for place, name in enumerate(concepts)}
    reader = _Reader()
    for name, languages in concepts.items():
        reader.add(name, number[name])
        for entries in languages.values():
            for entry in entries.split():
                reader.add(entry, number[name])
    tables = reader.tables()
    return Lexicon(
        names=tuple(concepts),
        **tables,
        expansions=_expansions(document["expansions"], number, tables["words"]),
        rests=frozenset(a + b for a in document["suffixes"] for b in document["endings"]),
        empty=frozenset(plain(str(word)) for words in document["empty"].values() for word in words)
        | frozenset(plain(word) for words in document["naming"].values() for word in words),
        common=frozenset(number[name] for name in document["common"]),
        places=frozenset(number[name] for name in document["places"]),
        bodies=frozenset(number[name] for name in document["bodies"]),
        initials=tuple(_initials(name, languages) for name, languages in concepts.items()),
    )


def _expansions(
    entries: Mapping[str, str], number: Mapping[str, int], words: Mapping[str, Concepts]
) -> dict[str, tuple[Concepts, ...]]:
    """What the abbreviations and joined words stand for, the longer Cyrillic ones romanized too (Sberbank)."""
    found: dict[str, tuple[Concepts, ...]] = {}
    for entry, meaning in entries.items():
        word, meant = _bare(entry), tuple(_meant(name, number[name], words) for name in meaning.split())
        if script_of(word[:1]) == "Cyrl" and len(word) >= _SHORTEST_ROMANIZED:
            found.setdefault(loose(_russian(word)), meant)
            found.setdefault(loose(_ukrainian(word)), meant)
        found[word] = meant
    return found


def _meant(name: str, concept: int, words: Mapping[str, Concepts]) -> Concepts:
    """The concepts of the English word ``name``, that of its own first."""
    return (concept, *(one for one in words.get(name, ()) if one != concept))


class _Reader:
    """Entries of the lexicon sorted into its tables."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[Any, list[int]]] = {
            name: {} for name in ("words", "stems", "begins", "romanized", "phrases")
        }

    def add(self, entry: str, concept: int) -> None:
        word = _bare(entry)
        parts = tuple(word.split())
        if len(parts) > 1:
            self._put("phrases", parts, concept)
        elif entry.endswith("-"):
            self._put("begins", word, concept)
        elif entry.endswith("!") or script_of(word[:1]) != "Cyrl":
            self._put("words", word, concept)
        else:
            self._put("stems", word, concept)
        if script_of(word[:1]) == "Cyrl" and len(parts) == 1 and not entry.endswith("!"):
            for spelled in {loose(_russian(word)), loose(_ukrainian(word))}:
                if len(spelled) >= _SHORTEST_ROMANIZED:
                    self._put("romanized", spelled, concept)

    def _put(self, table: str, key: Any, concept: int) -> None:
        found = self._tables[table].setdefault(key, [])
        if concept not in found:
            found.append(concept)

    def tables(self) -> dict[str, Any]:
        return {name: {key: tuple(found) for key, found in table.items()} for name, table in self._tables.items()}


def _bare(entry: str) -> str:
    return plain(entry.rstrip("-!").replace("_", " "))


def _initials(name: str, languages: Mapping[str, str]) -> frozenset[str]:
    """Latin letters that the words of a concept begin with."""
    entries = [name, *(entry for words in languages.values() for entry in words.split())]
    words = (_bare(entry) for entry in entries)
    return frozenset(_russian(word)[:1] for word in words if word and script_of(word[0]) != "Arab")


@lru_cache(maxsize=100_000)
def loose(word: str) -> str:
    """A romanized Cyrillic ``word`` as far as the ways to romanize agree: proizvodstvennoye, proizvodstvennoe."""
    for pattern, letter in _LOOSE:
        word = pattern.sub(letter, word)
    return word


@lru_cache(maxsize=300_000)
def meanings(word: str) -> Concepts:
    """The concepts of ``word`` (as :func:`plain` gives it), empty if it is not known."""
    if not word or word.isdigit():
        return ()
    known = lexicon()
    if word in known.words:
        return known.words[word]
    code = script_of(word[0])
    if code == "Cyrl":
        return _by_stem(word)
    if code == "Arab":
        return _first(known.words, _arabic_forms(word))
    return _first(known.words, _singulars(word)) or _by_begin(word) or _by_romanized(word)


@lru_cache(maxsize=100_000)
def expansion(word: str) -> tuple[Concepts, ...]:
    """The concepts of the words that ``word`` (an abbreviation or joined word) is short for, one tuple each."""
    return _expanded(word, _open_expansions())


@kept
def _open_expansions() -> Mapping[str, tuple[Concepts, ...]]:
    entries: Mapping[str, str] = lists.load("names/languages/organizations.yml")["expansions"]
    known = lexicon().expansions
    return {_bare(entry): known[_bare(entry)] for entry in entries if entry.endswith("-")}


def _expanded(word: str, begins: Mapping[str, tuple[Concepts, ...]]) -> tuple[Concepts, ...]:
    known = lexicon()
    if word in known.expansions:
        return known.expansions[word]
    if word.isascii():
        return known.expansions.get(loose(word), ()) if len(word) >= _SHORTEST_ROMANIZED else ()
    for size in range(len(word) - 1, 4, -1):
        if word[:size] in begins or (word[:size] in known.expansions and word[size:] in known.rests):
            return known.expansions[word[:size]]
    return ()


@lru_cache(maxsize=100_000)
def is_body(word: str) -> bool:
    """Whether ``word``, first of all, is one for a kind of organization (университет, شهرداری)."""
    meant = meanings(plain(word))
    return bool(meant) and meant[0] in lexicon().bodies and len(word) > _SHORTEST_BODY


def phrase(words: Iterable[str]) -> Concepts:
    """The concepts of several ``words`` together, empty if they are no known phrase."""
    return lexicon().phrases.get(tuple(words), ())


def longest_phrase() -> int:
    """Words of the longest phrase."""
    return _LONGEST_PHRASE


@cache
def phrase_starts() -> frozenset[str]:
    """First words of the phrases."""
    return frozenset(words[0] for words in lexicon().phrases)


def _by_stem(word: str) -> Concepts:
    """The longest known stem decides: Slavic and Turkic words change their ends."""
    known = lexicon()
    for size in range(len(word), 1, -1):
        begin = word[:size]
        found = known.begins.get(begin, ())
        if begin in known.stems and (size == len(word) or word[size:] in known.rests):
            found = (*known.stems[begin], *(one for one in found if one not in known.stems[begin]))
        if found:
            return found
    return ()


def _by_begin(word: str) -> Concepts:
    begins = lexicon().begins
    return next((begins[word[:size]] for size in range(len(word), 3, -1) if word[:size] in begins), ())


def _by_romanized(word: str) -> Concepts:
    """Cyrillic words in Latin letters: zavod, proizvodstvennoye."""
    if len(word) < _SHORTEST_ROMANIZED:
        return ()
    known, spelled = lexicon().romanized, loose(word)
    shortest = max(_SHORTEST_ROMANIZED, len(spelled) - _LONGEST_ENDING) - 1
    for size in range(len(spelled), shortest, -1):
        if spelled[:size] in known and (len(spelled) == size or spelled[size:] in _romanized_rests()):
            return known[spelled[:size]]
    return ()


@kept
def _romanized_rests() -> frozenset[str]:
    rests = lexicon().rests
    return frozenset(loose(spell(rest)) for rest in rests for spell in (_russian, _ukrainian))


def _first(table: Mapping[str, Concepts], words: Iterable[str]) -> Concepts:
    return next((table[word] for word in words if word in table), ())


def _singulars(word: str) -> list[str]:
    if not word.endswith("s") or len(word) < 4:
        return []
    return [word[:-1], word[:-2], f"{word[:-3]}y"] if word.endswith("es") else [word[:-1]]


def _arabic_forms(word: str) -> list[str]:
    """``word`` without what Arabic writes before it and Persian behind it."""
    forms = [word.removeprefix(article) for article in _ARTICLES if word.startswith(article) and len(word) > 4]
    for ending in _PERSIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 1:
            forms.append(word.removesuffix(ending))
            forms.append(f"{word.removesuffix(ending)}ه")
    return forms
