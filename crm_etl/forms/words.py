"""What the workbook says, in English, Russian and Persian: ``words.yml`` beside this module, loaded once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from crm_etl.normalize import lists

Language = Literal["en", "ru", "fa"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = lists.parse(resources.files(__package__).joinpath("words.yml"))
    return document


def conventions(language: Language) -> dict[str, Any]:
    """How dates, amounts and yes are written: sheet, country, decimal, date, calendar, yes, no, identifiers."""
    found: dict[str, Any] = _document()["languages"][language]
    return found


def text(name: str, language: Language, **filled: Any) -> str:
    """A sentence of the workbook, e.g. ``title`` or ``wrong.date``."""
    found = _document()["texts"]
    for part in name.split("."):
        found = found[part]
    return str(found[language]).format(**filled)


def listed(name: str, language: Language, **filled: Any) -> list[str]:
    """Several sentences or headings: ``steps``, ``heads``."""
    return [str(one).format(**filled) for one in _document()["texts"][name][language]]


def column_name(field: str, language: Language) -> str:
    return str(_document()["fields"][field][language][0])


def hint(field: str | None, language: Language) -> str:
    """What is to be entered in the column of ``field``; None is a column that no field is filled from."""
    return text("other_column", language) if field is None else str(_document()["fields"][field][language][1])


def example(field: str, language: Language) -> str:
    return str(_document()["fields"][field][language][2])


def entity_title(entity: str, language: Language) -> str:
    """What a workbook of all fields of ``entity`` is called."""
    return str(_document()["entities"][entity][language])


def enum_labels(field: str, language: Language) -> dict[str, str]:
    """Value of an enum -> what people call it."""
    return {value: str(labels[language]) for value, labels in _document()["enums"][field].items()}


def length(identifier: str) -> tuple[int, int] | None:
    """Fewest and most characters of an identifier of that type, where they are fixed."""
    found = _document()["lengths"].get(identifier)
    return None if found is None else (int(found[0]), int(found[1]))


def identifier(kind: str, language: Language) -> tuple[str, str]:
    """What people call an identifier of type ``kind``, and an example; the type itself where nothing is known."""
    found = _document()["identifiers"].get(kind)
    if found is None:
        return kind, ""
    name = found["name"]
    return str(name[language] if isinstance(name, dict) else name), str(found["example"])
