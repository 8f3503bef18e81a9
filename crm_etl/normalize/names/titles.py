"""Titles, forms of address and suffixes at the edges of a name. They lie in ``languages/titles.yml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from crm_etl.normalize import lists
from crm_etl.normalize.names import given_names, surnames
from crm_etl.normalize.names.languages import table
from crm_etl.normalize.names.words import Word, look
from crm_etl.normalize.text import ZWNJ, fold

_LONGEST = 4
_SAYYIDS = ("سید", "سیّد", "seyed", "seyyed", "sayyed")


@dataclass(frozen=True)
class Title:
    """A class of titles, as ``titles.yml`` describes them."""

    name: str
    sex: str | None = None
    soft: bool = False
    kept: bool = False
    after: bool = False
    rank: Literal["sure", "surname", "given", "post"] | None = None
    royal: bool = False
    bare: bool = False
    before: frozenset[str] = frozenset()
    beside: str | None = None

    @property
    def at_edges(self) -> bool:
        """Whether the word alone, first or last of a name, may be the title."""
        return self.soft or (self.rank in (None, "sure") and self.beside is None)


@dataclass
class Stripped:
    """A name's ``words`` without titles and suffix. ``kept`` are those titles that are shown with the name;
    ``doubtful`` tells that a word of it may be a title.
    """

    words: list[Word]
    written: list[str] = field(default_factory=list)
    classes: list[Title] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    suffix: list[str] = field(default_factory=list)
    doubtful: bool = False


@cache
def titles() -> Mapping[str, Title]:
    """Folded title -> its class; titles of a language's own file are of the class ``title``."""
    found: dict[str, Title] = {}
    for language in table().values():
        for form in language.titles:
            sex = "f" if form in language.female_titles else "m" if form in language.male_titles else None
            found[form] = Title("title", sex, soft=form in language.soft_titles)
    found.update({form: title for form, title in _listed().items() if title.at_edges})
    return found


@cache
def ranks() -> Mapping[str, Title]:
    """Folded title of rank, or post -> its class."""
    return {form: title for form, title in _listed().items() if title.rank is not None}


@cache
def _beside() -> Mapping[str, Title]:
    return {form: title for form, title in _listed().items() if title.beside is not None}


@cache
def _listed() -> Mapping[str, Title]:
    """The titles of ``titles.yml``."""
    found: dict[str, Title] = {}
    for name, entry in lists.load("names/languages/titles.yml").items():
        flags = {key: value for key, value in entry.items() if key not in ("forms", "before")}
        title = Title(name, **flags, before=frozenset(map(fold, entry.get("before", ()))))
        found.update({fold(form): title for form in entry["forms"]})
    return found


@cache
def suffixes() -> frozenset[str]:
    return frozenset(form for language in table().values() for form in language.suffixes)


@cache
def _begins() -> frozenset[str]:
    return frozenset(form.split(" ")[0] for form in titles())


@cache
def _ends() -> frozenset[str]:
    return frozenset(form.split(" ")[-1] for form in (*titles(), *suffixes()))


def strip(words: Sequence[Word]) -> Stripped:
    """``words`` without what stands at their edges and is no name. At least one word stays."""
    found = Stripped(list(words))
    found.words = _uncomma(found.words)
    while len(found.words) > 1 and (_front(found) or _back(found)):
        found.words = _uncomma(found.words)
    if found.classes:
        _inside(found)
    return Stripped(list(words), doubtful=True) if _is_surname(found, words) else found


def _is_surname(found: Stripped, words: Sequence[Word]) -> bool:
    """Whether the only title is the surname that the name would not have else: Полковник Олена Петрівна."""
    if len(found.written) != 1 or len(found.words) + 1 != len(words) or not found.words[0].given:
        return False
    title = look(found.written[0])
    if title.folded not in surnames.like_titles() or not title.text[:1].isupper() or "." in title.text:
        return False
    return title.is_upper == found.words[0].is_upper and all(word.is_patronymic for word in found.words[1:])


def _uncomma(words: list[Word]) -> list[Word]:
    """``words`` without commas at the edges, where they part nothing."""
    while words and words[0].text == ",":
        words = words[1:]
    while words and words[-1].text == ",":
        words = words[:-1]
    return words


def _front(found: Stripped) -> bool:
    words = found.words
    if words[0].first not in _begins() and not words[0].folded.startswith(_SAYYIDS):
        return False
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        title = titles().get(_folded(words[:size]))
        if title is not None and any(word.text == "," for word in words[:size]):
            continue
        if title is not None and _counts(title, words, size):
            _take(found, title, words[:size])
            found.words = words[size:]
            return True
    return words[0].folded.startswith(_SAYYIDS) and _sayyid(found)


def _counts(title: Title, words: Sequence[Word], size: int) -> bool:
    if not title.soft:
        return True
    if len(words) <= size + 1:
        return False
    following = words[size]
    joins = following.folded in given_names.compounds().with_next
    return title.name == "title" or following.given or following.is_initial or joins


def _back(found: Stripped) -> bool:
    words = found.words
    if words[-1].last not in _ends():
        return False
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        phrase = _folded(words[-size:])
        if phrase in suffixes() and _is_suffix(words[-size:], alone=len(words) == size + 1):
            found.suffix = [*(word.text for word in words[-size:]), *found.suffix]
            found.words = words[:-size]
            return True
        title = titles().get(phrase)
        if title is not None and (title.after or (not title.soft and len(words) > size + 1)):
            _take(found, title, words[-size:])
            found.words = words[:-size]
            return True
    return False


def _inside(found: Stripped) -> None:
    """Takes off a title that stands behind the given name, beside another one: میرزا تقی خان امیرکبیر."""
    told = {title.name for title in found.classes}
    for at, word in enumerate(found.words[1:], 1):
        title = _beside().get(word.folded)
        if title is not None and title.beside in told:
            _take(found, title, [word])
            found.words = [*found.words[:at], *found.words[at + 1 :]]
            return


def _is_suffix(words: Sequence[Word], *, alone: bool) -> bool:
    """Whether the words of a suffix are meant so. Behind a surname that stands ``alone`` they need their point."""
    if alone:
        return len(words) == 1 and words[0].text.endswith(".") and not words[0].is_initial
    return len(words) > 1 or "." in words[0].text or len(words[0].text.strip(".")) > 1


def _sayyid(found: Stripped) -> bool:
    """سیدعلی in one word: the title parted from the given name."""
    word, *rest = found.words
    prefix = next(prefix for prefix in _SAYYIDS if word.folded.startswith(prefix))
    name = word.text[len(prefix) :].lstrip(f"{ZWNJ} -")
    name = name.capitalize() if name.islower() and word.text.istitle() else name
    if (
        not given_names.sexes(look(name).folded)
        or given_names.sexes(word.folded.replace(" ", "")) == given_names.FEMALE
    ):
        return False
    title = titles().get(prefix)
    if title is None:
        return False
    _take(found, title, [look(word.text[: len(prefix)])])
    found.words = [look(name), *rest]
    return True


def _take(found: Stripped, title: Title, words: Iterable[Word]) -> None:
    texts = [word.text for word in words]
    found.written.extend(texts)
    found.classes.append(title)
    if title.kept:
        found.kept.extend(texts)


def _folded(words: Sequence[Word]) -> str:
    return " ".join(word.folded for word in words)
