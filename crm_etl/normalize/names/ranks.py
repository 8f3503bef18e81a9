"""Titles of rank, posts and honours around a name: Thomas Clifford, 1st Baron Clifford of Chudleigh; John Smith, KCB.

They lie in ``languages/titles.yml``, those that have a ``rank``, and in ``languages/cells.yml``. Many of them are names
too (Earl Warren, Steffi Graf): number, comma, place and neighbours tell here where they are not. Titles that stand by
themselves at the edges of a name are the matter of :mod:`.titles`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_etl.normalize.names import surnames, titles
from crm_etl.normalize.names.given_names import FEMALE, compounds
from crm_etl.normalize.names.marks import marks
from crm_etl.normalize.names.titles import Title
from crm_etl.normalize.names.words import Word, look
from crm_etl.normalize.text import fold

_COMMA = re.compile("[,،]")
#: 1st, 3rd; 3-й, 2-я; 7e, 1er; 4.
_NUMBER = re.compile(r"\d{1,2}(?:st|nd|rd|th|d|er|ère|e|º|ª|\.|[-‑]?[а-яі]{1,2})", re.IGNORECASE)
#: Words of the longest title.
_LONGEST = 2
#: Letters of honours that need no comma before them, and words of a name that need not be known ones.
_LONG, _NAME = 3, 2
_HONOUR = Title("honour")
#: Evidence of a word's end by which it is a surname for sure.
_SURNAME = -2.0


@dataclass
class Ranked:
    """A ``name`` without its titles. ``estate`` is the name that a title has of its own: Clifford of Chudleigh."""

    name: str = ""
    written: list[str] = field(default_factory=list)
    classes: list[Title] = field(default_factory=list)
    estate: str = ""

    def __bool__(self) -> bool:
        return bool(self.written)

    def add(self, words: Sequence[str], title: Title, estate: Sequence[str] = ()) -> None:
        """Books the ``words`` of ``title``."""
        self.written.append(" ".join(words))
        self.classes.append(title)
        self.estate = self.estate or " ".join(estate)

    def add_whole(self, words: Sequence[str]) -> list[str]:
        """Books the title ``words`` with the name that belongs to it; what is left is a further person's name."""
        at, end, classes = _skipped(words), _end(words), list[Title]()
        while (rank := _rank_at(words, at)) is not None:
            classes.append(rank[0])
            at = _skipped(words, rank[1])
        if _is_of(words, at):
            at = _skipped(words, at + 1)
        self.written.append(" ".join(words[:end]))
        self.classes.extend(classes)
        if not any(title.bare for title in classes):
            self.estate = self.estate or " ".join(words[at : _and_at(words, at)])
        return list(words[end:])


def take(text: str) -> Ranked:
    """The name in ``text`` without titles of rank and honours."""
    found, kept = Ranked(), list[list[str]]()
    for piece in _COMMA.split(text):
        words = _numbered(piece.split(), found)
        if kept:
            words = _behind([word for each in kept for word in each], words, found)
        else:
            words = _before(_within(_honoured(words, found), found), found)
        kept += [words] if words else []
    found.name = _joined(kept, found)
    return found


def take_numbered(text: str, found: Ranked) -> str:
    """``text`` without titles that have a number: all that is taken off a cell of family or given names alone."""
    return _joined([words for piece in _COMMA.split(text) if (words := _numbered(piece.split(), found))], found)


def _joined(kept: Sequence[Sequence[str]], found: Ranked) -> str:
    """The name of the pieces ``kept``; where there are none, that of the title."""
    if not kept and found.estate:
        found.written[-1] = found.written[-1].removesuffix(found.estate).rstrip()
        return found.estate
    return ", ".join(map(" ".join, kept))


# ------------------------------------------------------------------------------------------- parts of a title
def _rank_at(words: Sequence[str], at: int) -> tuple[Title, int] | None:
    """The title of rank at place ``at``, and where it ends."""
    for end in range(min(at + _LONGEST, len(words)), at, -1):
        title = titles.ranks().get(fold(" ".join(words[at:end])))
        if title is not None:
            return title, end
    return None


