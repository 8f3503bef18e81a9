"""Sex where a name makes it certain, and surnames in their masculine form."""

from __future__ import annotations

from collections.abc import Sequence

from crm_etl.normalize.names.languages import Language
from crm_etl.normalize.text import fold

_FEMALE_PATRONYMIC = (
    "вна",
    "чна",
    "ўна",
    "кызы",
    "кизи",
    "vna",
    "chna",
    "ouna",
    "auna",
    "euna",
    "kyzy",
    "qizi",
    "kizi",
)
#: Feminine ending -> masculine; the first that fits. Those of the second table count only for a known woman:
#: Сова and Глина are surnames of men too.
_SURE = {
    "ская": "ский", "цкая": "цкий", "ська": "ський", "цька": "цький", "зька": "зький", "skaya": "skiy",
    "skaia": "skii", "skaja": "skij", "tskaya": "tskiy", "tskaia": "tskii",
}  # fmt: skip
_FEMALE = {
    "ова": "ов", "ева": "ев", "ёва": "ёв", "єва": "єв", "їна": "їн", "іна": "ін", "ина": "ин", "ына": "ын",
    "ая": "ый", "яя": "ий", "ova": "ov", "eva": "ev", "yeva": "yev", "ina": "in", "yna": "yn",
    "ska": "skyi", "tska": "tskyi", "aya": "yy", "aia": "yi",
}  # fmt: skip
#: A feminine ending this clear that it needs no other sign, if the stem is long.
_LIKELY = {"ова": "ов", "ева": "ев", "ёва": "ёв", "єва": "єв"}


def sex_of(given: Sequence[str], patronymic: Sequence[str], titles: Sequence[str], language: Language) -> str | None:
    """``f`` or ``m`` where patronymic, title or given name leave no doubt; else None."""
    if patronymic:
        last = patronymic[-1].casefold().rstrip(".")
        if len(last) > 2:
            return "f" if last.endswith(_FEMALE_PATRONYMIC) else "m"
    heads = {fold(title) for title in titles} | {fold(" ".join(titles))}
    female, male = bool(heads & language.female_titles), bool(heads & language.male_titles)
    if female != male:
        return "f" if female else "m"
    if not given:
        return None
    words = fold(given[0]).split() or [""]
    name = language.diminutives.get(words[0], words[0])
    female, male = name in language.given_f, name in language.given_m
    return None if female == male else "f" if female else "m"


def masculine(family: str, sex: str | None, language: str | None) -> str:
    """``family`` as the man of the family bears it: Иванова -> Иванов, Ковальська -> Ковальський.

    Each half of a double name is turned. Without a known sex only endings that no man's surname has.
    """
    if sex == "m" or language == "fa":
        return family
    return "-".join(" ".join(_word(word, sex) for word in half.split(" ")) for half in family.split("-"))


def _word(word: str, sex: str | None) -> str:
    lower = word.casefold()
    if len(lower) != len(word):
        return word
    for ending, other in _SURE.items():
        if lower.endswith(ending) and len(lower) > len(ending) + 1:
            return word[: -len(ending)] + other
    for ending, other in (_FEMALE if sex == "f" else _LIKELY).items():
        if lower.endswith(ending) and len(lower) > len(ending) + (1 if sex == "f" else 2):
            return word[: -len(ending)] + other
    return word
