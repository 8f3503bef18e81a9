"""The party frame of a client source: every field of the mapping, the name taken apart, the address as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.normalize import addresses, beside, lists, names, surname_column
from crm_etl.normalize.fields import Fields
from crm_etl.normalize.reading import Objects, take
from crm_etl.normalize.text import clean, fold, has_lost, mojibake, script

#: Placeholders that, written so beside a given name, are somebody's surname.
_SURNAMES_TOO = frozenset(["Null", "Na", "Nil"])
_CHANNELS = ("email", "phone", "sms", "post")
_PARTS = ("name", "given", "patronymic", "family")
_PLAIN = ("status", "birth_date", "owner", "branch", "segment", "balance", "currency", "created_at", "updated_at")
#: Columns made of a field of another name, which the person who corrects the cell knows.
_FIELD_OF = {
    **{f"{part}_latin": part for part in ("name", "given", "patronymic", "family")},
    "address_raw": "street",
}
_NAME_COLUMNS = {
    "kind": "kind", "native": "name", "latin": "name_latin", "script": "script", "language": "language",
    "given": "given", "patronymic": "patronymic", "family": "family", "given_latin": "given_latin",
    "patronymic_latin": "patronymic_latin", "family_latin": "family_latin", "honorific": "honorific",
    "legal_form": "legal_form", "org_name": "org_name", "org_latin": "org_latin",
}  # fmt: skip


def party_columns(fields: Fields) -> dict[str, Any]:
    """The PARTY columns of ``fields``' rows but for ORIGIN and notes; what is wrong is booked in ``fields``."""
    columns: dict[str, Any] = _names(fields)
    comments = [fields.joined("comment"), columns["comment"]]
    for field in ("phones", "emails", "identifiers"):
        columns[field], rest = fields.listed(field)
        columns[f"{field}_raw"] = fields.raw(field)
        comments.append(rest)
    columns["comment"] = _comments(comments, fields.size)
    columns["birth_date_raw"] = fields.raw("birth_date")
    for field in _PLAIN:
        columns[field] = fields.scalar(field)
    columns["consents"] = _consents(fields)
    columns.update(_addresses(fields))
    _refuse_nameless(fields, columns)
    return columns


# ------------------------------------------------------------------------------------------------------ names
def _names(fields: Fields) -> dict[str, Any]:
    parts = {field: fields.scalar(field) for field in _PARTS}
    kind, sex = fields.scalar("kind"), fields.scalar("sex")
    others = [read.take() for read in fields.reads("other_names")]
    codes, table = _factorize([*parts.values(), kind, sex, *others])
    unnamed = "person" if fields.has("given") or fields.has("family") else None
    brands = frozenset(map(fold, fields.source.brands))
    read = [_read_name(row, unnamed, brands) for row in table]
    for position in np.flatnonzero(
        np.array([error is not None for _, _, _, error in read], dtype=bool)[codes]
    ).tolist():
        fields.refusals.add(np.array([position]), "name", read[codes[position]][3] or "")
    for position in np.flatnonzero(np.array([bool(n[0].notes) for n in read], dtype=bool)[codes]).tolist():
        fields.note((position,), *read[codes[position]][0].notes)
    columns: dict[str, Any] = {
        column: take([getattr(name, attribute) for name, _, _, _ in read], codes)
        for attribute, column in _NAME_COLUMNS.items()
    }
    columns["sex"] = take([name.sex if name.kind == "person" else None for name, _, _, _ in read], codes)
    columns["other_names"] = take([other for _, other, _, _ in read], codes)
    columns["name_keys"] = take([key for _, _, key, _ in read], codes)
    columns["name_raw"] = fields.raw(*_PARTS, separator=" ")
    columns["comment"] = take([beside.comment(name) for name, _, _, _ in read], codes)
    return columns