def _is_of(words: Sequence[str], at: int) -> bool:
    """Whether *of* stands at place ``at``, and something behind it."""
    return at < len(words) - 1 and fold(words[at]) in compounds().place


def _is_noble(words: Sequence[str], at: int) -> bool:
    return at < len(words) - 1 and fold(words[at]) in marks()["noble"]


def _skipped(words: Sequence[str], at: int = 0) -> int:
    """The place of the first word from ``at`` on that is neither number nor article."""
    while at < len(words) and (_NUMBER.fullmatch(words[at]) or fold(words[at]) in marks()["ordinals"]):
        at += 1
    return at


def _and_at(words: Sequence[str], at: int = 0) -> int:
    """The place of an *and* from ``at`` on, or the end."""
    return next((place for place in range(at, len(words)) if _is_and(words[place])), len(words))


def _is_and(word: str) -> bool:
    return not marks()["and"].isdisjoint((word, fold(word)))


def _end(words: Sequence[str]) -> int:
    """Where the title ``words`` ends: before a further person (1st Duke of Somerset and Mary Seymour)."""
    at = _and_at(words)
    return at if at + 1 < len(words) and look(words[at + 1]).given else len(words)


# -------------------------------------------------------------------------------------------- behind the name
def _numbered(words: list[str], found: Ranked) -> list[str]:
    """What stands before a title with a number, which goes to the end: 1st Baron Clifford of Chudleigh."""
    for at in range(len(words) - 1):
        if _NUMBER.fullmatch(words[at]) and _rank_at(words, _skipped(words, at)) is not None:
            while at and fold(words[at - 1]) in marks()["ordinals"]:
                at -= 1
            return [*words[:at], *found.add_whole(words[at:])]
    return words


def _behind(head: Sequence[str], words: list[str], found: Ranked) -> list[str]:
    """What of ``words``, which stand behind ``head`` and a comma, is a name."""
    whole = _is_whole(head)
    if words and (whole or len(head) > _NAME) and all(map(_is_honour, words)):
        found.add(words, _HONOUR)
        return []
    rank = _rank_at(words, _skipped(words))
    if rank is None:
        return words
    title, end = rank
    if _is_title(title, head, words, end, whole=whole):
        return found.add_whole(words)
    is_one = title.rank in ("sure", "surname") or fold("".join(words[end : end + 1])) in title.before
    if not whole and is_one and end < len(words) and look(words[end]).given:
        found.add(words[:end], title)  # Byron, Lord George
        return words[end:]
    return words


def _is_title(title: Title, head: Sequence[str], words: Sequence[str], end: int, *, whole: bool) -> bool:
    """Whether ``words`` behind a comma, which begin as ``title`` up to place ``end``, are one and no given name."""
    rest = words[end:]
    if title.rank == "post":
        return _is_of(words, end)
    if not rest:
        small = words[-1].islower() and head[0][:1].isupper()
        return whole or small or title.rank == "sure" or (title.rank == "surname" and not look(head[0]).given)
    if any(_is_of(rest, at) for at in range(len(rest))) or _is_noble(words, end):
        return True
    if {fold(word) for word in rest} & {fold(word) for word in head}:
        return True  # Charles Grey, Earl Grey
    first = look(rest[0])
    if first.given or first.is_initial:
        return title.rank == "sure" and whole and first.given and len(rest) == 1
    return whole or title.rank != "given"


def _is_whole(head: Sequence[str]) -> bool:
    """Whether ``head`` is more than a family name."""
    words = titles.strip([look(word) for word in head]).words
    return len(words) > 1 and any(word.given or word.is_initial or word.is_patronymic for word in words)


def _is_honour(word: str) -> bool:
    return fold(word).replace(" ", "") in marks()["honours"] and (word.isupper() or len(word.strip(".")) >= _LONG)


def _honoured(words: list[str], found: Ranked) -> list[str]:
    """``words`` without honours in capitals behind a name that is not: John Smith OBE."""
    end = len(words)
    while end > _NAME and len(words[end - 1]) >= _LONG and words[end - 1].isupper() and _is_honour(words[end - 1]):
        end -= 1
    if end == len(words) or words[end - 1].isupper() or look(words[end - 1]).given:
        return words
    found.add(words[end:], _HONOUR)
    return words[:end]


