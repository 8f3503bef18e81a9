"""``migration.yaml`` as typed models: what the project's people declare, and nothing that runs.

:func:`load` reads the file, fills its variables (:mod:`crm_etl.environment`), validates, and turns every error into a
:class:`~crm_etl.faults.MigrationFault` that names the path in the file, its line and the remedy. Secrets never
stand in the file: a literal password in a URL is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from crm_etl import environment, schema
from crm_etl.environment import is_variable
from crm_etl.faults import MigrationFault, Where
from crm_etl.passwords import has_literal_password

FILE_NAME = "migration.yaml"
_CRON = re.compile(r"(@\w+|[-\d*,/A-Za-z#]+(\s+[-\d*,/A-Za-z#]+){4})")
#: What Excel takes in no name of a sheet.
_NO_SHEET = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="lower case, digits and underscores")]
Entity = Literal["client", "interaction", "transaction", "opportunity", "consent"]
OnError = Literal["quarantine", "warn"]
Repair = Literal["mojibake", "homoglyphs"]
Calendar = Literal["gregorian", "jalali"]

#: Fields that a mapping may fill, per entity. The name decides the type.
_PARTY_FIELDS: dict[str, str] = {
    "name": "name",
    "given": "name",
    "patronymic": "name",
    "family": "name",
    "other_names": "name",
    "kind": "enum",
    "status": "enum",
    "sex": "enum",
    "birth_date": "date",
    "phones": "phone",
    "emails": "email",
    "identifiers": "identifier",
    "address": "address",
    "country": "country",
    "region": "address",
    "city": "address",
    "postal_code": "address",
    "street": "address",
    "owner": "text",
    "branch": "text",
    "segment": "text",
    "consent_email": "bool",
    "consent_phone": "bool",
    "consent_sms": "bool",
    "consent_post": "bool",
    "balance": "money",
    "currency": "currency",
    "created_at": "date",
    "updated_at": "date",
    "comment": "text",
}
FIELD_TYPES: dict[str, dict[str, str]] = {
    "client": _PARTY_FIELDS,
    "interaction": {
        "occurred_at": "date",
        "channel": "enum",
        "direction": "enum",
        "subject": "text",
        "owner": "text",
    },
    "transaction": {
        "occurred_at": "date",
        "document": "text",
        "type": "enum",
        "amount": "money",
        "currency": "currency",
    },
    "opportunity": {
        "opened_at": "date",
        "title": "text",
        "stage": "enum",
        "amount": "money",
        "currency": "currency",
        "expected_close": "date",
        "owner": "text",
    },
    "consent": {"channel": "enum", "allowed": "bool", "since": "date"},
}
#: Values that an enum field may take after mapping.
ENUMS: dict[str, tuple[str, ...]] = {
    "kind": ("person", "organization"),
    "status": ("prospect", "active", "former"),
    "sex": ("f", "m"),
    "channel": ("phone", "email", "sms", "meeting", "chat", "post", "other"),
    "direction": ("in", "out"),
    "type": ("sale", "refund", "payment"),
    "stage": ("new", "qualified", "proposal", "won", "lost"),
}
IDENTIFIER_TYPES = (
    "ru_inn",
    "ru_kpp",
    "ru_ogrn",
    "ru_snils",
    "ua_edrpou",
    "ua_rnokpp",
    "kz_bin",
    "by_unp",
    "az_voen",
    "md_idno",
    "tr_tckn",
    "tr_vkn",
    "ir_national_id",
    "ir_company_id",
    "eu_vat",
    "passport",
    "other",
)


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldRule(Model):
    """How one field is filled: from columns or a constant, and how its cells are read."""

    column: str | None = Field(None, description="source column")
    columns: tuple[str, ...] = Field((), description="several columns, joined by a blank in this order")
    constant: str | None = Field(None, description="the same value for every row")
    map: dict[str, str] = Field({}, description="cell -> value, '' for none; compared trimmed and without case")
    closed: bool = Field(
        False, description="refuse cells that the map does not have, e.g. owners nobody named; enums always do"
    )
    format: str | None = Field(None, description="date format, strptime style, e.g. %d.%m.%Y; of Jalali parts too")
    calendar: Calendar = "gregorian"
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="default country, ISO 3166 alpha-2")
    type: str | None = Field(None, description=f"identifier type: {', '.join(IDENTIFIER_TYPES)}")
    on_error: OnError | None = Field(
        None,
        description="what a cell that cannot be read does to its row; none given: quarantine, but of an identifier "
        "with a wrong check digit warn",
    )
    repair: tuple[Repair, ...] = Field(
        (),
        description="damage to set right, each with a note: mojibake (UTF-8 that was read in another encoding), "
        "homoglyphs (letters of another script in e-mail addresses)",
    )
    restore_zero: bool = Field(
        False, description="phones and identifiers stored as numbers lost their leading zeros: put them back"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> FieldRule:
        given = [bool(self.column), bool(self.columns), self.constant is not None]
        if sum(given) != 1:
            raise ValueError("give exactly one of 'column', 'columns' or 'constant'")
        if self.type is not None and self.type not in IDENTIFIER_TYPES:
            raise ValueError(f"unknown identifier type '{self.type}': one of {', '.join(IDENTIFIER_TYPES)}")
        if self.closed and not self.map:
            raise ValueError("'closed' needs a 'map': the values that are known")
        return self

    @property
    def source_columns(self) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else self.columns


class ClientReference(Model):
    """Where a related row finds its client: the client source and the column that holds that source's key."""

    source: Name
    column: str


