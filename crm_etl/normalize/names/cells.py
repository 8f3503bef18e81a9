"""What stands in a name cell besides one person's name: brackets, former surnames, remarks, further people.

:func:`read` takes all of it off and says what it was; the words that mark it lie in ``languages/cells.yml``.
Most cells have nothing of it, and cost no more than one look at their characters and words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from crm_etl.normalize import lists
from crm_etl.normalize.names import surnames, titles
from crm_etl.normalize.names.words import look
from crm_etl.normalize.text import clean, fold, script

_PAIRS = {"(": ")", "[": "]", "{": "}", "«": "»", "“": "”", "„": '“”"', '"': '"', "‹": "›", "❝": "❞"}
_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}|«([^«»]*)»|[“„]([^“”„\"]*)[”“\"]|\"([^\"]*)\"")
_QUOTES = frozenset('«“„"')
#: Characters of cells that need a closer look. Points, apostrophes, hyphens and single commas belong to names.
_SUSPECT = re.compile(r"[^\w\s.,،'’ʼ`\u200c\u0300-\u036f-]|\d|\s[-–—]|[-–—]\s|[,،].*[,،]|\.\.|--|[-.'’`]$|^['’`]")
_DASH = re.compile(r"\s+[-–—:]+\s*|\s*[:–—]+\s+|[-–—:]+$|-{2,}|\s*[;|\n]\s*")
_SEPARATOR = re.compile(r"\s*[;|]\s*|\s+/\s+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,30}>")
_GLUED = re.compile(r"(?P<name>[^\W\d_]{3,})(?P<number>\d{1,2})")
_NUMBERED = re.compile(r"\S*[\d@]\S*|№|#\S*")
_SLASHED = re.compile(r"(?<=\w)/(?=\w)")
_MARKER = 4
_APOSTROPHES = "'’‘`"
#: Letters and the point of a word that may be an abbreviation.
_SHORT_WORD = 4
_REMARK, _SEVERAL = "name:remark", "name:several_people"


@dataclass
class Cell:
    """A name cell taken apart: ``name`` is one person's name, the rest what else stood there, as it was written."""

    name: str
    nicknames: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    father: str | None = None
    others: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    several: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        return ((_REMARK,) if self.remarks else ()) + ((_SEVERAL,) if self.several else ())


@cache
def _marks() -> Mapping[str, frozenset[str]]:
    """Section of ``cells.yml`` -> its words, folded; those of one letter and signs as they are."""
    document = lists.load("names/languages/cells.yml")
    return {
        section: frozenset(fold(str(word)) or str(word) for word in words if not str(word).endswith("*"))
        for section, words in document.items()
    }


@cache
def _begins() -> tuple[str, ...]:
    words = lists.load("names/languages/cells.yml")["remarks"]
    return tuple(sorted(fold(word) for word in words if word.endswith("*")))


@cache
def _telling() -> frozenset[str]:
    """First words of all markers, by which a cell without suspicious characters is known to need a closer look."""
    marks = _marks()
    others = [words for section, words in marks.items() if section not in ("remarks", "weak_remarks")]
    found = (marks["remarks"] - marks["weak_remarks"], *others)
    return frozenset(phrase.split(" ")[0] for phrases in found for phrase in phrases)


def read(text: str) -> Cell:
    """``text`` (cleaned) taken apart."""
    if _SUSPECT.search(text) is None:
        words = text.split() if "." not in text else text.replace(".", ". ").split()
        if not any(map(_marks_something, words)) and not _is_placeholder(text) and text.count(",") == 0:
            return Cell(text)
    cell = Cell(_TAG.sub(" ", text))
    for step in (_brackets, _dashes, _marked, _numbers, _people, _loose_remarks):
        before = cell.name
        step(cell)
        cell.name = _trimmed(clean(cell.name))
        if not any(map(str.isalpha, cell.name)):
            cell.name = before
    return cell


def _trimmed(name: str) -> str:
    """``name`` without signs at its edges; a point stays behind initials, titles and other short words."""
    name = name.strip(" ,،;-–—:/&+")
    if name[:1] in _APOSTROPHES and name[-1:] in _APOSTROPHES:
        name = name.strip(_APOSTROPHES)
    last = name.rpartition(" ")[2]
    if name.endswith(".") and len(last) > _SHORT_WORD and not _is_suffix(last) and fold(last) not in titles.titles():
        name = name.rstrip(".")
    return name