def _within(words: list[str], found: Ranked) -> list[str]:
    """``words`` without a title in their midst: Henry Percy Earl of Northumberland; Ferdinand Graf von Zeppelin."""
    for at in range(1, len(words) - 2):
        rank = _rank_at(words, at)
        if rank is None or rank[0].rank == "post":
            continue
        title, end = rank
        if _is_of(words, end) and _is_no_surname(title, words, at):
            return [*words[:at], *found.add_whole(words[at:])]
        if _is_noble(words, end):
            found.add(words[at:end], title)
            return [*words[:at], *words[end:]]
    return words


def _is_no_surname(title: Title, words: Sequence[str], at: int) -> bool:
    """Whether ``title``, at place ``at`` before *of*, is one: Steve King of Boston has a surname."""
    if title.rank == "sure" or (words[at].islower() and words[at - 1][:1].isupper()):
        return True
    before = look(words[at - 1])
    return title.rank == "given" and not title.royal and at > 1 and not (before.given or before.is_initial)


# -------------------------------------------------------------------------------------------- before the name
def _before(words: list[str], found: Ranked) -> list[str]:
    """``words`` without a title that they begin with: Lord Byron; Duchess of Kent; князь Трубецкой."""
    rank = _rank_at(words, _skipped(words))
    if rank is None or rank[0].rank == "post" or rank[1] == len(words):
        return words
    title, end = rank
    if _is_of(words, end):
        end = _skipped(words, end + 1)
        found.add(words[:end], title, words[end:])
        return words[end:]
    names = [look(word) for word in words[end:]]
    small = words[end - 1].islower() and words[end][:1].isupper()
    if _is_surname(words[end - 1], names, small=small) or not _precedes(title, names, small=small):
        return words
    found.add(words[:end], title, words[end:] if _is_family(title, names) else ())
    return words[end:]


def _is_surname(word: str, names: Sequence[Word], *, small: bool) -> bool:
    """Whether the title ``word`` before a lone given name is its surname: Lord Jack."""
    return len(names) == 1 and names[0].given and not small and fold(word) in surnames.like_titles()


def _precedes(title: Title, names: Sequence[Word], *, small: bool) -> bool:
    """Whether ``title`` before ``names`` is one; ``small``: in small letters, unlike them."""
    first, *others = names
    if first.is_initial or _is_and(first.text):
        return False
    if first.is_particle and others:
        noble = first.folded in marks()["noble"]
        return (noble or title.rank != "given") and not any(word.given for word in others)
    if first.given and others:
        if others[0].folded in compounds().place:
            return title.royal or title.rank == "sure"
        numbered = title.royal and others[0].is_surely_numeral
        return numbered or first.folded in title.before or (title.rank == "surname" and small)
    if title.rank == "sure" or small:
        return True
    # Of Latin letters such a title is seldom sure: Graf Hansruedi.
    if not title.soft or title.rank != "surname" or first.text.isascii():
        return False
    return any(word.given for word in others) if others and first.role < 0 else first.role <= _SURNAME


def _is_family(title: Title, names: Sequence[Word]) -> bool:
    """Whether behind a title a family name stands alone, with or without its place. Empress Maria, Lady Diana: none."""
    first, *others = names
    if others and not first.is_particle and others[0].folded not in compounds().place:
        return False
    return not first.given or not (title.royal or (title.sex == "f" and first.sexes == FEMALE))


# -------------------------------------------------------------------------------------------- numbers of kings
def unnumbered(words: list[Word]) -> tuple[list[Word], list[str]]:
    """``words`` without the number behind a given name, and that: Henry VIII; Elizabeth I of England."""
    for at, word in enumerate(words):
        if word.is_numeral and at and words[at - 1].given and _is_kings(word, words[at + 1 :]):
            return [*words[:at], *words[at + 1 :]], [word.text]
    return words, []


def _is_kings(word: Word, behind: Sequence[Word]) -> bool:
    if behind and behind[0].folded in compounds().place:
        return True
    return word.is_surely_numeral and (not behind or behind[0].is_particle)
