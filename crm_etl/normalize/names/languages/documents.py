"""A language's YAML file read and checked: what is wrong is told by file, key and remedy.

Which keys a file may have is :data:`KEYS`; what they mean is told in ``docs/how-to/add-a-language.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from crm_etl.faults import Fault, Where
from crm_etl.normalize.names.languages.tables import Table

Document = Mapping[str, Any]

_CODE = re.compile("[a-z]{2,3}")
_SCRIPT = re.compile("[A-Z][a-z]{3}")


class LanguageFault(Fault):
    """The file of a language cannot be read or does not make sense."""


def is_code(name: str) -> bool:
    """Whether ``name`` has the form of a language's code (ISO 639)."""
    return _CODE.fullmatch(name) is not None


def check(code: str, document: Any) -> Document:
    """``document`` (the parsed file of language ``code``), if every key in it is known and has the right form."""
    if not isinstance(document, dict):
        raise _fault(code, "the file holds no table of keys", "write it as 'key: value' lines; see ru.yml")
    for key, value in document.items():
        form = KEYS.get(key)
        if form is None:
            near = get_close_matches(str(key), KEYS, n=1)
            remedy = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(sorted(KEYS))}"
            raise _fault(code, f"unknown key '{key}'", remedy)
        _FORMS[form](code, key, value)
    if "script" not in document:
        raise _fault(code, "no 'script' is given", "add the ISO 15924 code of its script, as 'script: Cyrl'")
    return document


def table(code: str, standards: Document, name: str, rest: Mapping[str, str]) -> Table | None:
    """The table of standard ``name`` out of ``standards``; None where it has no letters, so that code must serve."""
    own = standards[name]
    base = own.get("base")
    if base is None:
        if "letters" not in own:
            return None
        return Table(rest=rest, **_rules(own))
    if base not in standards or base == name or "base" in standards[base]:
        remedy = "name another standard of this file that stands on its own"
        raise _fault(code, f"standard '{name}' builds on '{base}', which cannot be", remedy)
    first, second = _rules(standards[base]), _rules(own)
    merged: dict[str, Any] = {rule: {**first[rule], **second[rule]} for rule in first}
    return Table(rest=rest, **merged)


def _rules(standard: Document) -> dict[str, dict[str, Any]]:
    """The rules of ``standard`` by kind; the keys of ``after`` are single letters from here on."""
    after: dict[str, dict[str, str]] = {}
    for letters, rules in standard.get("after", {}).items():
        for letter in letters:
            after.setdefault(letter, {}).update(rules)
    return {
        "letters": standard.get("letters", {}),
        "initial": standard.get("initial", {}),
        "final": standard.get("final", {}),
        "after": after,
    }


def _fault(code: str, what: str, remedy: str) -> LanguageFault:
    return LanguageFault(
        f"the language '{code}' cannot be read: {what}",
        where=Where(file=f"crm_etl/normalize/names/languages/{code}.yml"),
        remedy=remedy,
    )


def _text(code: str, key: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise _fault(code, f"'{key}' is not a text", f"write it as '{key}: text', in quotes if it looks like yes or no")


def _script(code: str, key: str, value: Any) -> None:
    if not isinstance(value, str) or _SCRIPT.fullmatch(value) is None:
        raise _fault(
            code, f"'{key}' is not the ISO 15924 code of a script", "four letters, as in Latn, Cyrl, Arab, Armn"
        )


def _number(code: str, key: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _fault(code, f"'{key}' is not a whole number", f"write it as '{key}: 10'")


def _yes_no(code: str, key: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise _fault(code, f"'{key}' is neither true nor false", f"write it as '{key}: true'")


def _words(code: str, key: str, value: Any) -> None:
    if isinstance(value, dict):
        _pairs(code, key, value)
    elif not isinstance(value, list):
        raise _fault(code, f"'{key}' is not a list of words", f"write it as '{key}: [one, two]'")
    else:
        _each_text(code, key, value)


def _pairs(code: str, key: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise _fault(code, f"'{key}' has no pairs of words", f"write it as '{key}: {{word: other}}'")
    _each_text(code, key, (*value.keys(), *value.values()))


def _each_text(code: str, key: str, words: Iterable[Any]) -> None:
    wrong = next((word for word in words if not isinstance(word, str)), None)
    if wrong is not None:
        remedy = "put the word in quotes: YAML reads yes, no, on, off and numbers as something else"
        raise _fault(code, f"'{key}' holds {wrong!r}, which is not a word", remedy)


def _romanization(code: str, key: str, value: Any) -> None:
    if not isinstance(value, dict) or not value:
        raise _fault(code, f"'{key}' has no standards", "write one standard a key; see kk.yml")
    for name, standard in value.items():
        if not isinstance(standard, dict):
            raise _fault(code, f"standard '{name}' is no table", "give it title, source and letters; see kk.yml")
        _standard(code, name, standard)


def _standard(code: str, name: str, standard: Mapping[str, Any]) -> None:
    for part, value in standard.items():
        where = f"{name}.{part}"
        if part in ("title", "source", "base"):
            _text(code, where, value)
        elif part in ("letters", "initial", "final"):
            _pairs(code, where, value)
        elif part == "after":
            _after(code, where, value)
        elif part == "marks":
            _yes_no(code, where, value)
        else:
            remedy = "a standard has title, source, base, letters, initial, final, after, marks"
            raise _fault(code, f"unknown key '{where}'", remedy)
    missing = [part for part in ("title", "source") if part not in standard]
    if missing:
        raise _fault(code, f"standard '{name}' has no {missing[0]}", "say what it is called and who laid it down")


def _after(code: str, where: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise _fault(code, f"'{where}' is no table", "write it as 'after: {аеи: {е: ye}}'")
    for letters, rules in value.items():
        _text(code, where, letters)
        _pairs(code, f"{where}.{letters}", rules)


_FORMS: Mapping[str, Callable[[str, str, Any], None]] = {
    "text": _text,
    "script": _script,
    "number": _number,
    "words": _words,
    "pairs": _pairs,
    "romanization": _romanization,
}

#: Key of a language's file -> its form.
KEYS: Mapping[str, str] = {
    "name": "text",
    "script": "script",
    "alphabet": "text",
    "priority": "number",
    "romanization": "romanization",
    "titles": "words",
    "soft_titles": "words",
    "female_titles": "words",
    "male_titles": "words",
    "suffixes": "words",
    "particles": "words",
    "given_m": "words",
    "given_f": "words",
    "diminutives": "pairs",
    "surname_endings": "words",
    "patronymic_endings": "words",
    "son_of": "words",
    "not_patronymics": "words",
    "organization_words": "words",
    "signs": "words",
    "no_signs": "words",
    "words": "pairs",
    "surnames": "pairs",
    "endings": "pairs",
    "elements": "pairs",
    "foreign": "pairs",
}
