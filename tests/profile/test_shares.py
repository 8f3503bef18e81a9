"""How much of a proposed mapping is right: the demo's own headers, headers never seen, and none that mean anything.

The demo company's own mapping is the truth. ``unseen_headers.yml`` was written before the word list, ``product_headers
.yml`` after it; neither was a source of words. Run with ``-s`` to read the shares.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from crm_etl.normalize.text import fold
from crm_etl.profile.column_words import lexicon
from tests.profile.conftest import Looked, proposed, wanted

Names = Mapping[str, Mapping[str, str]]
HERE = Path(__file__).parent
UNSEEN: dict[str, Names] = yaml.safe_load((HERE / "unseen_headers.yml").read_text("utf-8"))
PRODUCTS: dict[str, Names] = yaml.safe_load((HERE / "product_headers.yml").read_text("utf-8"))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def judged(looked: Looked, names: Names) -> list[tuple[str, str, bool]]:
    """Source, header and whether what is proposed for it is right, of all columns that are no key or reference."""
    found = []
    for draft in looked.drafts(names):
        source, own = looked.migration.source(draft.name), names[draft.name]
        truth, guess = wanted(source), proposed(draft)
        for column in looked.helds[draft.name].columns:
            structural = column in source.key_columns and column not in truth
            if structural or (source.client is not None and column == source.client.column):
                continue
            header = own.get(column, column)
            found.append((draft.name, header, guess.get(header, set()) == truth.get(column, set())))
    return found


def share(found: list[tuple[str, str, bool]]) -> float:
    return sum(right for _, _, right in found) / len(found)


def structure(looked: Looked, names: Names) -> tuple[int, int]:
    """Of entities, keys and client references: how many are right, and how many there are."""
    right = whole = 0
    for draft in looked.drafts(names):
        source, own = looked.migration.source(draft.name), names[draft.name]
        (key,) = source.key_columns
        told = [draft.entity == source.entity, draft.key is not None and draft.key.column == own.get(key, key)]
        if source.client is not None:
            place = (source.client.source, own.get(source.client.column, source.client.column))
            told.append(draft.client is not None and (draft.client[0], draft.client[1].column) == place)
        right, whole = right + sum(told), whole + len(told)
    return right, whole


def test_nearly_all_of_the_demos_own_mapping_is_proposed(looked: Looked) -> None:
    names: Names = {source.name: {} for source in looked.migration.sources}
    found = judged(looked, names)
    say(f"\nthe demo's own headers: {share(found):.1%} of {len(found)} fields")
    assert share(found) >= 0.95
    assert structure(looked, names) == (23, 23)


def test_dates_and_identifiers_are_proposed_as_the_demo_declares_them(looked: Looked) -> None:
    for draft in looked.drafts({source.name: {} for source in looked.migration.sources}):
        declared = looked.migration.source(draft.name)
        for line in draft.lines:
            if "format" not in line.settings:
                continue
            (rule,) = [rule for rule in declared.fields[line.field] if rule.column == line.column]
            assert line.settings["format"] == rule.format
            assert line.settings.get("calendar", "gregorian") == rule.calendar


def test_maps_of_closed_lists_agree_with_the_demos_own(looked: Looked) -> None:
    judged_maps = 0
    for draft in looked.drafts({source.name: {} for source in looked.migration.sources}):
        declared = looked.migration.source(draft.name)
        cells = {column.name: set(column.facts.values) for column in looked.columns[draft.name]}
        for line in (
            line for line in draft.lines if line.field in ("kind", "status", "sex", "channel", "stage", "type")
        ):
            (rule,) = [rule for rule in declared.fields[line.field] if rule.column == line.column]
            held = {cell: value for cell, value in rule.map.items() if cell in cells[line.column]}
            assert {cell: line.settings.get("map", {}).get(cell, cell) for cell in held} == held
            judged_maps += 1
    assert judged_maps >= 12


@pytest.mark.parametrize("variant", sorted(UNSEEN | PRODUCTS))
def test_most_is_right_under_headers_never_seen(looked: Looked, variant: str) -> None:
    names = (UNSEEN | PRODUCTS)[variant]
    found = judged(looked, names)
    right, whole = structure(looked, names)
    say(f"\n{variant}: {share(found):.1%} of {len(found)} fields; {right} of {whole} entities, keys, references")
    assert share(found) >= 0.85
    assert right >= whole - 1


@pytest.mark.parametrize("variants", [UNSEEN, PRODUCTS], ids=["before the word list", "after it"])
def test_headers_that_the_word_list_does_not_hold_are_no_worse(looked: Looked, variants: dict[str, Names]) -> None:
    every = [one for names in variants.values() for one in judged(looked, names)]
    listed = lexicon()
    strange = [one for one in every if fold(one[1]).replace(" ", "") not in listed]
    say(f"\nall: {share(every):.1%} of {len(every)}; headers not in the list: {share(strange):.1%} of {len(strange)}")
    assert len(strange) > 0.5 * len(every)
    assert share(every) >= 0.93
    assert share(strange) >= 0.93


def test_cells_alone_tell_most_where_headers_mean_nothing(looked: Looked) -> None:
    names = {
        name: {column: f"c{place}" for place, column in enumerate(held.columns, 1)}
        for name, held in looked.helds.items()
    }
    found = judged(looked, names)
    right, whole = structure(looked, names)
    say(f"\nc1, c2 …: {share(found):.1%} of {len(found)} fields; {right} of {whole} entities, keys, references")
    assert share(found) >= 0.8
    assert right >= whole - 2
