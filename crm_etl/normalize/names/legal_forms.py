"""Legal forms of organizations in the three worlds: recognised at either end of a name, and in brackets.

The forms and their canonical classes are data, ``languages/legal_forms.yml``. What else an organization's name
consists of is the matter of :mod:`.organizations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain

from crm_etl.normalize import lists
from crm_etl.normalize.names import romanization
from crm_etl.normalize.names.lexicon import loose
from crm_etl.normalize.text import fold, script_of

#: What a form may have between its words besides: «GmbH & Co. KG».
_SIGNS = 1
#: Words of the longest form looked for behind or before a word without letters, like «& Co».
_LONGEST_BARE = 5
#: Forms so short that they are also words or initials: they count only in capitals, or beside quotes.
_SHORT = 2
#: Spelled-out Cyrillic forms of so many letters are also known romanized.
_SPELLED_OUT = 12
_BRACKETED = re.compile(r"\s*[(\[]\s*([^()\[\]]{1,90}?)\s*[)\]]")
#: Letters with a dot each: О.О.О., L.L.C.
_DOTTED = re.compile(r"(?<![\w.])(?:[^\W\d_]\.){2,5}[^\W\d_]?(?![\w])")
_EDGE = " ,;:-–—/"
#: Forms that are also names of people where only their first letter is a capital (Pat Smith, Олег Тов).
_NAMELIKE = frozenset(
    [
        *("pat", "zao", "prat", "tov", "too", "oy", "ab", "ad", "se", "sa", "ag", "sia", "asa", "spa", "vat", "mac"),
        *("zat", "ano", "nao", "at", "as", "est", "sal", "ead", "jdg", "fop", "eg", "oso", "odo", "cv", "bt", "co"),
        *("прат", "осбб", "стов"),
    ]
)
#: The same is true of all Cyrillic ones of so many letters (Жак, Ру, Тов) but these.
_BRIEF = 3
_NEVER_NAMES = frozenset(["ооо", "оао", "зао", "пао"])
_WEAKEST = "company"


@cache
def forms() -> Mapping[str, str]:
    """Folded legal form -> canonical class."""
    return {fold(form): kind for kind, form in _entries()}


@cache
def _romanized() -> Mapping[str, str]:
    """Spelled-out Cyrillic forms in loose Latin letters -> canonical class."""
    long = ((kind, fold(form)) for kind, form in _entries() if len(form) >= _SPELLED_OUT)
    return {_loosely(form): kind for kind, form in long if script_of(form[0]) == "Cyrl"}


def _entries() -> Iterator[tuple[str, str]]:
    document: Mapping[str, list[list[str]]] = lists.load("names/languages/legal_forms.yml")
    return ((kind, str(form)) for kind, groups in document.items() for group in groups for form in group)


def _loosely(text: str) -> str:
    return " ".join(loose(word) for word in romanization.romanize(text, "ru").split())


@cache
def _edges() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """First words of all forms, and last words, with the words of the longest form that has them there. Those of
    romanized forms are loose. A name that neither begins nor ends with one has no form."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for form in chain(forms(), _romanized()):
        words = form.split()
        first[words[0]] = max(first.get(words[0], 0), len(words) + _SIGNS)
        last[words[-1]] = max(last.get(words[-1], 0), len(words) + _SIGNS)
    return first, last


@cache
def edges() -> frozenset[str]:
    """First and last words of all legal forms, as they are spelled: no other word begins or ends one."""
    return frozenset(word for form in forms() for word in (form.split()[0], form.split()[-1]))


@lru_cache(maxsize=100_000)
def split(text: str) -> tuple[tuple[str, ...], str]:
    """The canonical classes of the legal forms of ``text`` as they are met, and ``text`` without them.

    Forms stand before or after the name, in brackets, after a comma; several may. A name is never taken away whole.
    """
    found: list[str] = []
    text = _without_brackets(_undotted(text), found)
    words = text.split(" ")
    while len(words) > 1:
        size, kind, front = _edge(words)
        if kind is None:
            break
        found.append(kind)
        words = words[size:] if front else words[:-size]
    return tuple(found), " ".join(words).strip(_EDGE)


def telling(kinds: tuple[str, ...]) -> str | None:
    """The class that says most of several: the first that is more than *company*."""
    return next((kind for kind in kinds if kind != _WEAKEST), kinds[0] if kinds else None)


def _undotted(text: str) -> str:
    """Forms written with dots joined: О.О.О. is ООО. Initials, and whatever is no form, stay."""
    return text if "." not in text else _DOTTED.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    letters = match.group().replace(".", "")
    return letters if len(letters) > _SHORT and letters.isupper() and fold(letters) in forms() else match.group()


def _without_brackets(text: str, found: list[str]) -> str:
    if "(" not in text and "[" not in text:
        return text
    for match in reversed(list(_BRACKETED.finditer(text))):
        kind = forms().get(fold(match[1]))
        rest = f"{text[: match.start()]} {text[match.end() :]}".strip()
        if kind is not None and rest:
            found.append(kind)
            text = " ".join(rest.split(" "))
    return text


def _edge(words: list[str]) -> tuple[int, str | None, bool]:
    """Length and class of the longest legal form at an edge of ``words``, and whether it stands in front."""
    most = (_most(words[0], front=True), _most(words[-1], front=False))
    for size in range(min(max(most), len(words) - 1), 0, -1):
        for front in (True, False):
            if size <= most[0 if front else 1]:
                piece = " ".join(words[:size] if front else words[-size:])
                kind = _kind(piece, front)
                if kind is not None:
                    return size, kind, front
    return 0, None, False


@lru_cache(maxsize=200_000)
def _most(word: str, *, front: bool) -> int:
    """Words of the longest form that begins (``front``) or ends with ``word``."""
    parts = fold(word).split()
    if not parts:
        return _LONGEST_BARE
    edge, known = (parts[0], _edges()[0]) if front else (parts[-1], _edges()[1])
    return max(known.get(edge, 0), known.get(loose(edge), 0) if edge.isascii() else 0)


def _kind(piece: str, front: bool) -> str | None:
    folded = fold(piece)
    kind = forms().get(folded)
    if kind is not None:
        return kind if _plausible(piece, folded, front) else None
    if len(folded) < _SPELLED_OUT or not folded.isascii():
        return None
    return _romanized().get(" ".join(loose(word) for word in folded.split()))


def _plausible(piece: str, folded: str, front: bool) -> bool:
    bare = piece.strip("., «»\"“”„'‘’")
    if bare.istitle() and (folded in _NAMELIKE or _is_brief(folded)):
        return False
    if len(folded) > _SHORT or (not folded.isascii() and (bare.isupper() or bare.lower() == bare.upper())):
        return True
    # ИП, АО, AG, SA, Co …: in front only in capitals, at the end after a name.
    return bare.isupper() or (not front and bare[:1].isupper())


def _is_brief(folded: str) -> bool:
    return len(folded) <= _BRIEF and folded not in _NEVER_NAMES and script_of(folded[0]) == "Cyrl"