def _read_name(
    row: Sequence[str | None], unnamed: str | None, brands: frozenset[str] = frozenset()
) -> tuple[names.Name, list[str], list[str], str | None]:
    """Name, other names, keys and error of one distinct combination of name cells. ``unnamed``: the kind of those
    who have neither name nor kind: a source with a column for given names is one of persons."""
    whole, given, patronymic, family, kind, sex = (_value(cell) for cell in row[:6])
    texts = [_meant(text) for text in (whole, given, patronymic, family)]
    whole, given, patronymic, family = texts
    if family is None and given is not None and row[3] in _SURNAMES_TOO:
        family = row[3]
    doubt = None
    if kind != "organization":
        family, doubt = surname_column.surname(family, given, patronymic)
    from_parts = (given is not None or family is not None) and kind != "organization"
    family_first = script(family or given or "") == "Cyrl"
    order = (family, given, patronymic) if family_first else (given, patronymic, family)
    pieces = [piece for piece in order if piece is not None]
    text = " ".join(pieces) if from_parts else whole or " ".join(pieces)
    kind = kind or (None if text else unnamed)
    hints = names.Hints(kind=kind, sex=sex, brands=brands)  # type: ignore[arg-type]
    if from_parts:
        hints = names.Hints(kind, None, sex, given, patronymic, family, brands)  # type: ignore[arg-type]
    name = names.parse(text, hints)
    if doubt == surname_column.REPEATED:
        name = replace(name, notes=(*name.notes, doubt))
    if mojibake(text) is not None:
        # Its letters are no letters: their case is not to be set right.
        name = replace(name, native=clean(text))
    other = [clean(cell) for cell in map(_meant, row[6:]) if cell is not None]
    if from_parts and whole is not None and clean(whole) != name.native:
        other.append(clean(whole))
    other = list(dict.fromkeys([*other, *beside.further_names(name)]))
    if any(cell is not None and has_lost(cell) for cell in texts):
        return name, other, [], "lost_before_delivery"
    if not any(map(str.isalpha, text)) and (text or kind != "person"):
        return name, other, [], "name_missing"
    if doubt == surname_column.AMBIGUOUS:
        return name, other, [], doubt
    more = [key for cell in other for key in names.keys(names.parse(cell, names.Hints(kind=name.kind, sex=name.sex)))]
    return name, other, sorted({*names.keys(name), *more}), None


def _refuse_nameless(fields: Fields, columns: dict[str, Any]) -> None:
    """Who has no name goes on where another record can tell it: by a number of one's own, or by the birth date with
    a phone, an e-mail address or a street."""
    nameless = np.flatnonzero([name is None for name in columns["name"]])
    reach = [columns[field] for field in ("phones", "emails", "street")]
    known = [
        bool(
            _of_ones_own(columns["identifiers"][row])
            or (columns["birth_date"][row] and any(column[row] for column in reach))
        )
        for row in nameless.tolist()
    ]
    fields.refusals.add(nameless[~np.array(known, dtype=np.bool_)], "name", "name_missing")


def _of_ones_own(identifiers: Sequence[str]) -> bool:
    """Whether a number tells who somebody is: a KPP tells only the tax office."""
    return any(not number.startswith("ru_kpp:") for number in identifiers)


def _value(cell: str | None) -> str | None:
    return cell or None


def _meant(cell: str | None) -> str | None:
    """``cell`` on one line; None where it only stands for a name that is not there."""
    if cell is None:
        return None
    line = clean(cell)
    return None if not line or line.casefold() in lists.placeholders()["name"] else line


def _factorize(columns: Sequence[Objects]) -> tuple[Any, list[tuple[str | None, ...]]]:
    """Codes of the distinct rows of ``columns``, and those rows."""
    seen: dict[tuple[str | None, ...], int] = {}
    rows = zip(*(column.tolist() for column in columns), strict=True)
    codes = np.fromiter((seen.setdefault(row, len(seen)) for row in rows), dtype=np.int64, count=len(columns[0]))
    return codes, list(seen)


