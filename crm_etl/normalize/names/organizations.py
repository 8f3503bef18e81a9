"""Names of organizations: the legal form as a class, and the name proper without form, branch and quotes."""

from __future__ import annotations

import re
from functools import lru_cache

from crm_etl.normalize.names import languages
from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import ZWNJ, clean, fold

_QUOTED = re.compile(r"[«“„\"‹](?P<name>[^«»“”„\"‹›]{2,})[»”“\"›]")
_QUOTES = re.compile(r"[«»“”„\"‹›]|(?<!\w)['’]|['’](?!\w)")
_WORD = "филиал|філія|обособленное подразделение|представительство|branch|شعبه|نمایندگی"
#: What says that a branch is meant: in brackets; after a comma or dash, the place before or after the word; after a
#: blank, where the word can be no part of the name; and an English branch only behind a legal form (Olive Branch LLC).
_BRANCH = re.compile(
    rf"\s*[(\[][^)\]]{{0,80}}(?:{_WORD}|отдел)[^)\]]{{0,80}}[)\]]"
    rf"|\s*(?:,|\s[–—-]\s)\s*(?:[^\W\d_][^,«»\"]{{0,60}}\s)?(?:{_WORD})\b[^«»\"]*$"
    r"|\s+(?:[\w-]+(?:ский|ський|ська|ское|ське|ний|ный)\s+)?"
    r"(?:филиал|філія|обособленное подразделение|представительство|شعبه|نمایندگی)\b.*$"
    r"|(?<=[\s.](?:LLC|LTD|INC|JSC|PLC))\.?\s+(?:[^\W\d_]+\s){0,3}branch\b.*$"
    r"|^(?:филиал|філія|представительство)\s+(?=[А-ЯІЇЄҐ]{2,4}\s|[«„\"])"
    r"|^(?:شعبه|نمایندگی)\s+(?:\S+\s+){1,2}(?=(?:شرکت|بانک|موسسه|مؤسسه)\s)",
    re.IGNORECASE,
)
_LONGEST = 6
#: Forms so short that they are also words or initials: they count only in capitals, or beside quotes.
_SHORT = 2


@lru_cache(maxsize=50_000)
def legal_form(text: str) -> tuple[str | None, str]:
    """The canonical class of the legal form in ``text`` (None if there is none), and ``text`` without it.

    Forms stand before or after the name; several may (شرکت … سهامی خاص): the most telling one decides.
    """
    words = text.split(" ")
    found: list[str] = []
    while len(words) > 1:
        size, kind, front = _edge(words)
        if size == 0 or kind is None or size >= len(words):
            break
        found.append(kind)
        words = words[size:] if front else words[:-size]
    telling = [kind for kind in found if kind != "company"] or found
    return (telling[0] if telling else None), " ".join(words).strip(" ,;-–—")


def _edge(words: list[str]) -> tuple[int, str | None, bool]:
    """Length and class of the longest legal form at an edge of ``words``, and whether it stands in front."""
    forms, edges = languages.legal_forms(), languages.legal_edges()
    if not edges.intersection((*fold(words[0]).split()[:1], *fold(words[-1]).split()[-1:])):
        return 0, None, False
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        for front in (True, False):
            piece = words[:size] if front else words[-size:]
            folded = fold(" ".join(piece))
            kind = forms.get(folded)
            if kind is not None and _plausible(" ".join(piece), folded, words, front):
                return size, kind, front
    return 0, None, False


def _plausible(piece: str, folded: str, words: list[str], front: bool) -> bool:
    bare = piece.strip(".,")
    if folded in _NAMELIKE and bare.istitle():
        return False
    if len(folded) > _SHORT or (not folded.isascii() and (bare.isupper() or not _has_case(bare))):
        return True
    # ИП, АО, AG, SA, Co …: in front only in capitals, at the end after a name.
    return bare.isupper() or (not front and bare[:1].isupper())


#: Forms that are also names of people where only their first letter is a capital (Pat Smith, Олег Тов).
_NAMELIKE = frozenset(
    [
        *("pat", "zao", "prat", "tov", "too", "oy", "ab", "ad", "se", "sa", "ag", "sia"),
        *("прат", "тов", "пат", "ват", "зат", "тоо", "фоп", "дп", "ат"),
    ]
)


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def looks_like(text: str, language: languages.Language) -> bool:
    """Whether ``text`` reads as an organization: it has a legal form, quotes around a name, or such a word."""
    if legal_form(_QUOTES.sub("", _BRANCH.sub("", text) or text))[0] is not None:
        return True
    words = fold(text).split()
    return len(words) > 0 and any(word in language.organization_words for word in words)


def parse(text: str, script: str, language: languages.Language, notes: tuple[str, ...]) -> Name:
    """The organization that ``text`` (cleaned) names."""
    body = _BRANCH.sub("", text) or text
    kind, rest = legal_form(clean(_QUOTES.sub(" ", body)) or body)
    core = rest
    quoted = _QUOTED.search(body)
    if quoted is not None:
        inner = legal_form(clean(_QUOTES.sub(" ", quoted["name"])))
        core = inner[1] or core
        kind = kind or inner[0] or legal_form(clean(_QUOTED.sub(" Х ", body)))[0]
    core = clean(core) or text
    return Name(
        kind="organization",
        script=script,
        language=language.code if script != "Zyyy" else None,
        native=text,
        latin=_display(romanize(clean(_QUOTES.sub(" ", text)), language.code)),
        legal_form=kind,
        org_name=core,
        org_latin=fold(romanize(core.replace(ZWNJ, ""), language.code)) or None,
        ordered=True,
        notes=notes,
    )


def _display(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def sole_trader(text: str) -> str | None:
    """The person's name in the name of a sole trader (ИП Иванов И. И.), None if ``text`` names no sole trader."""
    kind, rest = legal_form(clean(_QUOTES.sub(" ", text)))
    return rest if kind == "sole_trader" and 2 <= len(rest.replace(".", ". ").split()) <= 5 else None