class Filter(Model):
    """Rows left out on purpose: where ``column`` holds one of ``values`` (trimmed, without case)."""

    column: str
    values: tuple[str, ...] = Field(min_length=1)
    rule: Name = "filter"


class Volume(Model):
    """Rows expected from a source, and how many of them may be bad."""

    least: int = Field(0, ge=0, description="fewer rows stop the source")
    most: int | None = Field(None, ge=1, description="more rows warn")
    fewer: float = Field(0.5, ge=0, le=1, description="fewer than this share of the last run's rows stop the source")
    more: float = Field(2.0, ge=1, description="more than so many times the last run's rows warn")
    quarantined: float = Field(
        0.25, ge=0, le=1, description="a larger share of rows in quarantine forbids the load: the mapping is wrong"
    )


class SourceBase(Model):
    name: Name
    entity: Entity = "client"
    title: str | None = Field(None, description="how people call this source, for reports")
    key: str | tuple[str, ...] = Field(description="column, or columns, that identify a row")
    fields: dict[str, tuple[FieldRule, ...]] = Field(description="field -> where it comes from")
    client: ClientReference | None = Field(None, description="for related rows: where their client is found")
    ignore: tuple[str, ...] = Field((), description="columns that are knowingly not moved")
    null_tokens: tuple[str, ...] = Field((), description="cells that mean 'no value', compared trimmed, without case")
    brands: tuple[str, ...] = Field((), description="words in letters of two scripts that are meant so, e.g. Яndex")
    remove_controls: bool = Field(
        False, description="read cells without their control characters, with a note, instead of refusing their rows"
    )
    renamed: tuple[str, ...] = Field(
        (), description="keys whose records name wholly other people than before, and are the same clients nevertheless"
    )
    country: str = Field("RU", pattern="^[A-Z]{2}$", description="default country for phones and addresses")
    decimal: Literal[".", ","] = Field(".", description="decimal separator of amounts")
    exclude: tuple[Filter, ...] = ()
    volume: Volume = Volume()  # type: ignore[call-arg]  # pydantic fills the defaults
    owner_team: str | None = Field(None, description="who answers for the source, shown in Dagster")

    @field_validator("fields", mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {field: tuple(_rule(item) for item in _as_list(rules)) for field, rules in value.items()}

    @model_validator(mode="after")
    def _fields_fit(self) -> SourceBase:
        known = FIELD_TYPES[self.entity]
        unknown = sorted(set(self.fields) - set(known))
        if unknown:
            raise ValueError(f"unknown fields {unknown}: a {self.entity} has {sorted(known)}")
        for field, rules in self.fields.items():
            self._rules_fit(field, known[field], rules)
        if (self.entity == "client") != (self.client is None):
            raise ValueError("'client' (source and column) is for related rows, and they need it")
        return self

    def _rules_fit(self, field: str, kind: str, rules: tuple[FieldRule, ...]) -> None:
        for rule in rules:
            if kind == "identifier" and rule.type is None:
                raise ValueError(f"fields.{field}: an identifier needs 'type', one of {', '.join(IDENTIFIER_TYPES)}")
            if kind == "date" and rule.format is None and rule.constant is None:
                raise ValueError(f"fields.{field}: a date needs 'format', e.g. '%d.%m.%Y': guessing is not allowed")
            if kind == "date" and rule.format is not None and "%" not in rule.format:
                raise ValueError(f"fields.{field}: a date format is written in directives such as %d.%m.%Y")
            if kind == "enum":
                allowed = ENUMS[field]
                wrong = sorted({*rule.map.values(), *([rule.constant] if rule.constant else [])} - {*allowed, ""})
                if wrong:
                    raise ValueError(f"fields.{field}: {wrong} not among {list(allowed)}")

    @property
    def key_columns(self) -> tuple[str, ...]:
        return (self.key,) if isinstance(self.key, str) else self.key

    @property
    def used_columns(self) -> list[str]:
        """Columns that the mapping needs, in a stable order, none twice."""
        columns = [
            *self.key_columns,
            *(column for rules in self.fields.values() for rule in rules for column in rule.source_columns),
            *([self.client.column] if self.client is not None else []),
            *(rule.column for rule in self.exclude),
        ]
        return list(dict.fromkeys(columns))

    def mends(self, column: str) -> bool:
        """Whether every field that is read from ``column`` has its mojibake repaired."""
        rules = [rule for rules in self.fields.values() for rule in rules if column in rule.source_columns]
        return bool(rules) and all("mojibake" in rule.repair for rule in rules)

    @property
    def typed(self) -> bool:
        """Whether cells may hold typed dates and numbers, which a connector writes in one form of its own."""
        return True

    @property
    def label(self) -> str:
        return self.title if self.title is not None else self.name


class CsvSource(SourceBase):
    connector: Literal["csv"]
    path: str = Field(
        description="a file, plain, gzipped or zipped, or a pattern such as sales-*.csv for several alike"
    )
    encoding: str | None = Field(None, description="e.g. cp1251, utf-8; none given: the run stops and proposes one")
    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: str | None = Field('"', min_length=1, max_length=1, description="null: quotes are text like any other")
    header_row: int | None = Field(
        None, ge=0, description="line of the column names, 1 if not given; with `columns`: lines above the first row"
    )
    columns: tuple[str, ...] = Field((), description="the names in order, for files without a row of names")
    comment: str | tuple[str, ...] = Field(
        (), description="what lines of comment begin with, e.g. '#'; left out, counted"
    )
    member: str | None = Field(
        None, description="name or pattern of the file that is meant in a zip archive of several"
    )

    @model_validator(mode="after")
    def _marks_differ(self) -> CsvSource:
        if self.delimiter in ("\r", "\n", self.quote) or self.quote in ("\r", "\n"):
            raise ValueError("delimiter and quote must be two different marks, and no line ends")
        if self.header_row == 0 and not self.columns:
            raise ValueError("header_row: 0 means that there is no row of names: declare them in order under 'columns'")
        if "" in _as_list(self.comment):
            raise ValueError("'comment' must not be empty: every line begins with nothing")
        return self

    @property
    def typed(self) -> bool:
        return False


class WorkbookSource(SourceBase):
    """What both kinds of workbooks have."""

    path: str
    header_row: int = Field(1, ge=1, description="sheet row of the column names; rows above it are titles")
    header_rows: int = Field(
        1,
        ge=0,
        le=5,
        description="rows that the column names take; several levels become one name a column; 0: there are none",
    )
    header_joiner: str = Field(" / ", min_length=1, description="between the levels of a column name")
    columns: tuple[str, ...] = Field(
        (), description="names of all columns, left to right, in place of those in the header"
    )
    fill_merged: bool | tuple[str, ...] = Field(
        False, description="give merged cells the value that they share: yes, or the columns where it is meant"
    )
    shown_zeros: tuple[str, ...] = Field(
        (), description="columns whose numbers are taken with the leading zeros of their format, e.g. 000000 (.xlsx)"
    )
    format: Literal["xlsx", "xls", "xlsb", "ods"] | None = Field(
        None, description="what the file is, where its name says otherwise; .xlsm is xlsx"
    )
    password: SecretStr | None = Field(None, description="of a protected workbook, as ${NAME}")

    @model_validator(mode="after")
    def _named(self) -> WorkbookSource:
        if self.header_rows == 0 and not self.columns:
            raise ValueError("without a header (header_rows: 0) the names must be declared under 'columns'")
        return self


class ExcelSource(WorkbookSource):
    connector: Literal["excel"]
    sheet: str | None = Field(None, description="needed unless one sheet alone has something in it and is visible")
    total_row: str | tuple[str, ...] | None = Field(
        None, description="text, or texts, in the first cell that mark a total row, e.g. جمع"
    )


class ManualSource(WorkbookSource):
    """A workbook filled in by hand. A row whose ``required`` columns are all empty still awaits its entry."""

    connector: Literal["manual"]
    sheet: str = "clients"
    required: tuple[str, ...] = Field(min_length=1, description="columns that make a row entered")

    @field_validator("sheet")
    @classmethod
    def _sheet_name(cls, name: str) -> str:
        if not 1 <= len(name) <= 31 or _NO_SHEET.search(name):
            raise ValueError(
                "no workbook has such a sheet: 1 to 31 characters, none of []:*?/\\, no apostrophe first or last"
            )
        return name


class SqlSource(SourceBase):
    connector: Literal["sql"]
    url: str = Field(description="SQLAlchemy URL; the password as ${NAME}")
    table: str | None = Field(None, description="a table or view; of another schema: schema.table")
    query: str | None = Field(None, description="a SELECT whose rows are the source's")
    timeout: int = Field(300, ge=1, description="seconds that the database may take until it sends rows, or more rows")
    retries: int = Field(4, ge=0, le=20, description="how often a lost connection is made anew, with growing pauses")

    @model_validator(mode="after")
    def _table_or_query(self) -> SqlSource:
        if (self.table is None) == (self.query is None):
            raise ValueError("give exactly one of 'table' or 'query'")
        return self


class DbfSource(SourceBase):
    connector: Literal["dbf"]
    path: str
    encoding: str | None = Field(None, description="code page, e.g. cp866; none given: crm-etl names the file's own")


Source = Annotated[CsvSource | DbfSource | ExcelSource | ManualSource | SqlSource, Field(discriminator="connector")]


class Matching(Model):
    """How records are found to be the same client."""

    seed: int = Field(20260101, ge=0, description="draws the pairs to learn from: the same seed, the same model")
    threshold: float = Field(0.75, gt=0, lt=1, description="match probability from which records are merged")
    review: float = Field(0.5, gt=0, lt=1, description="from here up to the threshold a person decides")
    max_block: int = Field(200, ge=2, description="a blocking key that more records share is dropped, and listed")
    pairs_per_record: int | None = Field(
        None,
        ge=1,
        description="pairs that the rules may make for each record; the largest blocks are dropped to keep to it, but "
        "none of a few records; none given: 16, and six million in all are never too many",
    )
    memory: int = Field(2000, ge=50, description="megabytes for sorting blocking keys; more of them are sorted on disk")
    random_pairs: int = Field(1_000_000, ge=1000, description="random pairs that u probabilities are learned from")
    model: str | None = Field(None, description="a model file (JSON) to score by; none given: learned in each full run")
    decisions: str = Field("decisions.csv", description="append-only file of human judgements, beside this file")
    rules: tuple[str, ...] = Field((), description="blocking rules by name; none given: all")

    @model_validator(mode="after")
    def _order(self) -> Matching:
        if self.review > self.threshold:
            raise ValueError("'review' must not be above 'threshold'")
        return self


SurvivorshipRule = Literal["trusted", "recent", "frequent", "longest"]


class Survivorship(Model):
    """Which value wins where records of one client differ."""

    trust: tuple[Name, ...] = Field((), description="sources, the most trusted first")
    default: tuple[SurvivorshipRule, ...] = ("trusted", "recent", "frequent", "longest")
    fields: dict[str, tuple[SurvivorshipRule, ...]] = Field({}, description="field -> rules, instead of the default")

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(value) - set(schema.CLIENT.names))
        if unknown:
            raise ValueError(f"unknown client fields {unknown}: known are {schema.CLIENT.names}")
        return value


