"""Names of organizations taken apart: legal form, name proper, branch, city, number, abbreviation, other names.

Legal forms are recognised by :mod:`.legal_forms`; what the words of the name proper mean is known to :mod:`.lexicon`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_etl.normalize.names import languages, legal_forms, lexicon
from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import ZWNJ, clean, digits, fold

_QUOTES = re.compile(r"[«»“”„‟\"‹›「」『』〈〉《》]|(?<!\w)['’‘‚‛`´]+|['’‘‚‛`´]+(?!\w)")
_QUOTE = re.compile("[«»“”„‟\"‹›「」『』〈〉《》'’‘‚‛`´]")
_WORD = (
    "филиала?|філі[яії]|обособленное подразделение|відокремлений підрозділ|представительство|представництво|филиалы"
    "|branch(?: office)?|representative office|شعبه|نمایندگی|فرع"
)
#: What says that a branch is meant: in brackets; after a comma or dash, the place before or after the word; after a
#: blank, where the word can be no part of the name; and an English branch only behind a legal form (Olive Branch LLC).
_BRANCH = re.compile(
    rf"\s*[(\[](?P<bracketed>[^()\[\]]{{0,80}}(?:{_WORD}|отдел|відділення|отделение)[^()\[\]]{{0,80}})[)\]]"
    rf"|\s*(?:,|\s[–—-]\s)\s*(?P<aside>(?:[^\W\d_][^,«»\"]{{0,60}}\s)?(?:{_WORD})\b[^«»\"]*)$"
    r"|\s+(?P<behind>(?:[\w-]+(?:ский|ський|ська|ское|ське|ний|ный)\s+)?"
    r"(?:филиал|філія|обособленное подразделение|відокремлений підрозділ|представительство|представництво|شعبه"
    r"|نمایندگی)\b.*)$"
    r"|(?<=[\s.](?:LLC|LTD|INC|JSC|PLC))\.?\s+(?P<english>(?:[^\W\d_]+\s){0,3}branch\b.*)$"
    r"|^(?P<before>филиал|філія|представительство|представництво)\s+(?=[А-ЯІЇЄҐ]{2,4}\s|[«„\"])"
    r"|^(?P<persian>(?:شعبه|نمایندگی)\s+(?:\S+\s+){1,2})(?=(?:شرکت|بانک|موسسه|مؤسسه)\s)",
    re.IGNORECASE,
)
#: One of these stands wherever a branch is meant.
_BRANCH_HINTS = (
    *("филиал", "філі", "подразделени", "підрозділ", "представ", "отдел", "відділення"),
    *("branch", "office", "شعبه", "نمایندگی", "فرع"),
)
_NUMBER = re.compile(
    r"(?:№|#|\bN[oо]?[.º°]?|\bNr\.?|\bnumber|\bномер|شماره)\s*(?P<sign>\d{1,6}(?:[-/]\d{1,4})?)(?!\w)", re.IGNORECASE
)
_TOWN_SIGN = re.compile(r"[ГгМмор]\.|[Гг]ород|[Мм]іст[оіа]")
_TOWN = r"[А-ЯІЇЄҐ][\w’'ʼ]+(?:[- ][А-ЯІЇЄҐ][\w’'ʼ]+)*(?:-на-[А-ЯІЇЄҐ]\w+)?"
_CITY = re.compile(rf"(?:^|[\s,(«\"])(?:(?:г|гор|м)\.\s*|(?:город[ае]?|міст[оіа])\s+)(?P<city>{_TOWN})")
_DIGIT = re.compile(r"\d")
_SEAT = re.compile(rf"(?:,\s*|\s+[ву]\s+|\s+)(?:(?:г|гор|м)\.\s*|(?:город[ае]?|міст[оіа])\s+)(?:{_TOWN})$")
_BRACKETS = re.compile(r"\s*[(\[](?P<inner>[^()\[\]]{1,120})(?:[)\]]|$)")
_ABBREVIATION = re.compile(r"[^\W\d_a-zа-яіїєґў][\w&./-]{1,11}")
_ALSO = re.compile(
    r"^(?:a\.?\s?k\.?\s?a\.?|f\.?k\.?a\.?|also|formerly|быв(?:ш\w*)?|ранее|колишн\w*|сокр\w*|скор\w*)[.:\s]+",
    re.IGNORECASE,
)
_FEWEST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """What the text of an organization's name consists of, each in its own script."""

    core: str
    kinds: tuple[str, ...] = ()
    branch: str | None = None
    city: str | None = None
    number: str | None = None
    abbreviation: str | None = None
    aliases: tuple[str, ...] = ()


