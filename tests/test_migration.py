"""The migration file: what is accepted, and what each mistake answers."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from crm_etl import migration
from crm_etl.faults import MigrationFault
from crm_etl.starter import write_starter

ROOT = Path(__file__).parent.parent
FILE = Path("migration.yaml")


def source(**changes: Any) -> dict[str, Any]:
    base = {"name": "shop", "connector": "csv", "path": "a.csv", "encoding": "utf-8", "key": "Code"}
    return {**base, "fields": {"name": "Name"}, **changes}


def document(*sources: dict[str, Any], **more: Any) -> str:
    return yaml.safe_dump({"name": "m", "sources": list(sources) or [source()], **more}, allow_unicode=True)


def test_shorthand_of_fields_becomes_rules() -> None:
    parsed = migration.parse(document(source(fields={"phones": ["A", {"column": "B", "country": "UA"}]})), FILE)
    rules = parsed.sources[0].fields["phones"]
    assert [(rule.column, rule.country) for rule in rules] == [("A", None), ("B", "UA")]
    assert parsed.sources[0].used_columns == ["Code", "A", "B"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("name: [", "not YAML"),
        ("name: a\x02b", "not YAML: a character that text cannot hold"),
        ("- a\n- b\n", "not settings under names"),
        ("name: m\nname: n\n", "'name' stands twice (lines 1 and 2)"),
        ("name: m\nwaves: [{cutover: 2027-13-15}]\n", "not YAML: month must be in 1..12"),
        (document(source(fields={"birth_date": {"column": "B", "format": "dd.mm.yyyy"}})), "directives such as %d"),
        (document(source(delimeter=";")), "no such setting; did you mean 'delimiter'?"),
        (f"{document(source())}\nmatching: {{rules: phone}}", "must be a list: [one, another]"),
        (f"{document(source())}\nmatching: phone", "must have settings of its own"),
        (document(source(country="Russia")), "two capital letters"),
        (document(reconciliation={"schedule": "every day"}), "five fields"),
        (document(source(connector="cvs")), "csv"),
        (document(source(frob=1)), "sources[0].frob (line"),
        (document(source(fields={"nme": "Name"})), "unknown fields ['nme']"),
        (document(source(fields={"birth_date": "Born"})), "needs 'format'"),
        (document(source(fields={"identifiers": "INN"})), "needs 'type'"),
        (document(source(fields={"kind": {"column": "T", "map": {"x": "animal"}}})), "animal"),
        (document(source(fields={"name": {"column": "A", "constant": "b"}})), "exactly one"),
        (document(source(entity="transaction")), "unknown fields ['name']"),
        (document(source(entity="transaction", fields={"document": "D"})), "'client'"),
        (document(source(), source()), "stand twice"),
        (document(matching={"threshold": 0.4}), "'review'"),
        (document(survivorship={"trust": ["nobody"]}), "nobody"),
        (document(target={"url": "postgresql://me:secret@h/db"}), "password"),
        (document(target={"url": "postgresql://me:${NOT_SET_ANYWHERE}@h/db"}), "NOT_SET_ANYWHERE"),
    ],
)
def test_mistakes_are_answered_with_path_and_remedy(text: str, says: str) -> None:
    with pytest.raises(MigrationFault) as caught:
        migration.parse(text, FILE, environ={})
    assert says in str(caught.value)
    assert caught.value.remedy
    assert "secret" not in str(caught.value)


def test_line_of_the_mistake_is_named() -> None:
    text = (
        "name: m\nsources:\n  - name: shop\n    connector: csv\n    path: a\n    encoding: u\n    key: k\n    frob: 1\n"
    )
    with pytest.raises(MigrationFault, match=r"sources\[0\].frob \(line 8\)"):
        migration.parse(text + "    fields: {name: n}\n", FILE)


def test_environment_fills_variables() -> None:
    text = document(target={"url": "postgresql://me:${PW}@h/db"})
    assert migration.parse(text, FILE, environ={"PW": "s3"}).target.url == "postgresql://me:s3@h/db"


def test_a_doubled_sign_stands_for_the_text_itself() -> None:
    text = document(source(fields={"name": ["note $${HOME}", "$$${A}", "$${A}${A}", "$${", "$A"]}))
    (parsed,) = migration.parse(text, FILE, environ={"A": "b"}).sources
    assert parsed.used_columns == ["Code", "note ${HOME}", "$${A}", "${A}b", "$${", "$A"]


def test_a_text_that_looks_like_a_variable_is_no_reference_to_a_password() -> None:
    with pytest.raises(MigrationFault, match="a password stands in the file"):
        migration.parse(document(target={"url": "postgresql://me:$${PW}@h/db"}), FILE, environ={"PW": "s3"})


def test_starter_is_valid_and_never_overwritten(tmp_path: Path) -> None:
    write_starter(tmp_path / "new")
    assert migration.load(tmp_path / "new").name == "my_migration"
    with pytest.raises(MigrationFault, match="exists already"):
        write_starter(tmp_path / "new")


def test_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(MigrationFault, match="crm-etl init"):
        migration.load(tmp_path)


def test_checked_in_schema_is_the_models_own() -> None:
    stored = (ROOT / "docs/reference/migration.schema.json").read_text(encoding="utf-8")
    assert json.loads(stored) == json.loads(json.dumps(migration.json_schema())), "run: make docs"


def test_schema_accepts_the_starter() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    text = (ROOT / "crm_etl/templates/migration.yaml").read_text(encoding="utf-8")
    jsonschema.validate(yaml.safe_load(text), migration.json_schema())


def test_trust_names_every_client_source_once() -> None:
    parsed = migration.parse(document(source(), source(name="b"), survivorship={"trust": ["b"]}), FILE)
    assert parsed.trust == ["b", "shop"]