class Target(Model):
    url: str = Field("sqlite:///crm.sqlite", description="SQLAlchemy URL; the password as ${NAME}")


class Report(Model):
    """One report of the old system, and the query that gives it in the new one."""

    name: Name
    title: str
    legacy: str = Field(description="CSV file that the old system printed, UTF-8, comma, first row column names")
    keys: tuple[str, ...] = Field(min_length=1, description="columns that identify a line of the report")
    measures: tuple[str, ...] = Field(min_length=1, description="columns that are compared as exact numbers")
    query: str = Field(description="SQL over the CRM that gives the same columns")
    tolerance: str = Field("0", pattern=r"^\d+(\.\d+)?$", description="largest difference that counts as equal")


class Reconciliation(Model):
    reports: tuple[Report, ...] = ()
    sample: int = Field(0, ge=0, description="compare the fields of at most so many clients; 0: all")
    schedule: str = Field("0 6 * * *", description="cron line of the schedule, off until somebody turns it on")

    @field_validator("schedule")
    @classmethod
    def _cron(cls, line: str) -> str:
        if not _CRON.fullmatch(line.strip()):
            raise ValueError("a cron line has five fields: minute hour day month weekday, e.g. 0 6 * * *")
        return line


class Wave(Model):
    """Clients of some branches, cut over together."""

    name: Name
    branches: tuple[str, ...] = Field(min_length=1)
    cutover: str | None = Field(None, pattern=r"^\d{4}-\d\d-\d\d$")


