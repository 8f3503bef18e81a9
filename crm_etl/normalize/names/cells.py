"""What stands in a name cell besides one person's name: brackets, former surnames, remarks, further people.

:func:`read` takes all of it off and says what it was; by which words it is seen is told in :mod:`.marks`.
Most cells have nothing of it, and cost no more than one look at their characters and words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_etl.normalize.names import people, ranks, titles
from crm_etl.normalize.names.given_names import MALE
from crm_etl.normalize.names.marks import (
    genitives,
    is_placeholder,
    is_remark,
    is_remark_word,
    is_suffix,
    marker,
    marks,
    marks_something,
    sure_remarks,
)
from crm_etl.normalize.names.ranks import Ranked
from crm_etl.normalize.names.words import look
from crm_etl.normalize.text import clean, fold, script

_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}|«([^«»]*)»|[“„]([^“”„\"]*)[”“\"]|\"([^\"]*)\"")
_QUOTES = frozenset('«“„"')
#: Characters of cells that need a closer look. Points, apostrophes, hyphens and single commas belong to names.
_SUSPECT = re.compile(r"[^\w\s.,،'’ʼ`\u200c\u0300-\u036f-]|\d|\s[-–—]|[-–—]\s|[,،].*[,،]|\.\.|--|[-.'’`]$|^['’`]")
_DASH = re.compile(r"\s+[-–—:]+\s*|\s*[:–—]+\s+|[-–—:]+$|-{2,}|\s*[;|\n]\s*")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,30}>")
_GLUED = re.compile(r"(?P<name>[^\W\d_]{3,})(?P<number>\d{1,2})")
_NUMBERED = re.compile(r"\S*[\d@]\S*|№|#\S*")
_APOSTROPHES = "'’‘`"
#: Letters and the point of a word that may be an abbreviation.
_SHORT_WORD = 4
_MARKS = ("former", "alias", "child_of", "care_of", "blessings", "to_the_end")
_REMARK, _SEVERAL = "name:remark", "name:several_people"


@dataclass
class Cell:
    """A name cell taken apart: ``name`` is one person's name, the rest what else stood there, as it was written; of
    a ``plain`` one no word may mean anything else."""

    name: str
    nicknames: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    father: str | None = None
    others: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    several: bool = False
    ranked: Ranked | None = None
    plain: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        return ((_REMARK,) if self.remarks else ()) + ((_SEVERAL,) if self.several else ())


def read(text: str, *, whole: bool = True) -> Cell:
    """``text`` (cleaned) taken apart. Titles of rank are taken off a ``whole`` name, not off one part or several."""
    if _SUSPECT.search(text) is None:
        words = text.split() if "." not in text else text.replace(".", ". ").split()
        if not any(map(marks_something, words)) and not is_placeholder(text) and text.count(",") == 0:
            return Cell(text, plain=True)
    cell = Cell(_TAG.sub(" ", text))
    for step in (_brackets, _dashes, *((_ranks,) if whole else ()), _marked, _numbers, people.apart, _loose_remarks):
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
    if name.endswith(".") and len(last) > _SHORT_WORD and not is_suffix(last) and fold(last) not in titles.titles():
        name = name.rstrip(".")
    return name


# ------------------------------------------------------------------------------------------- brackets, quotes
def _brackets(cell: Cell) -> None:
    def took(match: re.Match[str]) -> str:
        content = clean(next((group for group in match.groups() if group is not None), "")).strip(" ,.-")
        return f" {content} " if is_suffix(content) else _sort(cell, content, match)

    cell.name = _BRACKET.sub(took, cell.name)


def _sort(cell: Cell, content: str, match: re.Match[str]) -> str:
    """The bracket's ``content`` put where it belongs; what takes its place in the name."""
    if not content:
        return " "
    rest = f"{cell.name[: match.start()]} {cell.name[match.end() :]}"
    if not any(map(str.isalpha, rest)):
        return f" {content} "
    if fold(content) in marks()["blessings"]:
        return " "
    mark = marker(content.split(), 0, ("former", "alias"))
    if mark is not None and mark[1] < len(content.split()):
        words = " ".join(content.split()[mark[1] :])
        (cell.former if mark[0] == "former" else cell.aliases).append(words)
    elif is_remark(content):
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