@lru_cache(maxsize=200_000)
def _marks_something(word: str) -> bool:
    """Whether ``word`` may be, or begin, a mark."""
    folded = fold(word)
    return folded in _telling() or _is_remark_word(folded, frozenset())


# ------------------------------------------------------------------------------------------- brackets, quotes
def _brackets(cell: Cell) -> None:
    def took(match: re.Match[str]) -> str:
        content = clean(next((group for group in match.groups() if group is not None), "")).strip(" ,.-")
        return f" {content} " if _is_suffix(content) else _sort(cell, content, match)

    cell.name = _BRACKET.sub(took, cell.name)


def _is_suffix(content: str) -> bool:
    return fold(content) in titles.suffixes()


def _sort(cell: Cell, content: str, match: re.Match[str]) -> str:
    """The bracket's ``content`` put where it belongs; what takes its place in the name."""
    if not content:
        return " "
    rest = f"{cell.name[: match.start()]} {cell.name[match.end() :]}"
    if not any(map(str.isalpha, rest)):
        return f" {content} "
    if fold(content) in _marks()["blessings"]:
        return " "
    marker = _marker(content.split(), 0, ("former", "alias"))
    if marker is not None and marker[1] < len(content.split()):
        words = " ".join(content.split()[marker[1] :])
        (cell.former if marker[0] == "former" else cell.aliases).append(words)
    elif _is_remark(content):
        cell.remarks.append(content)
    elif script(content) not in ("Zyyy", script(rest)):
        cell.aliases.append(content)
    elif match.group()[0] in _QUOTES or not _is_former(content):
        cell.nicknames.append(content)
    else:
        cell.former.append(content)
    return " "


def _is_former(content: str) -> bool:
    """A surname in brackets beside another one is the former one."""
    words = content.split()
    return len(words) == 1 and content[:1].isupper() and look(content).role <= -1


def _is_remark(content: str) -> bool:
    words = content.split()
    if any(map(str.isdigit, content)) or "@" in content:
        return True
    if _is_suffix(content) or fold(content) in titles.titles():
        return False
    folded = [fold(word) for word in words]
    marks = _marks()["remarks"] | _marks()["weak_remarks"]
    if any(_is_remark_word(word, marks) for word in folded) or fold(content) in marks:
        return True
    if any(f"{one} {two}" in marks for one, two in pairwise(folded)):
        return True
    return content[:1].islower() and not any(look(word).given for word in words)


def _is_remark_word(folded: str, marks: frozenset[str]) -> bool:
    if folded in marks:
        return True
    return len(folded) > 3 and folded.startswith(_begins()) and not look(folded).given


# --------------------------------------------------------------------------------------------- dashes, numbers
def _dashes(cell: Cell) -> None:
    """Behind a dash or colon a remark follows (Петров - умер), or the second half of a double surname."""
    pieces = [piece for piece in _DASH.split(cell.name) if piece.strip(" -")]
    if len(pieces) < 2:
        return
    head, *tails = pieces
    if _is_remark(head) and not _is_remark(tails[0]):
        cell.remarks.append(head)
        head, *tails = tails
    for tail in tails:
        if _is_remark(tail) or _marker(tail.split(), 0, ("former", "alias")) is not None:
            if _is_remark(tail):
                cell.remarks.append(clean(tail))
            else:
                head = f"{head}, {tail}"
        elif ";" in cell.name or "|" in cell.name:
            cell.others.append(clean(tail))
            cell.several = True
        else:
            head = f"{head.rstrip()}-{tail.lstrip()}" if _are_halves(head, tail) else f"{head} {tail}"
    cell.name = head


def _are_halves(head: str, tail: str) -> bool:
    """Петров - Водкин; Анна - Мария."""
    one, two = look(head.split()[-1]), look(tail.split()[0])
    return one.text[:1].isupper() and two.text[:1].isupper() and one.given == two.given