class Migration(Model):
    """A whole migration project."""

    name: Name
    title: str = ""
    owner: str = Field("data-team", description="team that answers for the migration")
    sources: tuple[Source, ...] = Field(min_length=1)
    matching: Matching = Matching()  # type: ignore[call-arg]
    survivorship: Survivorship = Survivorship()  # type: ignore[call-arg]
    target: Target = Target()  # type: ignore[call-arg]
    reconciliation: Reconciliation = Reconciliation()  # type: ignore[call-arg]
    waves: tuple[Wave, ...] = ()
    _root: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _names_agree(self) -> Migration:
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"source names stand twice: {twice}")
        clients = {source.name for source in self.client_sources}
        if not clients:
            raise ValueError("no source has entity 'client'")
        for source in self.sources:
            if source.client is not None and source.client.source not in clients:
                raise ValueError(f"sources.{source.name}.client.source: no client source '{source.client.source}'")
        strangers = sorted(set(self.survivorship.trust) - clients)
        if strangers:
            raise ValueError(f"survivorship.trust: no client source {strangers}")
        return self

    @property
    def root(self) -> Path:
        """The migration folder: relative paths start here."""
        return self._root

    @property
    def client_sources(self) -> list[Source]:
        return [source for source in self.sources if source.entity == "client"]

    @property
    def related_sources(self) -> list[Source]:
        return [source for source in self.sources if source.entity != "client"]

    def source(self, name: str) -> Source:
        for source in self.sources:
            if source.name == name:
                return source
        raise MigrationFault(
            f"no source '{name}'", remedy=f"one of: {', '.join(source.name for source in self.sources)}"
        )

    @property
    def trust(self) -> list[str]:
        """All client sources, the most trusted first; those not listed follow in the file's order."""
        rest = [source.name for source in self.client_sources if source.name not in self.survivorship.trust]
        return [*self.survivorship.trust, *rest]


