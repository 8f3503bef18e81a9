"""Names of persons: from the text of a cell, or of several, to the parts of one person's name.

The steps are nouns of their own: :mod:`.cells` takes off what is no name, :mod:`.titles` the honorifics,
:mod:`.order` tells the parts, :mod:`.gender` the sex. Here they are put together into a :class:`.model.Name`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from crm_etl.normalize.names import cells, estates, order, ranks, titles
from crm_etl.normalize.names.cells import Cell
from crm_etl.normalize.names.gender import sex_of
from crm_etl.normalize.names.given_names import compounds
from crm_etl.normalize.names.languages import Language
from crm_etl.normalize.names.languages import language as language_of
from crm_etl.normalize.names.model import Hints, Name
from crm_etl.normalize.names.ranks import Ranked
from crm_etl.normalize.names.repair import cyrillic_twin
from crm_etl.normalize.names.romanization import guess_language, romanize
from crm_etl.normalize.names.surnames import is_slavic, masculine
from crm_etl.normalize.names.titles import Stripped
from crm_etl.normalize.names.words import Word, look
from crm_etl.normalize.text import ZWNJ, clean
from crm_etl.normalize.text import script as script_of

_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,2})\.\s*(?=[^\W\d_])")
_STRAY = re.compile(r"[«»“”„\"()\[\]{}<>*#;:!?=+|/\\&]+")
_LETTERS = re.compile(r"[^\W\d_]+")
#: A point or a low line typed for a blank: Иванов.Иван, Ivanov_Ivan.
_TYPED_BLANK = re.compile(r"(?<=[^\W\d_]{3})[._](?=[^\W\d_]{2})")
#: So often a name is read again until nothing more comes off it.
_ROUNDS = 6
_MIXED = "name:mixed_script"


def parse(text: str, script: str, language: Language, hints: Hints, notes: tuple[str, ...]) -> Name:
    """The person that ``text`` (cleaned) names."""
    in_columns = hints.given is not None or hints.family is not None
    ranked = None
    if in_columns and any(map(str.isdigit, text)):
        text, hints, ranked = _without_numbered(text, hints)
    cell, found, mixed = _read(text, script, whole=not in_columns)
    ranked = cell.ranked or ranked
    if cell.name != text and script_of(cell.name) != script:
        script = script_of(cell.name)
        language = language_of(guess_language(cell.name, script, hints.language), script)
    if mixed and _MIXED not in notes:
        notes = (*notes, _MIXED)
    words = found.words if cell.plain else _unnumbered(found)
    parts = _from_columns(hints, script) if in_columns else order.order(words, script)
    if cell.father is not None and not parts.patronymic:
        parts.patronymic = cell.father.split()
    parts.ordered = parts.ordered and not found.doubtful
    if ranked is not None:
        _book(ranked, cell, parts, found)
    sex = hints.sex or sex_of(parts.given, parts.patronymic, parts.family, found.classes)
    native = _native(text, found, whole=not in_columns)
    particles = _particles(parts.family)
    if not cell.plain:
        parts.family = _without_of(parts.family)
    given, patronymic, family = _shown(parts.given), _shown(parts.patronymic), _shown(parts.family)
    code = language.code
    return Name(
        kind="person",
        script=script,
        language=code if script != "Zyyy" else None,
        native=native,
        latin=None if native is None else _titled(native, code),
        given=given,
        patronymic=patronymic,
        family=family,
        given_latin=_latin(given, code),
        patronymic_latin=_latin(patronymic, code),
        family_latin=None
        if family is None
        else _latin(masculine(family, sex, code, slavic=is_slavic(given, patronymic)), code),
        honorific=" ".join(found.written) or None,
        titles=tuple(dict.fromkeys([title.name for title in found.classes])) if found.classes else (),
        suffix=" ".join(found.suffix) or None,
        particles=particles,
        initials=tuple([word for word in (*parts.given, *parts.patronymic) if look(word).is_initial]),
        nickname=", ".join(cell.nicknames) or None,
        former=tuple(cell.former),
        aliases=tuple(cell.aliases),
        others=tuple(cell.others),
        remark="; ".join(cell.remarks) or None,
        sex=sex,
        ordered=parts.ordered,
        notes=(*notes, *cell.notes) if cell.remarks or cell.several else notes,
    )


def _without_numbered(text: str, hints: Hints) -> tuple[str, Hints, Ranked | None]:
    """The name and its columns without titles that have a number, and these."""
    found, rest = Ranked(), text
    names = [None if part is None else ranks.take_numbered(part, found) for part in (hints.family, hints.given)]
    if not found:
        return text, hints, None
    for part, name in zip((hints.family, hints.given), names, strict=True):
        rest = rest if part is None or name is None else rest.replace(part, name)
    return rest, replace(hints, family=names[0] or None, given=names[1] or None), found


def _unnumbered(found: Stripped) -> list[Word]:
    """The words to be ordered; the number of a king is shown with the name, and a suffix."""
    words, number = ranks.unnumbered(found.words)
    found.suffix = [*number, *found.suffix]
    return words


def _book(ranked: Ranked, cell: Cell, parts: order.Parts, found: Stripped) -> None:
    """Titles of rank beside the other ones, and the name of a title for what it is."""
    found.written.extend(ranked.written)
    found.classes.extend(ranked.classes)
    if ranked.estate:
        found.words = estates.take(ranked.estate, parts, found.words)
        cell.aliases.extend(estates.also_known(ranked.estate, parts))


def _read(text: str, script: str, *, whole: bool) -> tuple[Cell, Stripped, bool]:
    """What the cell holds, the words of the name without titles, and whether words of them were in false letters."""
    cell = cells.read(text, whole=whole)
    script = script if cell.name == text else script_of(cell.name)
    typed = _words(cell.name)
    words = [_in_cyrillic(word) for word in typed] if script == "Cyrl" else typed
    found = titles.strip(order.unglued(words))
    if "," in cell.name or "،" in cell.name:
        comma = next((at for at, word in enumerate(found.words) if word.text == ","), None)
        found = found if comma is None else _stripped_behind(found, comma)
    return cell, found, words != typed


def _stripped_behind(found: Stripped, comma: int) -> Stripped:
    """Titles stand behind the comma too: Smith, Dr. John."""
    behind = titles.strip(found.words[comma + 1 :])
    return Stripped(
        [*found.words[: comma + 1], *behind.words],
        [*found.written, *behind.written],
        [*found.classes, *behind.classes],
        [*found.kept, *behind.kept],
        [*found.suffix, *behind.suffix],
    )


def _in_cyrillic(word: Word) -> Word:
    """A word of a Cyrillic name typed in Latin letters that look the same (Иванов A. B.)."""
    if not word.text.isascii() or word.folded in titles.suffixes():
        return word
    twin = cyrillic_twin(word.text)
    return word if twin is None or not (word.is_initial or look(twin).role) else look(twin)


def _words(text: str) -> list[Word]:
    """Words of ``text``; a comma that splits a surname off is a word of its own, initials stand apart."""
    if "." in text or "_" in text:
        text = _INITIALS.sub(r"\1. ", _TYPED_BLANK.sub(" ", text))
    if "," not in text and "،" not in text:
        return [look(word) for word in _unstrayed(text).split()]
    head, _, tail = text.replace("،", ",").partition(",")
    first, second = _unstrayed(head).split(), _unstrayed(tail.replace(",", " ")).split()
    comma = [","] if first and second else []
    return [look(word) for word in (*first, *comma, *second)]


def _unstrayed(text: str) -> str:
    if text.replace(" ", "").isalpha():
        return text
    text = clean(_STRAY.sub(" ", text))
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    return " ".join(words) or text


def _native(text: str, found: Stripped, *, whole: bool) -> str | None:
    """The name for display, from which nothing more would come off."""
    shown = _display(found)
    if shown is not None and shown.casefold() == text.casefold():
        return shown
    for _ in range(_ROUNDS):
        again = None if shown is None else _display(_read(shown, script_of(shown), whole=whole)[1])
        if again == shown:
            break
        shown = again
    return shown


def _display(found: Stripped) -> str | None:
    words = [look(word).shown for word in found.kept]
    words += [word.shown for word in found.words if word.text != ","]
    return clean(" ".join(words)) or None


def _from_columns(hints: Hints, script: str) -> order.Parts:
    given, patronymic, family = (_column(part) for part in (hints.given, hints.patronymic, hints.family))
    if not patronymic and len(given) == 2 and given[1].is_patronymic:
        given, patronymic = given[:1], given[1:]
    if not given and len(family) > 1:
        return order.order(family, script)
    if not family and len(given) > 1:
        return order.order(given, script)
    texts = [[word.text for word in part] for part in (given, patronymic, family)]
    return order.Parts(texts[0], texts[1], texts[2], ordered=True)


def _column(part: str | None) -> list[Word]:
    if part is None:
        return []
    words = titles.strip(_words(cells.read(part, whole=False).name)).words
    return [word for word in words if word.text != ","]


def _particles(family: Sequence[str]) -> tuple[str, ...]:
    if len(family) < 2:
        return ()
    return tuple(word for word in family if look(word).is_particle)


def _without_of(family: list[str]) -> list[str]:
    """``family`` without *of*, which no name begins with: of Chudleigh."""
    return family[1:] if len(family) > 1 and look(family[0]).folded in compounds().place else family


def _shown(words: Sequence[str]) -> str | None:
    if not words:
        return None
    if len(words) == 1:
        return look(words[0]).shown.strip(f"{ZWNJ} ") or None
    return " ".join(look(word).shown for word in words).strip(f"{ZWNJ} ") or None


@lru_cache(maxsize=300_000)
def _latin(text: str | None, code: str) -> str | None:
    return None if text is None else clean(romanize(text, code).replace(".", " ")) or None


def _titled(text: str, code: str) -> str | None:
    return " ".join([latin for word in text.split(" ") if (latin := _word_titled(word, code))]) or None


@lru_cache(maxsize=300_000)
def _word_titled(word: str, code: str) -> str:
    latin = romanize(word, code)
    if latin.isalpha():
        return latin[:1].upper() + latin[1:]
    return _LETTERS.sub(lambda match: match.group()[:1].upper() + match.group()[1:], latin)