@lru_cache(maxsize=100_000)
def take_apart(text: str) -> Parts:
    """The parts of the organization's name ``text`` (cleaned)."""
    body, branch = _without_branch(text)
    kinds, body = legal_forms.split(body)
    body, asides = _without_asides(body)
    abbreviation = next((aside for aside in asides if _is_abbreviation(aside)), None)
    inner_kinds, core = legal_forms.split(clean(_unquoted(_without_seat(body))) or body)
    number = _NUMBER.search(digits(core)) if _DIGIT.search(core) is not None else None
    city = _CITY.search(branch or text) if _TOWN_SIGN.search(text) is not None else None
    return Parts(
        core=clean(core) or clean(_unquoted(text)) or text,
        kinds=(*kinds, *inner_kinds),
        branch=branch,
        city=None if city is None else city["city"],
        number=None if number is None else number["sign"],
        abbreviation=abbreviation,
        aliases=tuple(aside for aside in asides if aside != abbreviation),
    )


def legal_form(text: str) -> tuple[str | None, str]:
    """The canonical class of the legal form in ``text`` (None if there is none), and ``text`` without it.

    Forms stand before or after the name; several may (شرکت … سهامی خاص): the most telling one decides.
    """
    kinds, rest = legal_forms.split(text)
    return legal_forms.telling(kinds), rest


def looks_like(text: str, language: languages.Language) -> bool:
    """Whether ``text`` reads as an organization: it has a legal form, quotes around a name, or such a word."""
    if legal_form(clean(_unquoted(_without_branch(text)[0])))[0] is not None:
        return True
    words = fold(text).split()
    return any(word in language.organization_words or lexicon.is_body(word) for word in words)


def parse(text: str, script: str, language: languages.Language, notes: tuple[str, ...]) -> Name:
    """The organization that ``text`` (cleaned) names."""
    parts = take_apart(text)
    whole = _unquoted(text) if text == parts.core else clean(_unquoted(text))
    latin = romanize(whole, language.code)
    return Name(
        kind="organization",
        script=script,
        language=language.code if script != "Zyyy" else None,
        native=text,
        latin=_display(latin),
        legal_form=legal_forms.telling(parts.kinds),
        org_name=parts.core,
        org_latin=fold(_core_latin(parts.core, whole, latin, language.code)) or None,
        branch=parts.branch,
        city=parts.city,
        number=parts.number,
        abbreviation=parts.abbreviation,
        aliases=parts.aliases,
        ordered=True,
        notes=notes,
    )


def without_number_signs(text: str) -> str:
    """``text`` with the bare number where it says № 5, No. 5 or شماره ۵."""
    return _NUMBER.sub(r" \g<sign> ", text) if _DIGIT.search(text) is not None else text


def sole_trader(text: str) -> str | None:
    """The person's name in the name of a sole trader (ИП Иванов И. И.), None if ``text`` names no sole trader."""
    kind, rest = legal_form(clean(_unquoted(text)))
    return rest if kind == "sole_trader" and 2 <= len(rest.replace(".", ". ").split()) <= 5 else None


def _without_seat(text: str) -> str:
    """``text`` without the city at its end (в г. Казань)."""
    return text if _TOWN_SIGN.search(text) is None else _SEAT.sub("", text)


def _unquoted(text: str) -> str:
    return text if _QUOTE.search(text) is None else _QUOTES.sub(" ", text)


def _core_latin(core: str, whole: str, latin: str, language: str) -> str:
    return latin if core == whole and ZWNJ not in core else romanize(core.replace(ZWNJ, ""), language)


def _display(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _without_branch(text: str) -> tuple[str, str | None]:
    """``text`` without what says which branch is meant, and that."""
    found = _BRANCH.search(text) if _may_branch(text) else None
    if found is None:
        return text, None
    rest = clean(_BRANCH.sub("", text))
    branch = clean(next((part for part in found.groups() if part is not None), "")).strip(" ,;.")
    return (rest, branch or None) if len(rest) >= _FEWEST_LETTERS else (text, None)


def _may_branch(text: str) -> bool:
    lower = text.casefold()
    return any(hint in lower for hint in _BRANCH_HINTS)


def _without_asides(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` without its brackets, and what stood in them: abbreviations and other names."""
    if "(" not in text and "[" not in text:
        return text, ()
    rest = clean(_BRACKETS.sub(" ", text))
    if len(fold(rest)) < _FEWEST_LETTERS:
        return clean(re.sub(r"[()\[\]]", " ", text)), ()
    asides = (clean(_ALSO.sub("", clean(_unquoted(match["inner"])))) for match in _BRACKETS.finditer(text))
    return rest, tuple(dict.fromkeys(aside for aside in asides if fold(aside)))


def _is_abbreviation(aside: str) -> bool:
    return _ABBREVIATION.fullmatch(aside) is not None and sum(letter.isupper() for letter in aside) > 1
