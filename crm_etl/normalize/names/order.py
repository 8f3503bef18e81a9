"""The order of a person's name: which words are given names, patronymic and family name.

What is certain goes first: a comma, words like *bin* and *оглы*, a surname in capitals, a patronymic, initials. Else
the words' own evidence (:class:`.words.Word`, :class:`.units.Unit`) is weighed for given name first and family name
first, each with its habit as a prior. Titles are gone before (:mod:`.titles`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crm_etl.normalize.names import given_names, patronymics, surnames, titles
from crm_etl.normalize.names.units import Unit, size_of, units
from crm_etl.normalize.names.words import Word, look

#: Cost of the family name in front, by script and number of units; Cyrillic lists have it so as often as not.
_FRONT = {"Cyrl": 0.9, "Arab": 1.5}
_FRONT_ELSEWHERE = 1.0
#: Cost of each further word on the side that has usually one.
_FURTHER = 0.3
#: Evidence by which a word alone is a surname.
_CLEAR = -2.0
#: Evidence by which the better order must win to be called known.
_SURE = 2.0
#: Evidence by which a word is more likely a surname than not; letters that it has beside glued initials.
_LIKELY, _NAME = -1.5, 3
#: Letters of a syllable of an East Asian given name, and its syllables; of Vietnamese names three.
_SYLLABLE, _SYLLABLES = 5, 3
#: Longer names than this are hardly names: only their edges are weighed.
_MOST = 8
_BULGARIAN = (("ов", "ев"), ("ова", "ева"))


@dataclass
class Parts:
    """The words of each part, in order. ``ordered``: known, not merely guessed from their place."""

    given: list[str] = field(default_factory=list)
    patronymic: list[str] = field(default_factory=list)
    family: list[str] = field(default_factory=list)
    ordered: bool = False


def unglued(words: Sequence[Word]) -> list[Word]:
    """``words`` with two capitals beside a surname as the initials that they are: Иванов ИИ -> Иванов И. И."""
    if len(words) != 2:
        return list(words)
    first, second = words
    if _are_glued_initials(second, first):
        return [first, *(look(f"{letter}.") for letter in second.text)]
    if first.text.isupper() and second.role <= _LIKELY and _are_glued_initials(first, second):
        return [*(look(f"{letter}.") for letter in first.text), second]
    return list(words)


def _are_glued_initials(word: Word, beside: Word) -> bool:
    if len(word.text) != 2 or not word.text.isalpha() or not word.text.isupper() or len(beside.text) < _NAME:
        return False
    if word.given or word.is_particle or word.folded in surnames.family_first() or beside.given:
        return False
    return word.folded not in titles.suffixes() and (not beside.is_upper or beside.role <= _LIKELY)


def order(words: Sequence[Word], script: str) -> Parts:
    """The parts of the name ``words`` in ``script`` (ISO 15924)."""
    words = list(words)
    comma = next((at for at, word in enumerate(words) if word.text == ","), None)
    if comma is not None:
        given, patronymic = _split_patronymic([word for word in words[comma + 1 :] if word.text != ","])
        return Parts(_texts(given), _texts(patronymic), _texts(words[:comma]), ordered=True)
    if len(words) < 2:
        known = bool(words) and words[0].given
        return Parts(given=_texts(words), ordered=True) if known else Parts(family=_texts(words))
    for sign in (_by_son_of, _by_capitals, _by_patronymic, _by_initials):
        parts = sign(words, script)
        if parts is not None:
            return parts
    return _by_evidence(words, script)


Sign = Callable[[list[Word], str], Parts | None]


def _texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def _split_patronymic(words: list[Word]) -> tuple[list[Word], list[Word]]:
    if len(words) > 2 and words[-1].folded in patronymics.after():
        return words[:-2], words[-2:]
    if len(words) > 1 and words[-1].is_patronymic:
        return words[:-1], words[-1:]
    if len(words) > 1 and words[-1].is_initial and all(not word.is_initial for word in words[:-1]):
        return words, []
    if len(words) == 2 and words[0].is_initial and words[1].is_initial:
        return words[:1], words[1:]
    return words, []


# --------------------------------------------------------------------------------------------- certain signs
def _by_son_of(words: list[Word], script: str) -> Parts | None:
    """Али Вели оглы; Muhammad bin Salman Al Saud."""
    folded = [word.folded for word in words]
    at = next((at for at in range(2, len(words)) if folded[at] in patronymics.after()), None)
    if at is not None:
        father, front, behind = words[at - 1 : at + 1], words[: at - 1], words[at + 1 :]
        if behind:
            return Parts(_texts(front), _texts(father), _texts(behind), ordered=True)
        return Parts(_texts(front[-1:]), _texts(father), _texts(front[:-1]), ordered=True)
    at = next((at for at in range(1, len(words) - 1) if folded[at] in patronymics.before()), None)
    return None if at is None else _before(words, at)


def _before(words: list[Word], at: int) -> Parts | None:
    """A chain of fathers from place ``at`` on (bin Abdulaziz bin Salman); what follows is the family name."""
    end = at
    while end < len(words) - 1 and words[end].folded in patronymics.before():
        end += 1 + size_of(words, end + 1)
    father, family = words[at:end], words[end:]
    if not family and not all(word.given for word in father[1:] if word.folded not in patronymics.before()):
        return None
    return Parts(_texts(words[:at]), _texts(father), _texts(family), ordered=True)


def _by_capitals(words: list[Word], script: str) -> Parts | None:
    """The surname alone in capitals: Руслан Михайлович ДУБОВСКИЙ."""
    family = [word for word in words if word.is_upper]
    given = [word for word in words if not word.is_upper]
    if not family or not given or not all(word.text[:1].isupper() and word.text.strip(".")[1:] for word in given):
        return None
    if all(word.given for word in family) and not any(word.given for word in given):
        return None
    given, patronymic = _split_patronymic(given)
    return Parts(_texts(given), _texts(patronymic), _texts(family), ordered=True)


def _by_patronymic(words: list[Word], script: str) -> Parts | None:
    last = len(words) - 1
    places = [place for place in range(1, len(words)) if words[place].is_patronymic]
    if not places:
        return None
    if last == 1:
        return _of_two(*words)
    place = places[-1]
    if place == last and last - 1 in places and words[0].given:
        place = last - 1
    if place == 1 and last == 2 and words[2].given and not words[0].given:
        return Parts(_texts(words[2:]), _texts(words[1:2]), _texts(words[:1]), ordered=True)
    if place < last:
        if place > 1 and words[0].role <= _CLEAR and words[0].folded == words[last].folded:
            words = words[1:]  # Иванов Иван Иванович Иванов
            place -= 1
        return Parts(_texts(words[:place]), _texts(words[place : place + 1]), _texts(words[place + 1 :]), ordered=True)
    at = last - 1
    while at > 1 and words[at].given and words[at - 1].given:
        at -= 1
    return Parts(_texts(words[at:last]), _texts(words[last:]), _texts(words[:at]), ordered=True)


def _of_two(first: Word, second: Word) -> Parts | None:
    """Иван Петрович; Соколова Ивановна."""
    if second.folded in surnames.like_patronymics():
        return None
    if first.given:
        return Parts([first.text], [second.text], [], ordered=True)
    return Parts([], [second.text], [first.text], ordered=True) if first.role <= _CLEAR else None


def _by_initials(words: list[Word], script: str) -> Parts | None:
    """Иванов И. И.; И. И. Иванов; Иванов Иван И.; J. R. R. Tolkien."""
    flags = [word.is_initial for word in words]
    count = sum(flags)
    if not 0 < count < len(words):
        return None
    initials = [word for word in words if word.is_initial]
    rest = [word for word in words if not word.is_initial]
    if all(flags[-count:]):
        if len(rest) == 1 or (count > 1 and not any(word.given for word in rest)):
            return Parts(_texts(initials[:1]), _texts(initials[1:]), _texts(rest), ordered=True)
        parts = _by_evidence(rest, script)
        if script == "Cyrl":
            return Parts(parts.given, _texts(initials), parts.family, ordered=parts.ordered)
        return Parts([*parts.given, *_texts(initials)], [], parts.family, ordered=parts.ordered)
    if all(flags[:count]) and (len(rest) == 1 or rest[0].is_particle):
        return Parts(_texts(initials[:1]), _texts(initials[1:]), _texts(rest), ordered=True)
    return None


# --------------------------------------------------------------------------------------------------- evidence
def _by_evidence(words: list[Word], script: str) -> Parts:
    if _is_east_asian(words):
        return Parts(_texts(words[1:]), [], _texts(words[:1]))
    found = units(words)
    if len(found) == 1:
        return Parts(given=list(found[0].texts), ordered=True) if found[0].role > 0 else Parts(family=_texts(words))
    roles = [unit.role for unit in found[:_MOST]]
    front, front_size = _best_family_first(roles, script)
    behind, behind_size = _best_given_first(roles, script)
    sure = abs(front - behind) >= _SURE
    if front > behind:
        # A given name at the end is not enough: it may be a surname as well (Зигмар Габриэль).
        sure = sure and roles[0] < 0
        return Parts(_joined(found[front_size:]), [], _joined(found[:front_size]), ordered=sure)
    given, family = found[:behind_size], found[behind_size:]
    father = family[:1] if _is_bulgarian(family) else []
    return Parts(_joined(given), _joined(father), _joined(family[len(father) :]), ordered=sure)


def _best_given_first(roles: list[float], script: str) -> tuple[float, int]:
    """Evidence for given names first, and how many."""
    last = len(roles) - 1

    def score(size: int) -> float:
        # Persians have one given name and any number of surnames; elsewhere it is the surname that is one.
        further = size - 1 if script == "Arab" else last - size
        return sum(roles[:size]) - sum(roles[size:]) - _FURTHER * further

    return max((score(size), size) for size in range(1, last + 1))


def _best_family_first(roles: list[float], script: str) -> tuple[float, int]:
    """Evidence for family names first, and how many."""
    cost = _FRONT.get(script, _FRONT_ELSEWHERE)

    def score(size: int) -> float:
        return sum(roles[size:]) - sum(roles[:size]) - cost - _FURTHER * (size - 1)

    return max((score(size), -size, size) for size in range(1, len(roles)))[::2]


def _is_east_asian(words: list[Word]) -> bool:
    """The surname in front and two short syllables behind it: Kim Jong Un."""
    first, *rest = words
    if first.folded not in surnames.family_first() or len(rest) > _SYLLABLES:
        return False
    if len(rest) == 1 and surnames.is_pinyin(rest[0].folded):
        return True
    syllables = rest[0].folded.split(" ") if len(rest) == 1 else [word.folded for word in rest]
    return len(syllables) > 1 and all(
        0 < len(syllable) <= _SYLLABLE and not given_names.sexes(syllable) for syllable in syllables
    )


def _is_bulgarian(family: Sequence[Unit]) -> bool:
    """Иван Петров Димитров: the father's name stands in the middle, with the end of a surname."""
    if len(family) != 2:
        return False
    ends = [unit.texts[-1].casefold() for unit in family]
    return any(all(end.endswith(endings) and len(end) > 4 for end in ends) for endings in _BULGARIAN)


def _joined(found: Sequence[Unit]) -> list[str]:
    return [text for unit in found for text in unit.texts]
