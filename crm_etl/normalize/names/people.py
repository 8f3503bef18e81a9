"""Several people in one name cell: Иван и Мария Петровы, Ali & Sara Karimi.

:func:`apart` leaves the first one in the cell, with the family name that is shared, and books the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm_etl.normalize.names import surnames, titles
from crm_etl.normalize.names.given_names import FEMALE, MALE
from crm_etl.normalize.names.marks import is_remark, is_remark_word, is_suffix, marker, marks
from crm_etl.normalize.names.words import look
from crm_etl.normalize.text import clean, fold

if TYPE_CHECKING:
    from crm_etl.normalize.names.cells import Cell

_SEPARATOR = re.compile(r"\s*[;|]\s*|\s+/\s+")
_SLASHED = re.compile(r"(?<=\w)/(?=\w)")
_SEX = {MALE: "m", FEMALE: "f"}


def apart(cell: Cell) -> None:
    """The first of several people; the family name that they share goes to each."""
    words = _without_edges(cell)
    if fold(" ".join(words[:3])) in titles.titles() and len(words) > 3 and fold(words[1]) in marks()["and"]:
        cell.several = True  # Mr and Mrs Smith
        return
    if marker(words, 0, ("household",)) is not None and len(words) > 1:
        cell.several, words = True, words[1:]
        cell.name = " ".join([*words[:-1], surnames.borne_by(words[-1], None)])
    pieces = _SEPARATOR.split(_SLASHED.sub(" / ", cell.name) if cell.name.count("/") == 1 else cell.name)
    words = cell.name.replace("&", " & ").replace("+", " + ").split()
    at = _conjunction(words)
    if len(pieces) > 1 and all(piece.strip() for piece in pieces):
        _share(cell, pieces[0].split(), " / ".join(pieces[1:]).split())
    elif at is not None:
        _share(cell, words[:at], words[at + 1 :])
    else:
        _listed(cell)


def _without_edges(cell: Cell) -> list[str]:
    """Words of the name without an *and* that joins nothing."""
    words = cell.name.split()
    while len(words) > 1 and words[0].islower() and fold(words[0]) in marks()["and"]:
        words = words[1:]
    while len(words) > 1 and words[-1].islower() and fold(words[-1]) in marks()["and"]:
        words = words[:-1]
    cell.name = " ".join(words)
    return words


def _conjunction(words: list[str]) -> int | None:
    """Place of the word that joins two people, if there is one."""
    for at in range(1, len(words) - 1):
        joins = fold(words[at]) in marks()["and"] or words[at] in "&+"
        if joins and (not words[at].isupper() or _in_capitals(words, at)):
            return at
    return None


def _in_capitals(words: list[str], at: int) -> bool:
    return len(words[at - 1].strip(".")) > 1 and len(words[at + 1].strip(".")) > 1 and "." not in words[at]


def _share(cell: Cell, first: list[str], second: list[str]) -> None:
    """``cell`` with the person of the words ``first``; ``second`` are the words behind the *and*."""
    cell.several = True
    one = titles.strip([look(word) for word in first]).words
    if marker(second, 0, ("household",)) is not None:
        cell.name = " ".join(first)  # and family
        return
    said, second = _said_of(second)
    if said:
        cell.remarks.append(" ".join(said))
    if not second:
        cell.name = " ".join(first)
        cell.several = _is_kin(said)
    elif all(fold(word) in titles.titles() for word in first):
        stripped = titles.strip([look(word) for word in second])
        cell.name = " ".join([*first, *(word.text for word in stripped.words)])
    elif len(one) == 1 and len(second) > 1 and (one[0].given or one[0].is_initial or not look(second[0]).role < 0):
        cell.others.append(" ".join([*second[:-1], _borne_by(second[0], second[-1])]))
        cell.name = " ".join([*first, _borne_by(one[0].text, second[-1])])
    elif len(second) == 1 and len(first) > 1 and look(second[0]).given:
        family = first[0] if look(first[0]).role <= look(first[-1]).role else first[-1]
        given = next((word for word in first if word != family), family)
        cell.others.append(f"{second[0]} {_borne_by(second[0], family)}")
        cell.name = " ".join(_borne_by(given, word) if word == family else word for word in first)
    else:
        cell.others.append(" ".join(second))
        cell.name = " ".join(first)


def _said_of(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before a name that tell whose it is (жена Мария), and the name; no name if all of it is a remark."""
    if not is_remark(" ".join(words)) and not _is_kin(words[:1]):
        return [], words
    at = 0
    while at < len(words) and _is_said(words[at]):
        at += 1
    names = [look(word) for word in words[at:]]
    if any(word.given or (word.role < -1 and not word.text.islower()) for word in names):
        return words[:at], words[at:]
    return words, []


def _is_said(word: str) -> bool:
    return is_remark_word(word, marks()["remarks"] | marks()["weak_remarks"]) or fold(word) in marks()["kin"]


def _is_kin(words: list[str]) -> bool:
    return bool(words) and fold(words[0]) in marks()["kin"]


def _borne_by(given: str, family: str) -> str:
    return surnames.borne_by(family, _SEX.get(look(given).sexes))


def _listed(cell: Cell) -> None:
    """Иванов И. И., Петров П. П.: complete names behind one another."""
    pieces = [clean(piece) for piece in re.split("[,،]", cell.name) if piece.strip()]
    if len(pieces) < 2 or any(is_suffix(piece) or fold(piece) in titles.titles() for piece in pieces):
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
