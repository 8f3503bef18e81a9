"""A phone cell taken apart: its numbers, their extensions, and the remarks that stand beside them.

What a run of digits means as a number is told by :mod:`.figures` and :mod:`.series`; words come from ``habits.yml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import phonenumbers

from crm_etl.normalize import lists
from crm_etl.normalize.phones import series
from crm_etl.normalize.phones.figures import HIDDEN, MARK, SHOWN, number
from crm_etl.normalize.phones.lines import line
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.spreadsheets import whole_numbers
from crm_etl.normalize.text import clean, digits, fold

LOST = "digits_lost"
#: Fewer digits are a remark (a floor, an hour), not a number.
_FEWEST = 5
#: One number at most, for all that its signs say.
_PLAIN = re.compile(r"[+\d\s.\-]*(?:\([\d\s]*\)[\d\s.\-]*)?")
_GUARD = re.compile(r"^['’`‘=\"]+|[\"']+$")
#: The way out of the country as people write it where one waits for a second tone: 8~10~49 30 …
_WAITING = re.compile(r"(?<!\d)8\s?[~w]\s?10\s?[~w]?\s?", re.IGNORECASE)
#: The number of an entry in a list: 1) 8 916 … 2) 8 495 …
_ENTRY = re.compile(r"(?:^|(?<=[\s,;]))(?:[1-9]\)\s*|№\s?[1-9][):.]?\s+)(?=[+(\d])")
#: A letter that was typed for the digit it looks like.
_LETTER_DIGIT = re.compile(
    r"(?<=\d)[ \-]?[OoОоЗIl](?=[ \-]?\d)|(?<=\d[ \-])[OoОоЗIl](?=[ \-]?\d)|(?<=\d\d)[OО](?!\w)|(?<=\d-\d)[OО](?!\w)"
)
_DIGITS_MEANT = str.maketrans("OoОоЗIl", "0000311")
_NUMBER = re.compile(rf"[+＋]{{0,2}}\s?\(?\+?\d[\d\s().\-‐-―−]*\d\)?(?:{MARK}[\ue000-\ue009]+)?")
_LAST_DIGITS = re.compile(r"[\s.]*(\d{1,4})[\s.]*")
_LOOSE_EXTENSION = re.compile(f"{MARK}([\ue000-\ue009]+)")
_BEFORE_MARK = re.compile(rf"[\s,;(]{{0,9}}{MARK}")
_AREA = re.compile(r"[+\d\s().\-]+")
#: Digits that were hidden (7916***4567), or never filled in (+7 (___) ___-__-__).
_MASKED = re.compile(r"\d[\s)\-]*[*•]{2,}|\d[\s)\-]*[xXхХ]{3,}|[*•]{2,}[\s\-]*\d|_{2,}")
_VANITY = re.compile(r"\+?\(?\d[\d\s().\-]{2,9}[\s).\-]*(?=(?:[A-Z\d\-]*[A-Z]){3})[A-Z\d][A-Z\d\-]{3,}(?![a-z])")
_NANP = 10


def read(cell: str, country: str, restore_zero: bool = False) -> Reading:
    """All numbers of ``cell`` as a tuple of E.164 texts, ``;ext=N`` after one that has an extension.

    ``country`` (ISO 3166 alpha-2) is where a number without a country code lies. With ``restore_zero`` a number
    that lost its leading zero is read as a national one. Remarks come back as ``rest``. The notes are those of
    ``docs/reference/values.md``; after ``phones:invalid`` a second one says why.
    """
    bare = digits(cell).strip()
    text = _GUARD.sub("", bare).strip()
    found = _Found(country, restore_zero, ["phones:guard_removed"] if text != bare else [])
    if text.casefold() in lists.placeholders()["cell"]:
        return Reading((), ("phones:placeholder",))
    whole = whole_numbers(text)
    if whole is None:
        return Reading(error=LOST)
    if whole != text:
        found.notes.append("phones:float_fixed")
    if _PLAIN.fullmatch(whole) and "\n" not in whole:
        one, notes = number(whole, country, restore_zero)
        if one is not None:
            return Reading((one,), (*found.notes, *notes))
        parts = [whole]
    else:
        parts = _parts(_readable(whole, found.notes))
    for before, chunk in zip(["", *parts[1::2]], parts[::2], strict=True):
        found.take(before, chunk)
    return found.reading()


@dataclass
class _Found:
    """What a cell has given so far; the latest number tells how an incomplete one after it is meant."""

    country: str
    restore_zero: bool
    notes: list[str]
    numbers: list[str] = field(default_factory=list)
    rests: list[str] = field(default_factory=list)
    extension: str | None = None

    def reading(self) -> Reading:
        rests = [*self.rests, *([] if self.extension is None else [self.extension])]
        rest = clean(", ".join(rests).replace(MARK, " ").translate(SHOWN))
        if not self.numbers and not self.notes and sum(map(str.isdigit, rest)) > 2 and not _has_letter(rest):
            self.notes.extend(("phones:invalid", "phones:too_short"))
        return Reading(tuple(dict.fromkeys(self.numbers)), tuple(dict.fromkeys(self.notes)), rest=rest or None)

    def take(self, before: str, chunk: str) -> None:
        """The numbers of ``chunk``, which ``before`` parts from the chunk before it."""
        last = _LAST_DIGITS.fullmatch(chunk)
        if last is not None and self.numbers:
            return self._ending(before, last[1])
        if _MASKED.search(chunk) is not None:
            self.notes.append("phones:placeholder" if "__" in chunk else "phones:masked")
            return self._remark([chunk])
        runs = [run for run in _NUMBER.finditer(chunk) if sum(map(str.isdigit, run.group())) >= _FEWEST]
        vanity = _vanity(chunk, self.country) if not runs and not chunk.islower() else None
        if vanity is not None:
            self._add(vanity[0], ("phones:vanity",))
            return self._remark([vanity[1]])
        beside = [self._number(run.group()) for run in runs]
        ends = [0, *(run.end() - left for run, left in zip(runs, beside, strict=True))]
        starts = [*(run.start() for run in runs), len(chunk)]
        return self._remark([chunk[end:start] for end, start in zip(ends, starts, strict=True)], any(beside))

    def _number(self, piece: str) -> int:
        """Takes the number of ``piece``; how many signs at its end are no part of it."""
        one, notes = number(piece, self.country, self.restore_zero)
        if one is not None or "phones:invalid" not in notes:
            self._add(one, notes)
            return 0
        for several, note in _SEVERAL:
            found = several(piece, self.country)
            if found:
                self.numbers.extend(found)
                self.notes.append(note)
                return 0
        followed = series.followed(piece, self.country)
        if followed is not None:
            self._add(followed[0], ())
            return followed[1]
        if self.numbers:
            shared, why = series.same_area(self.numbers[-1], piece)
            notes = why or notes
            one = shared
        self._add(one, notes)
        return 0

    def _ending(self, before: str, last: str) -> None:
        """Digits that replace the last ones of the number before."""
        first, words = self.numbers[-1], before.strip()
        plain, ext, _ = first.partition(";ext=")
        if ext:
            more = [plain + ext + last]
        elif words.casefold() in _words("through"):
            more = series.following(first, last)
        elif _means_line(first, words, last):
            one = series.another(first, last)
            more = [] if one is None else [one]
        else:
            more = []
        if not more:
            return self._remark([last], whole=True)
        self.numbers.extend(more)
        return self.notes.extend([] if ext else ["phones:range"])

    def _add(self, one: str | None, notes: tuple[str, ...]) -> None:
        if one is not None:
            self.numbers.append(one)
            self._extend()
        self.notes.extend(notes)

    def _extend(self) -> None:
        """The extension that stands apart, (495) 123-45-67 (Анна, доб. 12), put to its number."""
        if self.extension is not None and self.numbers and ";" not in self.numbers[-1]:
            self.numbers[-1] += f";ext={self.extension}"
            self.extension = None

    def _remark(self, pieces: list[str], whole: bool = False) -> None:
        """Keeps the words of ``pieces``; a lone digit only if they are ``whole``."""
        text = " ".join(pieces)
        loose = _LOOSE_EXTENSION.search(text)
        if loose is not None:
            text = text[: loose.start()] + text[loose.end() :]
            self.extension = loose[1].translate(SHOWN)
            self._extend()
        words = _trimmed(clean(text)).split(" ")
        while words and fold(words[0]) in _words("labels"):
            words = words[1:]
        told = "".join(words).translate(SHOWN)
        if any(map(str.isalpha, told)) or sum(map(str.isdigit, told)) > (0 if whole else 1):
            self.rests.append(" ".join(words))


def _means_line(first: str, between: str, last: str) -> bool:
    """Whether ``last`` are the last digits of another line than ``first``, not a floor or an hour."""
    landline = line(first).kind == "landline"
    if between in ("/", "\\"):
        return landline or len(last) > 1
    return landline and len(last) > 1 and (between.isalpha() or len(last) > 2 or series.near(first, last))


#: Ways to read a run of digits that is no number, and their notes.
_SEVERAL = (
    (series.split, "phones:parted"),
    (series.lines, "phones:range"),
    (series.turned, "phones:area_code_behind"),
)


# ------------------------------------------------------------------------------------------------- the cell's text
def _readable(text: str, notes: list[str]) -> str:
    """``text`` with extensions marked, letters for digits set right, links and hours out of the way."""
    text = _ENTRY.sub(", ", _WAITING.sub("810 ", text))
    if "/" in text or ":" in text:
        text = _pattern("links").sub(" ", text)
    fixed = _LETTER_DIGIT.sub(lambda match: match.group().translate(_DIGITS_MEANT), text)
    if fixed != text:
        notes.append("phones:letter_for_digit")
    hidden = _pattern("hours").sub(lambda match: match.group().translate(HIDDEN), fixed)
    marked = _pattern("extension").sub(lambda match: f"{MARK}{match[match.lastindex or 0].translate(HIDDEN)} ", hidden)
    return _BEFORE_MARK.sub(MARK, marked) if MARK in marked else marked


def _parts(text: str) -> list[str]:
    """Chunks of ``text`` and, between them, what parts them; a slash within a number (495/123-45-67) parts nothing."""
    parts = _pattern("separator").split(text)
    joined = parts[:1]
    for between, chunk in zip(parts[1::2], parts[2::2], strict=True):
        short, long = (sum(map(str.isdigit, text)) for text in (joined[-1], chunk))
        if between == "/" and short <= 6 and long >= _FEWEST and _AREA.fullmatch(joined[-1]):
            joined[-1] += " " + chunk
        else:
            joined.extend((between, chunk))
    return joined


def _vanity(chunk: str, country: str) -> tuple[str, str] | None:
    """A free number spelled with the letters of its keys (1-800-FLOWERS), and what else ``chunk`` says."""
    match = _VANITY.search(chunk)
    if match is None:
        return None
    figures = "".join(filter(str.isdigit, phonenumbers.convert_alpha_characters_in_number(match.group())))
    if phonenumbers.country_code_for_region(country) == 1 or figures.startswith("18"):
        figures = "1" + figures.removeprefix("1")[:_NANP]
    one, _ = number(figures, country)
    if one is None or not line(one).hotline:
        return None
    return one, f"{match.group()} {chunk[: match.start()]} {chunk[match.end() :]}"


def _trimmed(text: str) -> str:
    """``text`` without marks around it; a bracket stays where its fellow does."""
    text = text.strip(" -.:+,=")
    while text.startswith(("(", ")")) and text.count("(") != text.count(")"):
        text = text[1:].lstrip(" -.:+,=")
    while text.endswith(("(", ")")) and text.count("(") != text.count(")"):
        text = text[:-1].rstrip(" -.:+,=")
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


# --------------------------------------------------------------------------------------------------- words as data
@cache
def _habits() -> Any:
    return lists.load("phones/habits.yml")


@cache
def _words(kind: str) -> frozenset[str]:
    """Labels (folded, with the words between numbers), or the words of a range."""
    habits = _habits()
    if kind == "through":
        return frozenset(word.casefold() for word in habits["through"])
    return frozenset(fold(word) for row in [*habits["labels"], *habits["extension"], habits["and"]] for word in row)


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    habits = _habits()
    if kind == "links":
        return re.compile("|".join(habits["links"]), re.IGNORECASE)
    if kind == "hours":
        words = _either([word for row in habits["hours"] for word in row])
        hour = r"\d{1,2}(?:[:.\-](?:00|15|30|45)(?![\d\-])|(?!\s?[\d(\-:.]))"
        span = r"(?<=\()\s*\d{1,2}(?:[:.]\d\d)?\s?[\-–]\s?\d{1,2}(?:[:.]\d\d)?(?=\s?\)|\s[^\W\d_])"
        return re.compile(rf"(?<!\d)\d{{1,2}}:\d\d(?!\d)|{span}|(?<!\w){words}\s+{hour}", re.IGNORECASE)
    if kind == "separator":
        words = _either([*habits["and"], *habits["through"]])
        return re.compile(rf"([,;/|\\\n\r،؛]+|(?<=[\d)])\s+{words}\s+(?=[+(\d]))", re.IGNORECASE)
    words = _either([word for row in habits["extension"] for word in row])
    return re.compile(
        rf"(?:(?<![^\W\d_]){words}(?![^\W\d_])\.?|(?<=[\d)\s])[xх#*](?=\s?\d))"
        # What looks like a whole number is one: доп. 8 916 123-45-67.
        r"[\s:.№#=]*(?!(?:[\s().\-]*\d){9,11}(?![\s().\-]*\d))(\d{1,7})(?!\d)\)?"
        r"|(?<=\d)(?:,{2,}|[pw])(\d{1,6})(?!\d)",
        re.IGNORECASE,
    )


def _either(words: list[str]) -> str:
    """One pattern of ``words``, the longest first; a look at the first letter saves most tries."""
    first = "".join(sorted({letter for word in words for letter in (word[0].lower(), word[0].upper())}))
    return f"(?=[{first}])(?:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})"
