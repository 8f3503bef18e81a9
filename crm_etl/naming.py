"""Names asked about by a person: taken apart, romanized, compared, as plain dictionaries.

Reads them from the command line or a file; what is known of names lies in :mod:`crm_etl.normalize.names`.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from crm_etl.faults import EncodingFault, Fault, LayoutFault, SourceFault, Where
from crm_etl.normalize import names
from crm_etl.normalize.names import Hints, languages, romanization
from crm_etl.normalize.names.model import Kind

STDIN = "-"
#: Bits from which evidence has these words: odds of 2, 10, 100 and 1000 to one.
_STRENGTH = ((9.97, "very strong"), (6.64, "strong"), (3.32, "some"), (1.0, "weak"), (0.0, "hardly any"))


def texts(given: Sequence[str], path: Path | None, column: str | None) -> list[str]:
    """The names asked about: ``given``, or those of the file at ``path`` (one a line, or ``column`` of a CSV file).

    Raises:
        Fault: no name at all, names and a file both, or a file that is not UTF-8 or has no such column.
    """
    if path is None:
        if column is not None:
            raise Fault("--column without a file", remedy="name the file with --file")
        if not given:
            raise Fault("no name given", remedy="write names after the command, or --file FILE")
        return [_checked(text) for text in given]
    if given:
        raise Fault("names and a file both", remedy="give one of them")
    if column is None:
        return [line.rstrip("\r\n") for line in io.StringIO(_content(path), newline=None) if line.strip()]
    return [cells[0] for cells in _columns(path, (column,))]


def pairs(given: Sequence[str], path: Path | None, columns: tuple[str, str]) -> list[tuple[str, str]]:
    """The pairs of two columns of the CSV file at ``path``.

    Raises:
        Fault: names and a file both, neither of them, or a file that is not UTF-8 or lacks a column.
    """
    if path is None:
        raise Fault("two names are compared", remedy="write LEFT and RIGHT, or --file FILE with pairs")
    if given:
        raise Fault("names and a file both", remedy="give one of them")
    return [(left, right) for left, right in _columns(path, columns)]


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise EncodingFault("a name is not text in UTF-8", remedy="set the terminal to UTF-8") from None
    return text


def _content(path: Path) -> str:
    content = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        where = Where(_called(path), row=row)
        raise EncodingFault("not text in UTF-8", where=where, remedy="save the file as UTF-8") from None


def _called(path: Path) -> str:
    return "standard input" if str(path) == STDIN else str(path)


def _columns(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The cells of the ``wanted`` columns, row by row; short rows have empty ones."""
    where = Where(_called(path))
    content = _content(path)
    header = next(csv.reader([content.split("\n", 1)[0]], delimiter=_delimiter(content)), [])
    missing = [name for name in wanted if name not in header]
    if missing:
        remedy = f"it has the columns {', '.join(header)}" if header else "it is empty: give a CSV file with a header"
        raise LayoutFault(f"no column {', '.join(missing)}", where=where, remedy=remedy)
    rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=_delimiter(content))
    try:
        yield from (tuple(row[name] or "" for name in wanted) for row in rows)
    except csv.Error as error:
        where = Where(_called(path), row=rows.line_num)
        raise SourceFault(f"not a CSV file: {error}", where=where, remedy="mend the row") from None


def _delimiter(content: str) -> str:
    """The commonest of the usual separators in the header."""
    header = content.split("\n", 1)[0]
    return max((",", ";", "\t"), key=header.count)


def _known(*codes: str | None) -> None:
    known = languages.table()
    for code in codes:
        if code is not None and code not in known:
            raise Fault(f"unknown language '{code}'", remedy=f"give one of {', '.join(known)}")


def parsed(found: Iterable[str], kind: str | None, language: str | None, sex: str | None) -> dict[str, Any]:
    """Each name with its parts; those that it has not are None."""
    _known(language)
    hints = Hints(kind=cast("Kind | None", kind), language=language, sex=sex)
    return {"names": [{"text": text, **asdict(names.parse(text, hints))} for text in found]}


def romanized(found: Iterable[str], language: str | None, standard: str | None) -> dict[str, Any]:
    """Each name in Latin letters.

    Raises:
        Fault: the language or the standard is unknown.
    """
    _known(language)
    try:
        return {"names": [{"text": text, "latin": names.romanize(text, language, standard)} for text in found]}
    except ValueError as error:
        raise Fault(str(error), remedy="see them all with: crm-etl names romanize --standards") from None


def standards(language: str | None) -> dict[str, Any]:
    """The standards of ``language``, or of all; the first of each language is its default."""
    _known(language)
    found = []
    for code, group in groupby(romanization.standards(), key=lambda one: one.language):
        for place, one in enumerate(group):
            if language in (None, code):
                row = {"language": code, "standard": one.name, "default": place == 0}
                found.append({**row, "title": one.title, "source": one.source})
    return {"standards": found}


def compared(
    found: Sequence[tuple[str, str]], kind: str | None, left_lang: str | None, right_lang: str | None
) -> dict[str, Any]:
    """The score of each pair, and what it means."""
    _known(left_lang, right_lang)
    left, right = [pair[0] for pair in found], [pair[1] for pair in found]
    kinds = [kind or kind_of(*pair) for pair in found]
    languages_of = [left_lang] * len(found), [right_lang] * len(found)
    scores = names.score_pairs(left, right, kinds, *languages_of).tolist()
    rows = zip(left, right, kinds, scores, strict=True)
    return {"pairs": [{"left": a, "right": b, "kind": of, **meaning(bits)} for a, b, of, bits in rows]}


def explained(left: str, right: str, kind: str | None, left_lang: str | None, right_lang: str | None) -> dict[str, Any]:
    """One pair: its score, what it means, which word met which by what rule, and which stayed alone."""
    _known(left_lang, right_lang)
    left, right = _checked(left), _checked(right)
    kind = kind or kind_of(left, right)
    why = names.explain_pair(left, right, kind, left_lang, right_lang)
    return {
        "left": left,
        "right": right,
        "kind": kind,
        **meaning(why.score),
        "meetings": [asdict(meeting) for meeting in why.meetings],
        "alone": [asdict(alone) for alone in why.alone],
        "remarks": list(why.remarks),
    }


def kind_of(left: str, right: str) -> str:
    """An organization where either name is one by its own words, else a person."""
    kinds = {names.parse(text).kind for text in (left, right)}
    return "organization" if "organization" in kinds else "person"


def meaning(bits: float) -> dict[str, Any]:
    """``bits`` of evidence, and the same in odds and words."""
    from crm_etl.normalize.names import similarity  # compiled: only who compares waits for it

    strength = next(word for least, word in _STRENGTH if abs(bits) >= least)
    side = "for" if bits >= 0 else "against"
    odds = float(f"{2 ** min(abs(bits), 1000):.3g}")
    words = f"{strength} evidence {side} one bearer"
    return {"score": bits, "odds": odds, "meaning": words, "alike": bits >= similarity.THRESHOLD}
