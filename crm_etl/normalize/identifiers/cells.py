"""An identifier cell taken apart: labels (ИНН 7707083893), several numbers, zeros that a spreadsheet dropped.

Which numbers are well formed is told by :mod:`.checks`.
"""

from __future__ import annotations

import re
from functools import cache

from crm_etl.normalize import lists
from crm_etl.normalize.identifiers.checks import LENGTHS, checks, written
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.spreadsheets import whole_numbers
from crm_etl.normalize.text import ZWNJ, clean, digits, persian

LOST = "digits_lost"
_SPACED = re.compile(r"[\s.\-–—/‑]+")
#: How an unknown kind of number looks when a spreadsheet rounded it; 1E5 may be a number as it is.
_ROUNDED = re.compile(r"\d+[.,]\d+[eE]\+\d+")
_SEPARATOR = re.compile(r"[,،;؛|\n\r]+")
_AROUND = " \t:：№#=.,،;؛'’`\"()[]«»-–—"
#: ИНН/КПП: 7707083893/773601001, which accountants write as one.
_INN_KPP = re.compile(r"(\d{10})\s*[/\\,;|\s]\s*(\d{9})")
_WORDS = re.compile(r"[\s,،;؛|()\[\]«»\"]+")
_MOST_WORDS = 60
#: Groups of digits in which one number is written.
_MOST_GROUPS = 6
_DATE = re.compile(r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|\d{4}[./\-]\d{1,2}[./\-]\d{1,2}")
#: A number, though its check digit is wrong.
_LONG = re.compile(r"[\d\-]{8,}")
#: More zeros than these are not lost, the number is another one.
_MOST_ZEROS = 4
#: СНИЛС up to this one have no check digits: nothing tells whether zeros were lost.
_UNCHECKED = {"ru_snils": "00100199899"}


def read(cell: str, kind: str, restore_zero: bool = False) -> Reading:
    """``cell`` as a tuple of ``type:value``; empty, with a note, where the check digits are wrong.

    ``kind`` is one of ``migration.IDENTIFIER_TYPES``; a label in the cell that names another one goes before it. A
    number shorter by its leading zeros is padded only with ``restore_zero``, and only if its check digit then is right.
    Notes: ``identifiers:`` ``bad_check``, ``float_fixed``, ``zero_restored``, ``zero_missing`` (it would be right with
    zeros), ``label`` (the type is the label's), ``placeholder``.
    """
    text = digits(clean(cell)).strip(" '’`\"")
    if text.casefold() in lists.placeholders()["cell"]:
        return Reading((), ("identifiers:placeholder",))
    values: list[str] = []
    notes: list[str] = []
    rests: list[str] = []
    parts = [(own, *_held(part, own)) for own, part in _parts(text, kind)]
    rests.extend(rest for _, _, rest in parts if rest)
    for own, part in ((own, part) for own, held, _ in parts for part in held):
        whole = _unrounded(part) if own == "other" else whole_numbers(part)
        if whole is None:
            return Reading(error=LOST)
        notes.extend(["identifiers:float_fixed"] if whole != part else [])
        notes.extend(["identifiers:label"] if own != kind else [])
        value, remarks = _value(whole, own, restore_zero)
        notes.extend(f"identifiers:{remark}" for remark in remarks)
        values.extend([] if value is None else [f"{own}:{value}"])
    return Reading(tuple(dict.fromkeys(values)), tuple(dict.fromkeys(notes)), rest=" ".join(rests) or None)


def _unrounded(text: str) -> str | None:
    return None if _ROUNDED.fullmatch(text) else text


def _value(text: str, kind: str, restore_zero: bool) -> tuple[str | None, list[str]]:
    """``text`` as an identifier of ``kind``, and what is to be noted; None if it is none."""
    if kind == "other":
        # Marks stay: 12-3 and 1-23 are two numbers of whoever gave them.
        value = re.sub(r"\s+", "", text).upper()
        good = any(map(str.isalnum, value)) and value.strip("0") != ""
        return (value, []) if good else (None, ["placeholder" if value.strip("0") == "" else "bad_check"])
    bare = _fillings().sub(" ", text) if kind == "passport" else text
    value = written(_SPACED.sub("", bare).upper(), kind)
    if not value.strip("0") or len(set(value)) == 1:
        return None, ["placeholder"]
    if checks()[kind](value):
        return value, []
    padded = _padded(value, kind)
    if padded is None:
        return None, ["bad_check"]
    return (padded, ["zero_restored"]) if restore_zero else (None, ["bad_check", "zero_missing"])


@cache
def _fillings() -> re.Pattern[str]:
    words = sorted(lists.load("identifiers/words.yml")["passport"], key=lambda word: (-len(word), word))
    return re.compile(rf"№|(?<![^\W_])(?:{'|'.join(map(re.escape, words))})(?![^\W\d_])", re.IGNORECASE)


def _held(text: str, kind: str) -> tuple[list[str], str]:
    """The numbers of ``kind`` that ``text`` holds among other words, with those that are wrong, and the other words.
    ``text`` itself where no part of it is right."""
    if kind == "other" or _right(text, kind):
        return [text], ""
    every = [word for word in _WORDS.split(text) if word]
    words, more = every[:_MOST_WORDS], every[_MOST_WORDS:]
    held: list[str] = []
    rest: list[str] = []
    good, place = False, 0
    while place < len(words):
        size = _size(words[place:], kind)
        good = good or size > 0
        word = " ".join(words[place : place + max(size, 1)])
        (held if size or _LONG.fullmatch(word) else rest).append(word)
        place += max(size, 1)
    return (held, " ".join([*rest, *more])) if good else ([text], "")


def _size(words: list[str], kind: str) -> int:
    """How many of ``words`` at their beginning are one right number; 0 if none are."""
    for size in range(min(_MOST_GROUPS, len(words)), 0, -1):
        group = words[:size]
        if any(_DATE.fullmatch(word) for word in group) or not all(_is_group(word) for word in group):
            continue
        if _value(" ".join(group), kind, False)[0] is not None:
            return size
    return 0


def _is_group(word: str) -> bool:
    return any(map(str.isdigit, word)) or len(word) <= 3


def _right(text: str, kind: str) -> bool:
    return _value(whole_numbers(text) or "", kind, True)[0] is not None


def _holds(text: str, kind: str) -> bool:
    return any(_right(part, kind) for part in _held(text, kind)[0])


def _padded(value: str, kind: str) -> str | None:
    """``value`` with the leading zeros that make its check digit right; None if they do not."""
    if not (value.isascii() and value.isdigit()):
        return None
    for length in LENGTHS.get(kind, ()):
        padded = value.zfill(length)
        if 0 < length - len(value) <= _MOST_ZEROS and padded > _UNCHECKED.get(kind, "") and checks()[kind](padded):
            return padded
    return None


# ------------------------------------------------------------------------------------------------------- the cell
def _parts(text: str, kind: str) -> list[tuple[str, str]]:
    """Kind and text of each number in ``text``: by labels, by the habit of writing ИНН/КПП, or by separators."""
    labelled = [(_own(kinds, kind, value), value) for kinds, value in _labelled(text)]
    if kind == "other":
        # TC-12 may be anybody's number: a label counts where the number behind it is what it says.
        return labelled if labelled and all(_holds(value, own) for own, value in labelled) else [(kind, text)]
    if labelled:
        return labelled
    pair = _INN_KPP.fullmatch(text) if kind == "ru_inn" else None
    if pair is not None:
        return [("ru_inn", pair[1]), ("ru_kpp", pair[2])]
    several = [part.strip(_AROUND) for part in _SEPARATOR.split(text)]
    if len(several) > 1 and all(_right(part, kind) for part in several):
        return [(kind, part) for part in several]
    return [(kind, text)]


def _own(kinds: tuple[str, ...], declared: str, value: str) -> str:
    """The kind that a label of ``kinds`` means: the declared one, one of its country, one that ``value`` is."""
    near = [kind for kind in kinds if kind[:3] == declared[:3]]
    right = [kind for kind in kinds if len(kinds) > 1 and _holds(value, kind)]
    return declared if declared in kinds else [*near, *right, kinds[0]][0]


def _labelled(text: str) -> list[tuple[tuple[str, ...], str]]:
    """The numbers that stand behind labels. Labels may come together, and their numbers after them in one row."""
    if text.isdigit():
        return []
    folded = _foldable(text)
    found = list(_labels()[0].finditer(folded))
    if not found or folded[: found[0].start()].strip(_AROUND):
        return []
    parts: list[tuple[tuple[str, ...], str]] = []
    waiting: list[tuple[str, ...]] = []
    for match, end in zip(found, [*(after.start() for after in found[1:]), len(folded)], strict=True):
        waiting.append(_labels()[1][_key(match.group())])
        value = folded[match.end() : end].strip(_AROUND + "/\\")
        if value:
            pieces = re.split(r"\s*[/\\,;]\s*|\s+", value, maxsplit=len(waiting) - 1) if len(waiting) > 1 else [value]
            parts.extend(zip(waiting, pieces, strict=False))
            waiting = []
    return [(kinds, value) for kinds, value in parts if any(map(str.isdigit, value))]


def _foldable(text: str) -> str:
    return persian(text).replace(ZWNJ, " ").upper()


def _key(label: str) -> str:
    return re.sub(r"[\s.]+", "", label)


@cache
def _labels() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    """One pattern of all labels, the longest first, and the kinds of each by its letters."""
    kinds: dict[str, tuple[str, ...]] = {}
    for kind, labels in lists.load("identifiers/labels.yml").items():
        for key in dict.fromkeys(_key(_foldable(label)) for label in labels):
            kinds[key] = (*kinds.get(key, ()), kind)
    forms = [r"[\s.]*".join(map(re.escape, key)) for key in sorted(kinds, key=lambda key: (-len(key), key))]
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(forms)})(?![^\W\d_])"), kinds