# -------------------------------------------------------------------------------------------------- addresses
def _addresses(fields: Fields) -> dict[str, Any]:
    raw = {field: fields.scalar(field) for field in ("country", "region", "city", "postal_code", "street")}
    whole = fields.joined("address", ", ")
    default = fields.source.country
    codes, table = _factorize([whole, *raw.values()])
    read = [_read_address(row, default) for row in table]
    for position in np.flatnonzero(np.array([bool(notes) for _, notes in read], dtype=bool)[codes]).tolist():
        fields.note((position,), *read[codes[position]][1])
    columns: dict[str, Any] = {field: take([getattr(address, field) for address, _ in read], codes) for field in raw}
    # What has a column of its own is shown from there: the street of "RU, Moscow, Lenina 1" is Lenina 1.
    columns["address_raw"] = fields.shown("address", "street", separator=", ")
    return columns


def _read_address(row: Sequence[str | None], default: str) -> tuple[addresses.Address, tuple[str, ...]]:
    whole, country, region, city, postal, street = row
    given = addresses.Address() if whole is None else addresses.parse(whole, country or default)
    place = None if city is None else addresses.city(city, country or default)
    land = country or (place[1] if place is not None else None) or given.country
    if land is None and any(cell is not None for cell in (region, city, postal, street)):
        land = default
    code = None if postal is None else addresses.postal_code(postal, land or default)
    area = given.region if region is None else addresses.region(region, land)
    if area is None and city is not None:
        known = addresses.place(city, land)
        area = None if known is None else known.region
    address = addresses.Address(
        country=land,
        region=area,
        city=given.city if place is None else place[0],
        postal_code=code or given.postal_code,
        street=given.street if street is None else addresses.street(street, land),
    )
    return address, ("postal_code:invalid",) if postal is not None and code is None else ()


# ------------------------------------------------------------------------------------------------------- rest
def _consents(fields: Fields) -> list[list[str]]:
    answers = [(channel, fields.scalar(f"consent_{channel}").tolist()) for channel in _CHANNELS]
    consents: list[list[str]] = [[] for _ in range(fields.size)]
    for channel, values in answers:
        for position, value in enumerate(values):
            if value is not None:
                consents[position].append(f"{channel}:{value}")
    return consents


def _comments(parts: Sequence[Objects], size: int) -> Objects:
    joined = np.full(size, None, dtype=object)
    for position, row in enumerate(zip(*(part.tolist() for part in parts), strict=True)):
        found = [text for text in row if text is not None]
        joined[position] = "; ".join(found) if found else None
    return joined


def frame(fields: Fields, columns: dict[str, Any]) -> pd.DataFrame:
    """The conformed frame of the accepted rows of ``columns``."""
    data = {name: fields.rows[name].reset_index(drop=True) for name in schema.ORIGIN_NAMES}
    for name, values in columns.items():
        data[name] = pd.Series(_cells(values), dtype=object)
    data["notes"] = pd.Series(_cells(fields.notes), dtype=object)
    whole = schema.ENTITIES[fields.source.entity].conform(pd.DataFrame(data))
    for name, limit in schema.LENGTHS.items():
        if name in columns:
            field = _FIELD_OF.get(name, name)
            field = "name" if field in _PARTS and not fields.has(field) else field
            fields.refusals.add(_longer(whole[name], limit), field, "too_long")
    return schema.ENTITIES[fields.source.entity].conform(whole[fields.refusals.accepted])


def _longer(values: pd.Series, limit: int) -> Any:
    """Positions of the cells, or lists with an item, of more than ``limit`` characters."""
    if values.dtype == object:
        # An identifier is led by its type, which has a column of its own.
        longer = [
            any(len(item) > limit and len(item.partition(":")[2] or item) > limit for item in row) for row in values
        ]
        return np.flatnonzero(np.array(longer, dtype=bool))
    return np.flatnonzero((values.str.len() > limit).to_numpy(dtype=bool, na_value=False))


def _cells(values: Any) -> Objects:
    cells = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        cells[position] = value
    return cells