def load(folder: Path) -> Migration:
    """The migration of ``folder`` (or of the file itself), validated.

    Raises:
        MigrationFault: the file is missing, not YAML, or does not make sense.
    """
    path = folder / FILE_NAME if folder.is_dir() or folder.suffix == "" else folder
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MigrationFault(
            f"no {FILE_NAME}", where=Where(str(path)), remedy="make one with: crm-etl init DIR"
        ) from None
    except UnicodeDecodeError as error:
        raise MigrationFault(
            f"not UTF-8 at byte {error.start}", where=Where(str(path)), remedy="save the file as UTF-8"
        ) from None
    except OSError as error:
        raise MigrationFault(
            f"cannot read the migration file: {error.strerror}",
            where=Where(str(path)),
            remedy="give your user the right to read it",
        ) from None
    migration = parse(text, path)
    migration._root = path.parent.resolve()
    return migration


def parse(text: str, path: Path, environ: Mapping[str, str] | None = None) -> Migration:
    """The migration that ``text`` declares; ``path`` is for messages only."""
    try:
        document = yaml.safe_load(text)
        lines = _lines(text, path)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        problem = getattr(error, "problem", None)
        if isinstance(error, yaml.reader.ReaderError):
            problem = "a character that text cannot hold"
        elif problem is None:
            problem = str(error)  # a date that no calendar has
        raise MigrationFault(
            f"not YAML: {problem}", where=Where(str(path), row=line), remedy="mend the indentation or the quotes"
        ) from None
    if not isinstance(document, dict):
        what = "the file is empty" if document is None else "these are not settings under names"
        raise MigrationFault(what, where=Where(str(path)), remedy="start with: crm-etl init DIR")
    document = _fill(document, os.environ if environ is None else environ, (), path, lines)
    try:
        return Migration.model_validate(document)
    except ValidationError as error:
        raise _fault(error, path, lines) from None


