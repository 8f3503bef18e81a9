"""The columns of every frame that flows between the stages: the one place that all of them look at.

Text columns have pandas dtype ``string[pyarrow]`` with ``pd.NA`` for "no value"; the empty string never
stands for it. Dates are ISO text (``1984-03-21``), instants ISO text with seconds, money exact decimal text
(``-1234.50``): nothing ever passes through a float. ``list`` columns hold Python lists of str, never null.
Stages validate what they return with :meth:`Table.conform`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

Kind = Literal["text", "list", "int", "float", "bool"]
_DTYPES: dict[Kind, str] = {
    "text": "string[pyarrow]",
    "list": "object",
    "int": "Int64",
    "float": "float64",
    "bool": "boolean",
}


@dataclass(frozen=True)
class Column:
    """A column: its name, kind, meaning, and whether it can hold personal data."""

    name: str
    kind: Kind
    doc: str
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """A frame's columns, in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def personal(self) -> list[str]:
        return [column.name for column in self.columns if column.personal]

    def empty(self) -> pd.DataFrame:
        """A frame of no rows with this table's columns and dtypes."""
        return self.conform(pd.DataFrame({name: [] for name in self.names}))

    def build(self, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
        """A conformed frame from dictionaries; a missing entry is no value."""
        return self.conform(pd.DataFrame(list(rows), columns=self.names))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``frame`` with exactly this table's columns, order and dtypes and a fresh index.

        A column that is absent is filled with "no value"; one that the table does not know is an error,
        because dropping it silently would lose data.

        Raises:
            ValueError: the frame has columns that the table does not know.
        """
        unknown = [str(name) for name in frame.columns if name not in set(self.names)]
        if unknown:
            raise ValueError(f"{self.name}: unknown columns {unknown}")
        size = len(frame)
        data = {
            column.name: _cast(frame[column.name] if column.name in frame.columns else None, column.kind, size)
            for column in self.columns
        }
        return pd.DataFrame(data, index=pd.RangeIndex(size))


def _cast(values: pd.Series | None, kind: Kind, size: int) -> Any:
    if kind == "list":
        return _lists(values, size)
    dtype = _DTYPES[kind]
    if values is None:
        return pd.array([np.nan if kind == "float" else pd.NA] * size, dtype=dtype)
    return values.reset_index(drop=True).astype(dtype).array


def _lists(values: pd.Series | None, size: int) -> np.ndarray[Any, Any]:
    cells = np.empty(size, dtype=object)
    source: Iterable[Any] = [()] * size if values is None else values
    for position, cell in enumerate(source):
        cells[position] = [] if cell is None or cell is pd.NA or isinstance(cell, float) else list(cell)
    return cells


def _text(name: str, doc: str, *, personal: bool = False) -> Column:
    return Column(name, "text", doc, personal)


def _list(name: str, doc: str, *, personal: bool = False) -> Column:
    return Column(name, "list", doc, personal)


def _int(name: str, doc: str) -> Column:
    return Column(name, "int", doc)


# ---------------------------------------------------------------------------------------------------- origin
RECORD = (
    _text("source", "name of the source in the migration file"),
    _text("key", "the legacy key, as text; (source, key) identifies a source record"),
)
ORIGIN = (
    *RECORD,
    _text("file", "file, or database and table, that the row came from; relative to the migration folder"),
    _text("sheet", "sheet of the workbook, else no value"),
    _int("line", "physical line or sheet row, 1-based: what a person sees in an editor"),
    _int("row", "logical row number among the data rows, 1-based"),
    _text("fingerprint", "hash of all cells of the row: equal if and only if the row is unchanged"),
)
ORIGIN_NAMES = [column.name for column in ORIGIN]
#: Raw frames have ORIGIN followed by the source's own columns, all text, under this prefix.
RAW_PREFIX = "raw:"

#: Most characters that the CRM keeps of a column, or of each item of a list: what is longer is refused, never cut.
LENGTHS = {
    "key": 400,
    "name": 255,
    "name_latin": 255,
    "other_names": 255,
    **dict.fromkeys(("given", "patronymic", "family", "given_latin", "patronymic_latin", "family_latin"), 120),
    "emails": 254,
    "identifiers": 120,
    "address_raw": 500,
    "region": 120,
    "city": 120,
    "postal_code": 20,
    "owner": 120,
    "branch": 120,
    "segment": 120,
    "document": 120,
    "title": 500,
}
#: Amounts have at most 4 decimals and 15 significant digits: so they are exact in SQLite too, which keeps REAL.
MONEY_DECIMALS = 4
MONEY_DIGITS = 15

QUARANTINE = Table(
    "quarantine",
    (
        *ORIGIN,
        _text("stage", "extract, normalize, quality, identity, merge or load"),
        _text("field", "the column or field at fault"),
        _text("reason", "short code, e.g. duplicate_key, bad_date, unmapped_value, expect_..."),
        _text("message", "what is wrong and what to do, without the value"),
        _text("cells", "JSON object of the original cells of the row", personal=True),
    ),
)
EXCLUDED = Table(
    "excluded",
    (
        *ORIGIN,
        _text("rule", "why the row is left out on purpose: exact_duplicate, total_row, blank_row, filter, ..."),
        _text("cells", "JSON object of the cells of a row that a person left out, else no value", personal=True),
    ),
)

# ----------------------------------------------------------------------------------------------------- party
PARTY = Table(
    "party",
    (
        *ORIGIN,
        _text("kind", "person or organization"),
        _text("status", "prospect, active or former"),
        _text("name_raw", "the name cells as they came, joined by a blank", personal=True),
        _text("name", "canonical native form for display", personal=True),
        _text("name_latin", "canonical Latin form", personal=True),
        _text("script", "ISO 15924 code of the name: Arab, Cyrl, Latn, Armn, ..., or Zyyy"),
        _text("language", "ISO 639-1 guess of the name's language: fa, ru, uk, en, ..."),
        _text("given", "given name, native", personal=True),
        _text("patronymic", "patronymic or father's name, native", personal=True),
        _text("family", "family name, native", personal=True),
        _text("given_latin", "given name, romanized", personal=True),
        _text("patronymic_latin", "patronymic, romanized", personal=True),
        _text("family_latin", "family name, romanized, masculine form where gendered", personal=True),
        _text("honorific", "titles taken off the name"),
        _text("legal_form", "canonical class of the legal form: llc, jsc, sole_trader, institution, ..."),
        _text("org_name", "organization's name without legal form, branch and quotes, native"),
        _text("org_latin", "org_name romanized and folded"),
        _list("other_names", "further names of the same party: other script, former", personal=True),
        _list("name_keys", "blocking keys from the names, the same across scripts", personal=True),
        _text("sex", "f or m, stated or certain from the name"),
        _text("birth_date", "ISO date; of an organization its registration", personal=True),
        _text("birth_date_raw", "as it came", personal=True),
        _list("phones", "E.164, with ;ext=N for an extension; valid ones only", personal=True),
        _text("phones_raw", "as they came", personal=True),
        _list("emails", "canonical addresses", personal=True),
        _text("emails_raw", "as they came", personal=True),
        _list("identifiers", "type:value, e.g. ru_inn:7707083893; check digits right", personal=True),
        _text("identifiers_raw", "as they came", personal=True),
        _text("address_raw", "whole address or street, as it came", personal=True),
        _text("country", "ISO 3166 alpha-2"),
        _text("region", "region, romanized"),
        _text("city", "city, romanized canonical name"),
        _text("postal_code", "postal code", personal=True),
        _text("street", "rest of the address, romanized and folded", personal=True),
        _text("owner", "the user who looks after the client, as the source calls him"),
        _text("branch", "department or branch; waves are made of these"),
        _text("segment", "the source's own classification"),
        _list("consents", "channel:yes or channel:no for email, phone, sms, post"),
        _text("balance", "exact decimal text"),
        _text("currency", "ISO 4217"),
        _text("created_at", "ISO instant or date"),
        _text("updated_at", "ISO instant or date"),
        _text("comment", "free text of the source and rests of cells", personal=True),
        _list("notes", "codes of what was fixed or doubted, field:code, e.g. phones:zero_restored"),
    ),
)

# --------------------------------------------------------------------------------------------------- related
_CLIENT_REFERENCE = (
    _text("client_source", "source of the client record that the row belongs to"),
    _text("client_key", "its legacy key"),
)
INTERACTION = Table(
    "interaction",
    (
        *ORIGIN,
        *_CLIENT_REFERENCE,
        _text("occurred_at", "ISO instant or date"),
        _text("channel", "phone, email, sms, meeting, chat, post or other"),
        _text("direction", "in or out"),
        _text("subject", "subject or note", personal=True),
        _text("owner", "user"),
        _list("notes", "codes of what was fixed or doubted"),
    ),
)
TRANSACTION = Table(
    "transaction",
    (
        *ORIGIN,
        *_CLIENT_REFERENCE,
        _text("occurred_at", "ISO instant or date"),
        _text("document", "number of the document"),
        _text("type", "sale, refund or payment"),
        _text("amount", "exact decimal text"),
        _text("currency", "ISO 4217"),
        _list("notes", "codes of what was fixed or doubted"),
    ),
)
OPPORTUNITY = Table(
    "opportunity",
    (
        *ORIGIN,
        *_CLIENT_REFERENCE,
        _text("opened_at", "ISO instant or date"),
        _text("title", "title", personal=True),
        _text("stage", "new, qualified, proposal, won or lost"),
        _text("amount", "exact decimal text"),
        _text("currency", "ISO 4217"),
        _text("expected_close", "ISO date"),
        _text("owner", "user"),
        _list("notes", "codes of what was fixed or doubted"),
    ),
)
CONSENT = Table(
    "consent",
    (
        *ORIGIN,
        *_CLIENT_REFERENCE,
        _text("channel", "email, phone, sms or post"),
        _text("allowed", "yes or no"),
        _text("since", "ISO date"),
        _list("notes", "codes of what was fixed or doubted"),
    ),
)
#: What a source can describe -> the table its rows become.
ENTITIES: dict[str, Table] = {
    "client": PARTY,
    "interaction": INTERACTION,
    "transaction": TRANSACTION,
    "opportunity": OPPORTUNITY,
    "consent": CONSENT,
}

# --------------------------------------------------------------------------------------------------- linkage
#: Positions are places in the order of (source, key); left < right; no pair twice.
PAIRS = Table(
    "pairs",
    (
        _int("left", "position of the first party"),
        _int("right", "position of the second party, greater than left"),
        _int("rules", "blocking rules that brought the pair: bit n is row n of BLOCKING"),
    ),
)
BLOCKING = Table(
    "blocking",
    (
        _text("rule", "blocking rule"),
        _int("entries", "keys that the records have, counted for each record"),
        _int("blocks", "keys that several records share, and not too many"),
        _int("pairs", "pairs that share such a key"),
        _int("dropped_blocks", "keys that too many records share"),
        _int("dropped_pairs", "pairs that were not made for that reason"),
    ),
)
PATTERNS = Table(
    "patterns",
    (
        _text("kind", "person or organization"),
        _int("pairs", "pairs compared whose levels are these"),
        _int("in_play", "of these, pairs that were kept for scoring"),
    ),
)
DROPPED_BLOCKS = Table(
    "dropped_blocks",
    (
        _text("rule", "blocking rule"),
        _text("key_hash", "hash of the key: the key itself may be personal"),
        _int("records", "records that share it"),
        _int("pairs", "pairs that were not made"),
        _text("examples", "some of these records, source:key, joined by commas"),
    ),
)
KNOWN_RECORDS = Table(
    "known_records",
    (
        _int("record", "hash of source and key, by position"),
        _int("fingerprint", "hash of all that linkage looks at: equal while the record is as it was"),
    ),
)
KNOWN_BLOCKS = Table("known_blocks", (_int("block", "hash of rule and key of each block that was kept, rising"),))
#: A scored pair is a PAIRS row with one level code a comparison (column level:<comparison>, int8), then these.
LEVEL_PREFIX = "level:"
WEIGHT = "weight"  # float64, log2 Bayes factor plus prior: the match weight
PROBABILITY = "probability"  # float64

MEMBERS = Table(
    "members",
    (
        *RECORD,
        _text("client_id", "the client that the record belongs to"),
        Column("size", "int", "records of the client"),
        Column("density", "float", "share of the cluster's pairs that are matches; 1.0 for a single record"),
        Column("weakest", "float", "lowest match weight on the strongest tree that spans the cluster"),
        _int("contradictions", "pairs within the cluster that contradict each other"),
        _int("bridges", "matching pairs between the cluster and others: cut, for the rest speaks against them"),
        _text("flags", "why a person should look at the cluster: large, loose, contradiction, bridge, joined by +"),
    ),
)
MATCHES = Table(
    "matches",
    (
        _text("left_source", "source of the first record"),
        _text("left_key", "its key"),
        _text("right_source", "source of the second record"),
        _text("right_key", "its key"),
        Column(WEIGHT, "float", "match weight, log2"),
        Column(PROBABILITY, "float", "match probability"),
        _text("verdict", "match (merged), review (a person must look) or forbidden (contradiction)"),
        _text("reasons", "JSON list of {comparison, level, weight}: the waterfall, without values"),
    ),
)
UNHEEDED = Table(
    "unheeded",
    (
        _text("left_source", "source of the first record"),
        _text("left_key", "its key"),
        _text("right_source", "source of the second record"),
        _text("right_key", "its key"),
        _text("verdict", "what a person decided: same or different"),
        _int("line", "line of the file of decisions"),
        _text("state", "refused (other decisions forbid it) or waiting (a record is not in the run)"),
        _text("reason", "why it was not obeyed, by reference"),
    ),
)
EVENTS = Table(
    "events",
    (
        _text("event", "merge (clients became one) or split (records left a client)"),
        _text("client_id", "the client that remains or that lost records"),
        _text("other_id", "the client that went into it, or that was split off"),
        _text("reason", "the records and the match behind it, by reference"),
    ),
)
#: What clients are to one another without being one; a mutual relation stands once, the smaller id first.
RELATIONS = Table(
    "relations",
    (
        _text("from_id", "client"),
        _text("to_id", "the client that it is related to"),
        _text("relation", "household (mutual), trades_as, works_at or branch_of"),
        Column(WEIGHT, "float", "weight of the reasons, log2 odds"),
        Column(PROBABILITY, "float", "probability of the relation"),
        _text("reasons", "JSON list of {reason, weight}, without values"),
    ),
)
CROSSWALK = Table("crosswalk", (*RECORD, _text("client_id", "client that holds the record")))

# ---------------------------------------------------------------------------------------------------- client
_CLIENT_ID = _text("client_id", "stable id of the client")
_ROW_ID = _text("row_id", "stable id of the row: hash of its client or record and its natural key")

CLIENT = Table(
    "client",
    (
        _CLIENT_ID,
        _text("kind", "person or organization"),
        _text("status", "prospect, active or former"),
        _text("display_name", "name in its native script", personal=True),
        _text("latin_name", "name in Latin letters", personal=True),
        _text("language", "preferred language"),
        _text("sex", "f or m"),
        _text("birth_date", "ISO date", personal=True),
        _text("legal_form", "canonical class"),
        _text("owner", "user who looks after the client"),
        _text("branch", "department or branch"),
        _text("segment", "classification"),
        _text("balance", "exact decimal text: sum over sources where currencies agree"),
        _text("currency", "ISO 4217"),
        _text("created_at", "earliest creation in the sources"),
        _text("comment", "comments of the sources, joined", personal=True),
    ),
)
CLIENT_NAME = Table(
    "client_name",
    (
        _ROW_ID,
        _CLIENT_ID,
        _text("script", "ISO 15924"),
        _text("language", "ISO 639-1"),
        _text("full_name", "whole name", personal=True),
        _text("given", "given name", personal=True),
        _text("patronymic", "patronymic", personal=True),
        _text("family", "family name", personal=True),
        Column("is_primary", "bool", "the display name"),
    ),
)
CLIENT_PHONE = Table(
    "client_phone",
    (_ROW_ID, _CLIENT_ID, _text("phone", "E.164, ;ext=N", personal=True), Column("is_primary", "bool", "first choice")),
)
CLIENT_EMAIL = Table(
    "client_email",
    (_ROW_ID, _CLIENT_ID, _text("email", "address", personal=True), Column("is_primary", "bool", "first choice")),
)
CLIENT_ADDRESS = Table(
    "client_address",
    (
        _ROW_ID,
        _CLIENT_ID,
        _text("country", "ISO 3166 alpha-2"),
        _text("region", "region"),
        _text("city", "city"),
        _text("postal_code", "postal code", personal=True),
        _text("street", "street and house, as the source wrote it", personal=True),
        Column("is_primary", "bool", "first choice"),
    ),
)
CLIENT_IDENTIFIER = Table(
    "client_identifier",
    (_ROW_ID, _CLIENT_ID, _text("type", "e.g. ru_inn"), _text("value", "canonical value", personal=True)),
)
CLIENT_CONSENT = Table(
    "client_consent",
    (
        _ROW_ID,
        _CLIENT_ID,
        _text("channel", "email, phone, sms or post"),
        _text("allowed", "yes or no; where sources disagree the stricter wins"),
        _text("since", "ISO date"),
    ),
)
_LEGACY = (_ROW_ID, _CLIENT_ID, _text("legacy_source", "source"), _text("legacy_key", "its key"))
CLIENT_INTERACTION = Table(
    "interaction",
    (
        *_LEGACY,
        *(c for c in INTERACTION.columns if c.name in ("occurred_at", "channel", "direction", "subject", "owner")),
    ),
)
CLIENT_TRANSACTION = Table(
    "client_transaction",
    (
        *_LEGACY,
        *(c for c in TRANSACTION.columns if c.name in ("occurred_at", "document", "type", "amount", "currency")),
    ),
)
CLIENT_OPPORTUNITY = Table(
    "opportunity",
    (
        *_LEGACY,
        *(
            c
            for c in OPPORTUNITY.columns
            if c.name in ("opened_at", "title", "stage", "amount", "currency", "expected_close", "owner")
        ),
    ),
)
CRM_USER = Table("crm_user", (_text("user_id", "stable id"), _text("name", "as the sources call the user")))
#: Tables of the single client database, in the order in which they are loaded. First column: primary key.
CLIENT_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CRM_USER,
        CLIENT,
        CLIENT_NAME,
        CLIENT_PHONE,
        CLIENT_EMAIL,
        CLIENT_ADDRESS,
        CLIENT_IDENTIFIER,
        CLIENT_CONSENT,
        CLIENT_INTERACTION,
        CLIENT_TRANSACTION,
        CLIENT_OPPORTUNITY,
    )
}
LINEAGE = Table(
    "lineage",
    (
        _CLIENT_ID,
        _text("field", "column of the client, or child table for contacts"),
        _text("value", "the value that won", personal=True),
        _text("source", "source of the record that gave it"),
        _text("key", "its key"),
        _text("rule", "survivorship rule that decided: only_value, trusted, recent, frequent, longest, union, ..."),
        _text("lost", "JSON list of {source, key, value}: the values that lost", personal=True),
    ),
)

# -------------------------------------------------------------------------------------------------- controls
CHECKS = Table(
    "checks",
    (
        _text("suite", "raw, party, client or target"),
        _text("table", "the frame or table checked, e.g. party/shop"),
        _text("check", "unique name of the expectation"),
        _text("severity", "critical (blocks the load), row (quarantines rows) or warn"),
        Column("success", "bool", "whether it held"),
        _int("failed", "rows or values that broke it"),
        _int("total", "rows or values looked at"),
        _text("message", "what was expected, in words, without values"),
    ),
)
LEDGER = Table(
    "ledger",
    (
        _text("source", "source"),
        _int("read", "data rows delivered by the source"),
        _int("loaded", "rows that stand in the target as the first record of a client, or as a row of their own"),
        _int("merged", "rows folded into a client that another row brought"),
        _int("quarantined", "rows refused with a reason"),
        _int("excluded", "rows left out by rule"),
        _int("awaiting", "rows of a manual-entry workbook that are not filled in yet"),
        _int("difference", "read minus all of these: must be zero"),
    ),
)
FINDINGS = Table(
    "findings",
    (
        _text("area", "ledger, totals, fields or reports"),
        _text("subject", "source, total, field or report"),
        _text("reference", "record or group, by reference"),
        _text("legacy", "value on the legacy side", personal=True),
        _text("crm", "value in the CRM", personal=True),
        _text("status", "raw, explained or unexplained"),
        _text("rule", "rule that explains it"),
    ),
)