# --------------------------------------------------------------------------------------------- dashes, numbers
def _dashes(cell: Cell) -> None:
    """Behind a dash or colon a remark follows (Петров - умер), or the second half of a double surname."""
    pieces = [piece for piece in _DASH.split(cell.name) if piece.strip(" -")]
    if len(pieces) < 2:
        return
    head, *tails = pieces
    if is_remark(head) and not is_remark(tails[0]):
        cell.remarks.append(head)
        head, *tails = tails
    for tail in tails:
        if is_remark(tail) or marker(tail.split(), 0, ("former", "alias")) is not None:
            if is_remark(tail):
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


# ---------------------------------------------------------------------------------------------- titles of rank
def _ranks(cell: Cell) -> None:
    """Titles of rank and honours: William Pitt, 1st Earl of Chatham."""
    found = ranks.take(cell.name)
    if found and any(map(str.isalpha, found.name)):
        found.estate = _trimmed(found.estate)
        cell.ranked, cell.name = found, found.name


# ------------------------------------------------------------------------------------------- words that mark
def _marked(cell: Cell) -> None:
    """Former surname, alias and father's name behind the word that announces them."""
    words = cell.name.replace(",", " , ").replace("،", " , ").replace("&", " & ").split()
    kept: list[str] = []
    at = 0
    while at < len(words):
        mark = _mark(words, at, kept)
        if mark is None:
            kept.append(words[at])
            at += 1
            continue
        size = mark[1]
        at += size
        if mark[0] == "to_the_end":
            cell.remarks.append(" ".join(words[at - size :]).replace(" ,", ","))
            break
        if mark[0] == "blessings":
            if not kept or (len(words[at - size]) < 2 and at < len(words)):
                kept.extend(words[at - size : at])
            continue
        end = _end(words, at, whole=mark[0] in ("alias", "care_of"))
        _announced(cell, mark[0], " ".join(words[at:end]))
        at = end
    cell.name = clean(" ".join(kept).replace(" ,", ","))


def _mark(words: Sequence[str], at: int, kept: list[str]) -> tuple[str, int] | None:
    """The mark at place ``at``, if it counts there. Before a child that is a further person an *and* is put."""
    mark = None if words[at] == "," else marker(words, at, _MARKS)
    if mark is None or mark[0] == "blessings":
        return mark
    if not kept or at + mark[1] >= len(words) or (mark[0] == "to_the_end" and not words[at].islower()):
        return None
    if mark[0] == "child_of" and fold(words[at]) in marks()["child"] and not _tells_father(words[at + 1], kept[-1]):
        if kept[-1] == ",":
            kept.pop()
        if fold(kept[-1]) not in marks()["and"]:
            kept.append("&")
        return None
    return mark


def _tells_father(word: str, before: str) -> bool:
    """Whether behind *сын*, which stands behind the word ``before``, the father's name follows: сын Олега."""
    if before == "," or fold(before) in marks()["and"] or before in "&+":
        return False
    return script(word) != "Cyrl" or _is_genitive(word)


def _is_genitive(word: str) -> bool:
    """Whether ``word`` is a man's given name in the genitive, and none in the nominative: Олега, Игоря, Ильи."""
    folded = fold(word)
    if look(folded).given:
        return False
    ends = genitives()
    stems = ((folded[: -len(end)], other) for end, others in ends.items() if folded.endswith(end) for other in others)
    return any(look(stem + other).sexes & MALE for stem, other in stems)


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
    sure = sure_remarks()
    head, comma, tail = cell.name.partition(",")
    if comma and tail.strip() and (is_remark(tail.strip()) or _is_role(head, tail)):
        cell.remarks.append(clean(tail))
        cell.name = head
    words = cell.name.split()
    while len(words) > 1 and is_remark_word(words[-1], sure):
        cell.remarks.append(words.pop())
    while len(words) > 1 and is_remark_word(words[0], sure):
        cell.remarks.append(words.pop(0))
    if (len(words) == 1 and is_remark_word(words[0], sure)) or is_placeholder(cell.name):
        cell.remarks.append(cell.name)
    cell.name = " ".join(words)


def _is_role(head: str, tail: str) -> bool:
    """Whether behind a whole name something follows that is no name: Reza Pahlavi, Crown Prince."""
    front = [look(word) for word in head.split()]
    behind = [look(word) for word in tail.split()]
    if len(front) < 2 or not front[0].given or any(word.given for word in front[1:]) or not front[-1].role:
        return False
    if is_suffix(tail) or any(word.folded in titles.titles() or is_suffix(word.text) for word in behind):
        return False
    return not any(word.given or word.is_initial or word.is_patronymic for word in behind)
