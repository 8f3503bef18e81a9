"""Names of persons: which word is the given name, the patronymic, the family name.

The order is taken from what is certain first: columns, a comma, a patronymic, capitals, initials, known given
names, surname endings; the habit of the script decides last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_etl.normalize.names.gender import masculine, sex_of
from crm_etl.normalize.names.languages import Language
from crm_etl.normalize.names.languages.fa import is_ending, split_given
from crm_etl.normalize.names.model import Hints, Name
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import ZWNJ, clean, fold

_NICKNAME = re.compile(r"[(\[«“„\"][^()\[\]«»“”„\"]*[)\]»”“\"]")
_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_])\.\s*(?=[^\W\d_])")
_INITIAL = re.compile(r"[^\W\d_]\.?")
_LETTERS = re.compile(r"[^\W\d_]+")
_STRAY = re.compile(r"[«»“”„\"()\[\]{}<>*#;:!?=+|/\\]+")
_PATRONYMIC = re.compile(
    r"(?:ович|евич|ёвич|йович|ійович|овіч|евіч|авіч|овна|евна|ёвна|івна|ївна|аўна|еўна|инична|ична|"
    r"\w{3}[иы]вна|\w{3}yvna|"
    r"ильич|ілліч|кузьмич|кузьмич|лукич|фомич|никитич|саввич|лукіч|фоміч|"
    r"ovich|evich|ovych|evych|iovych|avich|ovitch|evitch|owitsch|ewitsch|ovič|evič|ovyč|"
    r"ovna|evna|ivna|yevna|ouna|auna|euna|inichna|ichna)$"
)
_SON_OF = frozenset(
    {"оглы", "оглу", "кызы", "улы", "уулу", "угли", "огли", "кизи", "ogly", "oglu", "oghlu", "kyzy", "qizi", "kizi"}
)


@dataclass
class _Parts:
    given: list[str] = field(default_factory=list)
    patronymic: list[str] = field(default_factory=list)
    family: list[str] = field(default_factory=list)
    ordered: bool = False


def parse(text: str, script: str, language: Language, hints: Hints, notes: tuple[str, ...]) -> Name:
    """The person that ``text`` (cleaned) names."""
    nickname = " ".join(clean(match.strip('()[]«»“”„" ')) for match in _NICKNAME.findall(text)) or None
    bare = clean(_NICKNAME.sub(" ", text)) or text
    words, honorific, suffix = _strip(_words(bare), language)
    if hints.given is not None or hints.family is not None:
        parts = _from_columns(hints, language)
    else:
        parts = _order(words, language, hints)
    sex = hints.sex or sex_of(parts.given, parts.patronymic, honorific, language)
    shown = _displayed(words, language)
    given, patronymic, family = (_shown(part) for part in (parts.given, parts.patronymic, parts.family))
    code = language.code
    return Name(
        kind="person",
        script=script,
        language=code if script != "Zyyy" else None,
        native=" ".join(shown) or None,
        latin=_titled(romanize(" ".join(shown), code)) or None,
        given=given,
        patronymic=patronymic,
        family=family,
        given_latin=_latin(given, code),
        patronymic_latin=_latin(patronymic, code),
        family_latin=None if family is None else _latin(masculine(family, sex, language.code), code),
        honorific=" ".join(honorific) or None,
        suffix=suffix,
        nickname=nickname or None,
        sex=sex,
        ordered=parts.ordered,
        notes=notes,
    )


def _displayed(words: list[str], language: Language) -> list[str]:
    """``words`` as they are shown: without the comma, and without a title that only the comma had hidden."""
    shown = [_cased(word) for word in words if word != ","]
    if "," not in words:
        return shown
    bare = _strip(_words(" ".join(shown)), language)[0]
    return shown if bare == shown else _displayed([*bare, ","], language)


def _words(text: str) -> list[str]:
    """Words of ``text``; a comma that splits a surname off is a word of its own, initials stand apart."""
    text = _INITIALS.sub(r"\1. ", text.replace("،", ","))
    text = _STRAY.sub(" ", text)
    head, comma, tail = text.partition(",")
    if comma and clean(head.strip(" ,")) and clean(tail.strip(" ,")):
        return [*clean(head).split(), ",", *clean(tail.replace(",", " ")).split()]
    return clean(text.replace(",", " ")).split()


def _strip(words: list[str], language: Language) -> tuple[list[str], list[str], str | None]:
    """``words`` without titles at either end and the suffix, those titles, and the suffix."""
    titles: list[str] = []
    suffix = None
    changed = True
    while changed and len(words) > 1:
        changed = False
        words = _uncomma(words)
        for size in (2, 1):
            if len(words) > size and _is_title(words, size, language):
                titles.extend(words[:size])
                words, changed = words[size:], True
                break
        if not changed and len(words) > 2 and fold(words[-1]) in language.titles - language.soft_titles:
            titles.append(words[-1])
            words, changed = words[:-1], True
        if not changed and len(words) > 2 and _is_suffix(words[-1], language):
            suffix, words, changed = words[-1], words[:-1], True
    return _uncomma(words), titles, suffix


def _uncomma(words: list[str]) -> list[str]:
    """``words`` without commas at the ends, where they part nothing."""
    while words and words[0] == ",":
        words = words[1:]
    while words and words[-1] == ",":
        words = words[:-1]
    return words


def _is_title(words: list[str], size: int, language: Language) -> bool:
    word = fold(" ".join(words[:size]))
    if word not in language.titles or "," in words[:size]:
        return False
    return word not in language.soft_titles or len(words) > size + 1


def _is_suffix(word: str, language: Language) -> bool:
    return fold(word) in language.suffixes and ("." in word or len(word.strip(".")) > 1)


def _from_columns(hints: Hints, language: Language) -> _Parts:
    def words(part: str | None) -> list[str]:
        return [] if part is None else [word for word in _words(part) if word != ","]

    given, _, _ = _strip(words(hints.given), language)
    family, _, _ = _strip(words(hints.family), language)
    patronymic = words(hints.patronymic)
    if not patronymic and len(given) == 2 and _is_patronymic(given[1]):
        given, patronymic = given[:1], given[1:]
    if not given and len(family) > 1:
        return _order(family, language, hints)
    if not family and len(given) > 1:
        return _order(given, language, hints)
    return _Parts(given, patronymic, family, ordered=True)


def _order(words: Sequence[str], language: Language, hints: Hints) -> _Parts:
    if "," in words:
        at = list(words).index(",")
        given, patronymic = _split_patronymic([word for word in words[at + 1 :] if word != ","])
        return _Parts(given, patronymic, list(words[:at]), ordered=True)
    words = list(words)
    if len(words) < 2:
        known = bool(words) and fold(words[0]) in language.given
        return _Parts(given=words, ordered=True) if known else _Parts(family=words)
    return (
        _by_capitals(words)
        or _by_patronymic(words, language)
        or _by_initials(words)
        or _by_given(words, language)
        or _by_ending(words, language)
        or _by_habit(words, language)
    )


def _split_patronymic(words: list[str]) -> tuple[list[str], list[str]]:
    if len(words) > 1 and fold(words[-1]) in _SON_OF:
        return words[:-2], words[-2:]
    if len(words) > 1 and _is_patronymic(words[-1]):
        return words[:-1], words[-1:]
    return words, []


def _is_patronymic(word: str) -> bool:
    return len(word) > 4 and _PATRONYMIC.search(word.casefold().rstrip(".")) is not None


def _by_patronymic(words: list[str], language: Language) -> _Parts | None:
    if len(words) > 2 and fold(words[-1]) in _SON_OF:
        return _Parts(words[-3:-2], words[-2:], words[:-3], ordered=True)
    last = len(words) - 1
    places = [place for place in range(1, len(words)) if _is_patronymic(words[place])]
    if len(words) == 2 and places:
        surname = fold(words[1]) in language.not_patronymics or fold(words[0]) not in language.given
        return None if surname else _Parts(words[:1], words[1:], [], ordered=True)
    if not places or len(words) < 3:
        return None
    place = places[-1]
    if place == last and last - 1 in places and fold(words[0]) in language.given:
        place = last - 1
    if place == 1 and last == 2 and _is_given(words[2], language) and not _is_given(words[0], language):
        return _Parts(words[2:], words[1:2], words[:1], ordered=True)
    if place == last:
        return _Parts(words[last - 1 : last], words[last:], words[: last - 1], ordered=True)
    return _Parts(words[:place], words[place : place + 1], words[place + 1 :], ordered=True)


def _by_initials(words: list[str]) -> _Parts | None:
    flags = [_INITIAL.fullmatch(word) is not None for word in words]
    count = sum(flags)
    if not 0 < count < len(words):
        return None
    initials = [word for word, flag in zip(words, flags, strict=True) if flag]
    rest = [word for word, flag in zip(words, flags, strict=True) if not flag]
    if all(flags[:count]) or all(flags[-count:]):
        if len(rest) > 1 and all(flags[:count]):
            return None
        return _Parts(initials[:1], initials[1:], rest, ordered=True)
    return None


def _by_capitals(words: list[str]) -> _Parts | None:
    flags = [len(word.strip(".")) > 1 and word.isupper() for word in words]
    family = [word for word, flag in zip(words, flags, strict=True) if flag]
    given = [word for word, flag in zip(words, flags, strict=True) if not flag]
    if not family or not given or not all(word[:1].isupper() and word.strip(".")[1:] for word in given):
        return None
    given, patronymic = _split_patronymic(given)
    return _Parts(given, patronymic, family, ordered=True)


def _by_given(words: list[str], language: Language) -> _Parts | None:
    """Known given names in front, or one at the end of two words."""
    if language.code == "fa":
        words = _compounded(words, language)
        lead = 0
        while lead < len(words) - 1 and any(part in language.given for part in split_given(words[lead])):
            if lead and is_ending(words[lead + 1]):
                break  # مریم حسین زاده: her surname is حسین‌زاده, written in two words
            lead += 1
        if lead:
            return _Parts(words[:lead], [], words[lead:], ordered=True)
        if len(words) == 2 and fold(words[1]) in language.given and fold(words[0]).endswith(_PERSIAN_SURNAME):
            return _Parts(words[1:], [], words[:1])
        return None
    first, last = _is_given(words[0], language), _is_given(words[-1], language)
    if first and not last:
        return _western(words, language, ordered=True)
    if last and not first:
        return _Parts(words[-1:], [], words[:-1], ordered=len(words) == 2)
    return None


#: Ends of surnames by which حسینی محمد is seen to have his surname in front.
_PERSIAN_SURNAME = ("ی", "زاده", "پور", "نژاد", "نیا", "یان", "وند")


def _compounded(words: list[str], language: Language) -> list[str]:
    """``words`` with Arabic given names that were written in two (عبد الله, ابو الفضل) in one."""
    for at in range(len(words) - 2):
        joined = words[at] + words[at + 1]
        if words[at + 1].startswith("ال") and fold(joined) in language.given:
            return [*words[:at], joined, *_compounded(words[at + 2 :], language)]
    return words


def _is_given(word: str, language: Language) -> bool:
    folded = fold(word)
    return folded in language.given or folded in language.diminutives or folded.split(" ")[0] in language.given


def _by_ending(words: list[str], language: Language) -> _Parts | None:
    if len(words) != 2 or not language.surname_endings:
        return None
    first, last = (word.casefold().endswith(language.surname_endings) for word in words)
    if first and not last:
        return _Parts(words[1:], [], words[:1])
    return None


def _by_habit(words: list[str], language: Language) -> _Parts:
    if language.code == "fa":
        return _Parts(words[:1], [], words[1:])
    return _western(words, language, ordered=False)


def _western(words: list[str], language: Language, *, ordered: bool) -> _Parts:
    """Given names, then the family name with its particles (van der Berg)."""
    at = len(words) - 1
    while at > 1 and fold(words[at - 1]) in language.particles:
        at -= 1
    return _Parts(words[:at], [], words[at:], ordered=ordered)


def _cased(word: str) -> str:
    """``word`` with a capital first letter where it is all capitals or all small; else as it is."""
    if len(word) < 2 or not (word.isupper() or word.islower()):
        return word
    if word.islower() and (len(word) <= 3 or fold(word) in _SON_OF):
        return word
    return _LETTERS.sub(lambda match: match.group().capitalize(), word)


def _shown(words: list[str]) -> str | None:
    return " ".join(_cased(word) for word in words).strip(f"{ZWNJ} ") or None


def _latin(text: str | None, code: str) -> str | None:
    return None if text is None else clean(romanize(text, code).replace(".", " ")) or None


def _titled(text: str) -> str:
    return _LETTERS.sub(lambda match: match.group()[:1].upper() + match.group()[1:], text)