def json_schema() -> dict[str, Any]:
    """JSON Schema of the migration file, for editors."""
    document = Migration.model_json_schema()
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "crm-etl migration.yaml"
    shorthand = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/FieldRule"}]}
    for definition in document["$defs"].values():
        fields = definition.get("properties", {}).get("fields", {})
        if "#/$defs/FieldRule" in str(fields):
            fields["additionalProperties"] = {"anyOf": [*shorthand["anyOf"], {"type": "array", "items": shorthand}]}
    return document


def filled(url: str, environ: Mapping[str, str]) -> str:
    """A URL from the command line, its ``${NAME}`` filled from the environment.

    Raises:
        MigrationFault: a password stands in it, or the environment lacks a name.
    """
    if has_literal_password(url):
        raise MigrationFault(
            "a password stands in the URL, where other users of this machine see it",
            remedy="write '${NAME}' in its place, in single quotes, and set NAME in the environment",
        )

    def value_of(name: str) -> str:
        if name not in environ:
            raise MigrationFault(
                f"the environment has no variable {name}", remedy=f"set it before the run: export {name}=..."
            )
        return environ[name]

    return environment.fill(url, value_of)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _rule(item: Any) -> Any:
    return {"column": item} if isinstance(item, str) else item


def _fill(value: Any, environ: Mapping[str, str], at: tuple[str | int, ...], path: Path, lines: _Lines) -> Any:
    if isinstance(value, dict):
        return {key: _fill(item, environ, (*at, key), path, lines) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, environ, (*at, index), path, lines) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    if has_literal_password(value) or (_is_password(at) and not is_variable(value)):
        raise MigrationFault(
            f"{_dotted(at)}: a password stands in the file",
            where=Where(str(path), row=_line(lines, at)),
            remedy="write ${NAME} in its place and set NAME in the environment",
        )

    def value_of(name: str) -> str:
        if name not in environ:
            raise MigrationFault(
                f"{_dotted(at)}: the environment has no variable {name}",
                where=Where(str(path), row=_line(lines, at)),
                remedy=f"set it before the run: export {name}=...",
            )
        return environ[name]

    return environment.fill(value, value_of)