def _numbers(cell: Cell) -> None:
    """Words with digits, e-mail addresses and the like."""
    words = [_GLUED.sub(r"\g<name> \g<number>", word) if _GLUED.fullmatch(word) else word for word in cell.name.split()]
    words = " ".join(words).split()
    numbers = [at for at, word in enumerate(words) if _NUMBERED.fullmatch(word)]
    if not numbers or not any(map(str.isalpha, _NUMBERED.sub("", cell.name))):
        return
    # Small letters behind a number speak of it: 5 отдел.
    found = {at for at in range(numbers[0], len(words)) if at in numbers or words[at].islower()}
    if not any(any(map(str.isalpha, word)) for at, word in enumerate(words) if at not in found):
        found = set(numbers)
    cell.remarks.append(" ".join(words[at] for at in sorted(found)))
    cell.name = " ".join(word for at, word in enumerate(words) if at not in found)


# ------------------------------------------------------------------------------------------- words that mark
def _marker(words: Sequence[str], at: int, sections: Sequence[str]) -> tuple[str, int] | None:
    """Section and size of the longest marker that begins at place ``at`` of ``words``."""
    for size in range(min(_MARKER, len(words) - at), 0, -1):
        phrase = fold(" ".join(words[at : at + size]))
        for section in sections:
            if phrase in _marks()[section]:
                return section, size
    return None


def _marked(cell: Cell) -> None:
    """Former surname, alias and father's name behind the word that announces them."""
    words = cell.name.replace(",", " , ").replace("،", " , ").split()
    kept: list[str] = []
    at = 0
    while at < len(words):
        marker = _marker(words, at, ("former", "alias", "child_of", "care_of", "blessings"))
        size = 0 if marker is None else marker[1]
        if marker is None or (marker[0] != "blessings" and (not kept or at + size >= len(words))):
            kept.append(words[at])
            at += 1
            continue
        at += size
        if marker[0] == "blessings":
            if not kept or (len(words[at - size]) < 2 and at < len(words)):
                kept.extend(words[at - size : at])
            continue
        end = _end(words, at, whole=marker[0] in ("alias", "care_of"))
        _announced(cell, marker[0], " ".join(words[at:end]))
        at = end
    cell.name = clean(" ".join(kept).replace(" ,", ","))


def _end(words: Sequence[str], at: int, *, whole: bool) -> int:
    """Where the announced name ends: at a comma; a former surname or a father's name is one word with its particles."""
    end = at
    while end < len(words) and words[end] != ",":
        end += 1
        if not whole and not look(words[end - 1]).is_particle and look(words[end - 1]).folded not in titles.titles():
            break
    return end


def _announced(cell: Cell, section: str, words: str) -> None:
    if section == "former":
        cell.former.append(words)
    elif section == "alias":
        cell.aliases.append(words)
    elif section == "care_of":
        cell.remarks.append(words)
    else:
        cell.father = words


def _loose_remarks(cell: Cell) -> None:
    """Words at the end, or behind a comma, that are no part of a name: Иванов Иван, директор."""
    sure = _marks()["remarks"] - _marks()["weak_remarks"]
    head, comma, tail = cell.name.partition(",")
    if comma and tail.strip() and (_is_remark(tail.strip()) or _is_role(head, tail)):
        cell.remarks.append(clean(tail))
        cell.name = head
    words = cell.name.split()
    while len(words) > 1 and _is_remark_word(fold(words[-1]), sure):
        cell.remarks.append(words.pop())
    while len(words) > 1 and _is_remark_word(fold(words[0]), sure):
        cell.remarks.append(words.pop(0))
    if (len(words) == 1 and _is_remark_word(fold(words[0]), sure)) or _is_placeholder(cell.name):
        cell.remarks.append(cell.name)
    cell.name = " ".join(words)


def _is_role(head: str, tail: str) -> bool:
    """Whether behind a whole name something follows that is no name: Reza Pahlavi, Crown Prince."""
    front = [look(word) for word in head.split()]
    behind = [look(word) for word in tail.split()]
    if len(front) < 2 or not front[0].given or any(word.given for word in front[1:]) or not front[-1].role:
        return False
    if _is_suffix(tail) or any(word.folded in titles.titles() or _is_suffix(word.text) for word in behind):
        return False
    return not any(word.given or word.is_initial or word.is_patronymic for word in behind)


def _is_placeholder(name: str) -> bool:
    return name.casefold() in lists.placeholders()["name"]


