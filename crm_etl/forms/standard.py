"""A manual source with all fields of an entity, for a migration that has none: as a model and as lines of YAML."""

from __future__ import annotations

from typing import Any

import yaml

from crm_etl.forms import words
from crm_etl.forms.words import Language
from crm_etl.migration import FIELD_TYPES, ManualSource

#: Sheet row of the column names: a title and the example stand above them.
HEADER_ROW = 3
_LENIENT = ("phones", "emails", "identifiers", "country")
_NEEDED = {
    "client": ("name", "family"),
    "interaction": ("occurred_at",),
    "transaction": ("occurred_at", "amount"),
    "opportunity": ("title",),
    "consent": ("channel", "allowed"),
}


def standard_source(entity: str, language: Language, path: str, client: str | None) -> tuple[ManualSource, str]:
    """The source, and the lines that declare it in ``migration.yaml``.

    Args:
        path: where the filled-in workbook will lie, seen from the migration folder.
        client: the source of the clients that related rows belong to; None for clients.
    """
    document = _document(entity, language, path, client)
    lines = yaml.safe_dump([document], allow_unicode=True, sort_keys=False, width=110)
    head = (
        "# Add this to 'sources' of migration.yaml, and put the filled-in workbook where 'path' points.\n"
        "# 'country' is where phones and addresses without one are taken to lie.\n"
    )
    return ManualSource.model_validate(document), head + lines


def _document(entity: str, language: Language, path: str, client: str | None) -> dict[str, Any]:
    spelled = words.conventions(language)
    document: dict[str, Any] = {
        "name": f"manual_{entity}s",
        "title": words.entity_title(entity, language),
        "connector": "manual",
        "path": path,
        "sheet": f"{entity}s",
        "header_row": HEADER_ROW,
        "required": [words.column_name(field, language) for field in _NEEDED[entity]],
        "entity": entity,
        "key": words.column_name("key", language),
        "country": spelled["country"],
        "decimal": spelled["decimal"],
        "fields": {field: _rules(field, kind, language) for field, kind in FIELD_TYPES[entity].items()},
    }
    if client is not None:
        document["client"] = {"source": client, "column": words.column_name("client", language)}
    return document


def _rules(field: str, kind: str, language: Language) -> Any:
    spelled = words.conventions(language)
    column = words.column_name(field, language)
    rule: dict[str, Any] = {"column": column}
    if kind == "enum":
        rule["map"] = {label: value for value, label in words.enum_labels(field, language).items()}
    elif kind == "bool":
        rule["map"] = {spelled["yes"]: "yes", spelled["no"]: "no"}
    elif kind == "date":
        rule["format"] = spelled["date"]
        if spelled["calendar"] != "gregorian":
            rule["calendar"] = spelled["calendar"]
    elif kind == "identifier":
        types = spelled["identifiers"]
        return [{"column": words.identifier(one, language)[0], "type": one, "on_error": "warn"} for one in types]
    if field in _LENIENT:
        rule["on_error"] = "warn"
    return column if rule == {"column": column} else rule