def _is_password(at: tuple[str | int, ...]) -> bool:
    return len(at) == 3 and at[0] == "sources" and at[2] == "password"


_Lines = dict[tuple[str | int, ...], int]


def _lines(text: str, path: Path) -> _Lines:
    def walk(node: yaml.Node, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], int]]:
        yield at, node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                if key.value in seen:
                    # YAML keeps the last one and says nothing: a setting would be lost in silence.
                    raise MigrationFault(
                        f"'{_dotted((*at, key.value))}' stands twice (lines {seen[key.value]} and {line})",
                        where=Where(str(path), row=line),
                        remedy="keep one of them",
                    )
                seen[key.value] = line
                yield (*at, key.value), line
                yield from ((a, n) for a, n in walk(value, (*at, key.value)) if a != (*at, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                yield from walk(value, (*at, index))

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return {} if root is None else dict(walk(root, ()))


def _line(lines: _Lines, at: tuple[str | int, ...]) -> int | None:
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at)


def _dotted(at: tuple[str | int, ...]) -> str:
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"


_TAGS = {"csv", "dbf", "excel", "manual", "sql"}
_REMEDIES = {
    "missing": "add it",
    "extra_forbidden": "remove it or mend its spelling; 'crm-etl init' shows all settings",
    "union_tag_invalid": f"connector is one of: {', '.join(sorted(_TAGS))}",
    "union_tag_not_found": f"add 'connector', one of: {', '.join(sorted(_TAGS))}",
}


_PATTERNS = {
    "^[A-Z]{2}$": "two capital letters, e.g. RU or IR",
    r"^[a-z][a-z0-9_]{0,39}$": "lower case letters, digits and underscores, a letter first, 40 at most",
    r"^\d+(\.\d+)?$": "a number that is not below zero, e.g. 0.01",
}


def _message(problem: Any) -> str:
    """What is wrong, in the words of the file rather than of the library that found it."""
    if problem["type"] == "missing":
        return "is missing"
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(str(problem["loc"][-1]), sorted(_settings()), n=1)
        return f"no such setting; did you mean '{near[0]}'?" if near else "no such setting here"
    if problem["type"] in ("tuple_type", "list_type"):
        return "must be a list: [one, another], or a line for each entry that begins with -"
    if problem["type"] in ("dict_type", "model_type", "model_attributes_type"):
        return "must have settings of its own, one a line: name: value"
    if problem["type"] == "string_pattern_mismatch":
        return f"must be {_PATTERNS.get(problem['ctx']['pattern'], problem['ctx']['pattern'])}"
    text: str = problem["msg"]
    return text.removeprefix("Value error, ")


def _settings() -> set[str]:
    """Names of all settings of the file."""
    kinds, names = [Model], set[str]()
    for kind in kinds:
        names |= set(kind.model_fields)
        kinds += kind.__subclasses__()
    return names


def _fault(error: ValidationError, path: Path, lines: _Lines) -> MigrationFault:
    problems = error.errors(include_url=False, include_input=False)
    # Pydantic also calls a list too short when one of its items is wrong: that says nothing new.
    problems = [p for p in problems if p["type"] != "too_short"] or problems
    texts, rows = [], []
    for problem in problems:
        loc = tuple(part for part in problem["loc"] if part not in _TAGS)
        row = _line(lines, loc)
        rows.append(row)
        place = f"{_dotted(loc)}{'' if row is None else f' (line {row})'}: " if loc else ""
        message = _message(problem)
        texts.append(f"{place}{message[:1].lower()}{message[1:]}")
    first = problems[0]["type"]
    what = texts[0] if len(texts) == 1 else "\n  ".join([f"{len(texts)} settings are wrong:", *texts])
    return MigrationFault(
        what,
        where=Where(str(path), row=rows[0]),
        remedy=_REMEDIES.get(first, "mend the setting; docs/reference/migration-file.md describes it"),
    )
