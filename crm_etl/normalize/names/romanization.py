"""Any text in Latin letters: each word by a standard of its language. Total, deterministic, idempotent.

The rules are data: ``languages/<code>.yml`` declares the standards of a language, the first of them the default.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter

from crm_etl.normalize.names import languages
from crm_etl.normalize.names.languages import Standard, detection, latin
from crm_etl.normalize.text import clean, digits, script, script_of

#: A word for the romanizers: letters, digits, marks (Arabic vowel marks among them), inner apostrophes and ZWNJ.
_WORD = re.compile(r"[^\W_][\w'’ʼ`\u200c\u0300-\u036f\u064b-\u065f\u0670]*")
#: Stress marks, which dictionaries set and no alphabet here has.
_STRESS = str.maketrans("", "", "\u0300\u0301")

#: عبد الله is one name, though Arabs write it in two words.
_SERVANT = re.compile(r"(?<!\w)(عبد) (ال\w{2})")

guess_language = detection.guess


@lru_cache(maxsize=200_000)
def romanize(text: str, language: str | None = None, standard: str | None = None) -> str:
    """``text`` in lower-case Latin letters; what no known script holds stays as it is.

    ``language`` (ISO 639-1) decides where scripts are shared: ``г`` is g in Russian and h in Ukrainian. ``standard``
    is the name of one of :func:`standards`; words of a language that has no such standard follow their default one.
    Raises :class:`ValueError` for a standard that nobody, or the language asked for, has.
    """
    if standard is not None:
        language = _speaker(standard, language)
    cleaned = _SERVANT.sub(r"\1\2", digits(clean(text)))
    if language is None:
        code = script(cleaned)
        language = detection.guess(cleaned, code) if code == "Cyrl" else None
    written = _WORD.sub(lambda match: word(match.group(), language, standard), cleaned)
    return clean(written if _keeps_marks(standard) else latin.romanize(written))


@lru_cache(maxsize=500_000)
def word(text: str, language: str | None = None, standard: str | None = None) -> str:
    """One word romanized."""
    marked = _keeps_marks(standard)
    code = script(text)
    if code == "Latn" and text.isascii():
        return text.lower()
    written = _by(text, code, language, standard)
    if not written.isascii():
        # Letters that the standard of the word's main script has not: by their own script, then without their marks.
        written = "".join(_by(part, script(part), language, standard) for part in _runs(written))
    if not written.isascii():
        written = "".join(_by(_bare(part), script(part), language, standard) for part in _runs(written))
    return unicodedata.normalize("NFC", written) if marked else latin.romanize(written)


def _by(text: str, code: str, language: str | None, standard: str | None) -> str:
    if code in ("Latn", "Zyyy"):
        return text.casefold()
    spoken = languages.language(language, code)
    chosen = spoken.standards.get(standard or "", spoken.standard)
    return chosen.romanize(text if text.isalpha() or code != "Cyrl" else text.translate(_STRESS))


def _bare(part: str) -> str:
    """``part`` without marks on its letters, unless it is in Latin letters already."""
    if script(part) in ("Latn", "Zyyy"):
        return part
    bare = "".join(sign for sign in unicodedata.normalize("NFD", part) if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare)


def _runs(text: str) -> list[str]:
    """``text`` in pieces of one script each; what has no script goes with the letter before it."""
    scripts: list[str] = []
    for letter in text:
        own = script_of(letter)
        scripts.append(scripts[-1] if own == "Zyyy" and scripts else own)
    runs = groupby(zip(text, scripts, strict=True), key=itemgetter(1))
    return ["".join(letter for letter, _ in run) for _, run in runs]


@cache
def standards() -> tuple[Standard, ...]:
    """Every standard that a language here can be written by; of each language the default one first."""
    return tuple(one for spoken in languages.table().values() for one in spoken.standards.values())


def _speaker(standard: str, language: str | None) -> str | None:
    """The language that ``standard`` is for: ``language``, else the only one that has it, else None."""
    known = languages.table().get(language or "")
    if known is not None:
        if standard not in known.standards:
            raise ValueError(f"{known.name} has no standard {standard!r}; it has {', '.join(known.standards)}")
        return language
    speakers = [one.language for one in standards() if one.name == standard]
    if not speakers:
        names = sorted({one.name for one in standards()})
        raise ValueError(f"there is no standard {standard!r}; there are {', '.join(names)}")
    return language or (speakers[0] if len(speakers) == 1 else None)


@cache
def _keeps_marks(standard: str | None) -> bool:
    """Whether ``standard`` writes marks on Latin letters, so that they stay."""
    return standard is not None and any(one.name == standard and not one.is_ascii for one in standards())


def __getattr__(name: str) -> tuple[Standard, ...]:
    """``STANDARDS``, made when it is first asked for: the languages' files are not read at import."""
    if name == "STANDARDS":
        return standards()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