# -------------------------------------------------------------------------------------------- several people
def _people(cell: Cell) -> None:
    """The first of several people; the family name that they share goes to each."""
    words = _without_edges(cell)
    if fold(" ".join(words[:3])) in titles.titles() and len(words) > 3 and fold(words[1]) in _marks()["and"]:
        cell.several = True  # Mr and Mrs Smith
        return None
    if _marker(words, 0, ("household",)) is not None and len(words) > 1:
        cell.several, words = True, words[1:]
        cell.name = " ".join([*words[:-1], surnames.borne_by(words[-1], None)])
    pieces = _SEPARATOR.split(_SLASHED.sub(" / ", cell.name) if cell.name.count("/") == 1 else cell.name)
    if len(pieces) > 1 and all(piece.strip() for piece in pieces):
        return _apart(cell, pieces[0].split(), " / ".join(pieces[1:]).split())
    at = _conjunction(cell.name.replace("&", " & ").replace("+", " + ").split())
    if at is not None:
        words = cell.name.replace("&", " & ").replace("+", " + ").split()
        return _apart(cell, words[:at], words[at + 1 :])
    return _listed(cell)


def _without_edges(cell: Cell) -> list[str]:
    """Words of the name without an *and* that joins nothing."""
    words = cell.name.split()
    while len(words) > 1 and words[0].islower() and fold(words[0]) in _marks()["and"]:
        words = words[1:]
    while len(words) > 1 and words[-1].islower() and fold(words[-1]) in _marks()["and"]:
        words = words[:-1]
    cell.name = " ".join(words)
    return words


def _conjunction(words: list[str]) -> int | None:
    """Place of the word that joins two people, if there is one."""
    for at in range(1, len(words) - 1):
        joins = fold(words[at]) in _marks()["and"] or words[at] in "&+"
        if joins and (not words[at].isupper() or _in_capitals(words, at)):
            return at
    return None


def _in_capitals(words: list[str], at: int) -> bool:
    return len(words[at - 1].strip(".")) > 1 and len(words[at + 1].strip(".")) > 1 and "." not in words[at]


def _apart(cell: Cell, first: list[str], second: list[str]) -> None:
    cell.several = True
    if _is_remark(" ".join(second)) or _marker(second, 0, ("household",)) is not None:
        cell.name = " ".join(first)  # and family
        return
    if all(fold(word) in titles.titles() for word in first):
        stripped = titles.strip([look(word) for word in second])
        cell.name = " ".join([*first, *(word.text for word in stripped.words)])
        return
    shared = second[-1]
    one = titles.strip([look(word) for word in first]).words
    if len(one) == 1 and len(second) > 1 and (one[0].given or one[0].is_initial or not look(second[0]).role < 0):
        cell.others.append(" ".join([*second[:-1], surnames.borne_by(shared, _sex(look(second[0]).sexes))]))
        cell.name = " ".join([*first, surnames.borne_by(shared, _sex(one[0].sexes))])
    elif len(second) == 1 and len(first) > 1 and look(second[0]).given:
        family = first[0] if look(first[0]).role <= look(first[-1]).role else first[-1]
        sex = _sex(next((look(word).sexes for word in first if word != family), 0))
        cell.others.append(f"{second[0]} {surnames.borne_by(family, _sex(look(second[0]).sexes))}")
        cell.name = " ".join(surnames.borne_by(word, sex) if word == family else word for word in first)
    else:
        cell.others.append(" ".join(second))
        cell.name = " ".join(first)


def _sex(sexes: int) -> str | None:
    return {1: "m", 2: "f"}.get(sexes)


def _listed(cell: Cell) -> None:
    """Иванов И. И., Петров П. П.: complete names behind one another."""
    pieces = [clean(piece) for piece in re.split("[,،]", cell.name) if piece.strip()]
    if len(pieces) < 2 or any(_is_suffix(piece) or fold(piece) in titles.titles() for piece in pieces):
        return
    complete = [piece for piece in pieces if _is_complete(piece)]
    if len(complete) == len(pieces):
        cell.several = True
        cell.name, *others = pieces
        cell.others.extend(others)


def _is_complete(piece: str) -> bool:
    """Whether ``piece`` has a family name and a given name or initials."""
    words = [look(word) for word in piece.replace(".", ". ").split()]
    names = [word for word in words if not word.is_initial]
    if len(names) == 1:
        return len(words) > 1 and not names[0].given
    if len(names) > 2 and any(word.is_patronymic for word in names[1:]):
        return True
    return any(word.given for word in names) and any(word.role < -1 for word in names)
