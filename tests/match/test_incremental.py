"""Reruns: what changed is compared, and the outcome is that of a full run on the same model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.faults import StateFault
from crm_etl.match import Parties, Scored, cluster, score, texts
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.diagnostics import diagnose
from crm_etl.match.encode import Codes, Lists
from crm_etl.match.incremental import fingerprints, remember, rescore
from crm_etl.match.rules import RULES
from crm_etl.match.scoring import full_levels
from crm_etl.match.texts import Hashed
from crm_etl.migration import Matching
from crm_etl.storage import State
from tests.match.factories import crowd, organization, parties, person

_PEOPLE, _ = crowd(150)
_FIRMS = parties(
    *(
        organization(f"o{n}", f"{word} {kind}", phones=[f"+7495000{n // 2:04d}"], city="Moscow")
        for n, (word, kind) in enumerate((w, k) for w in ("alfa", "beta", "gamma", "delta") for k in ("stroi", "trade"))
    )
)
_BEFORE = pd.concat([_PEOPLE, _FIRMS], ignore_index=True)
_SMALL = Matching.model_validate({"max_block": 12, "random_pairs": 20_000})


@pytest.fixture(scope="module")
def last() -> Scored:
    return _first(_BEFORE, _SMALL)


def _first(frame: pd.DataFrame, matching: Matching) -> Scored:
    encoded = Parties(frame)
    return remember(encoded, matching, score(encoded, matching))


def test_the_figures_of_a_rerun_tell_what_was_taken_over(last: Scored) -> None:
    again = rescore(Parties(_BEFORE), _SMALL, last)
    assert diagnose(again, _SMALL)["taken_over"] == len(last.pairs) == len(again.pairs)


def _same_as_full(frame: pd.DataFrame, last: Scored, matching: Matching = _SMALL) -> tuple[Scored, Scored]:
    """The rerun and the full run on its model, found to be equal in pairs, members, ids, matches and events."""
    crosswalk = cluster(Parties(_BEFORE), last, matching, None, schema.CROSSWALK.empty()).members
    crosswalk = crosswalk[schema.CROSSWALK.names]
    ours, theirs = (Parties(frame), Parties(frame))
    again, full = rescore(ours, matching, last), score(theirs, matching, model=last.model)
    pd.testing.assert_frame_equal(again.pairs, full.pairs, check_exact=True)
    assert again.model == full.model
    one, other = (
        cluster(encoded, scored, matching, None, crosswalk) for encoded, scored in ((ours, again), (theirs, full))
    )
    for name in ("members", "matches", "events"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    return again, full


def test_nothing_changed_nothing_is_compared(last: Scored) -> None:
    again, full = _same_as_full(_BEFORE.sample(frac=1, random_state=5), last)
    assert again.facts["compared"] == 0 < full.facts["compared"]
    assert again.facts["incremental"]["unchanged"] == len(_BEFORE)
    assert again.facts["incremental"]["pairs_taken_over"] == len(again.pairs) > 0


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_a_rerun_is_a_full_run_on_the_same_model(last: Scored, seed: int) -> None:
    again, full = _same_as_full(_changed(_BEFORE, np.random.default_rng(seed)), last)
    assert again.facts["compared"] < full.facts["compared"] / 2
    assert again.facts["incremental"]["new_or_changed"] <= 20


def test_reruns_follow_one_another(last: Scored) -> None:
    draw = np.random.default_rng(1)
    frame = _BEFORE
    for _ in range(3):
        frame = _changed(frame, draw)
        again, _ = _same_as_full(frame, last)
        last = remember(Parties(frame), _SMALL, again)


def test_blocks_that_are_kept_only_now_are_compared(last: Scored) -> None:
    narrower = _SMALL.model_copy(update={"max_block": 2})
    again, full = _same_as_full(_BEFORE, _first(_BEFORE, narrower))
    assert 0 < again.facts["compared"] < full.facts["compared"]
    again, _ = _same_as_full(_BEFORE, last, narrower)
    assert again.facts["compared"] == 0
    assert again.facts["incremental"]["pairs_taken_over"] < len(last.pairs)


def test_more_bits_for_positions_make_no_other_blocks() -> None:
    only_phones = Matching.model_validate({"rules": ["phone"]})
    before = parties(*(person(str(n), "Anna", "Petrova", phones=[f"+7916{n // 2:07d}"]) for n in range(64)))
    after = pd.concat([before, parties(person("z", "Boris", "Kuznetsov"))], ignore_index=True)
    again = rescore(Parties(after), only_phones, _first(before, only_phones))
    assert again.facts["compared"] == 0
    assert again.facts["incremental"]["pairs_taken_over"] > 0


def test_other_rules_are_other_blocks(last: Scored) -> None:
    fewer = _SMALL.model_copy(update={"rules": ("phone", "email")})
    again, _ = _same_as_full(_BEFORE, _first(_BEFORE, fewer))
    assert again.facts["compared"] > 0
    _same_as_full(_BEFORE, last, fewer)


def test_a_value_that_ceases_to_tell_changes_those_who_have_it() -> None:
    mailbox = "anna.belova@{}.example"
    rows = [person(str(n), "Anna", "Belova", source="web", emails=[mailbox.format(f"p{n}")]) for n in range(4)]
    before = pd.concat([_PEOPLE, parties(*rows)], ignore_index=True)
    last = _first(before, _SMALL)
    one_more = parties(person("9", "Boris", "Gromov", source="web", emails=[mailbox.format("p9")]))
    after = pd.concat([before, one_more], ignore_index=True)
    again, full = rescore(Parties(after), _SMALL, last), score(Parties(after), _SMALL, model=last.model)
    pd.testing.assert_frame_equal(again.pairs, full.pairs, check_exact=True)
    assert again.facts["incremental"]["new_or_changed"] == len(rows) + 1


@pytest.mark.parametrize(
    ("column", "value", "same"),
    [
        ("phones", ["+79160000000"], False),
        ("birth_date", "1901-01-01", False),
        ("city", "Omsk", False),
        ("comment", "rang twice", True),
        ("line", 77, True),
        ("owner", "somebody", True),
    ],
)
def test_a_fingerprint_is_of_what_linkage_looks_at(column: str, value: Any, same: bool) -> None:
    changed = _PEOPLE.copy()
    changed.at[3, column] = value
    equal = fingerprints(Parties(_PEOPLE)) == fingerprints(Parties(changed))
    assert equal.tolist() == [row != 3 or same for row in range(len(_PEOPLE))]


def test_what_linkage_looks_at_changes_with_the_fingerprint_only() -> None:
    common = [organization(f"n{n}", f"alfa {word}", source="web") for n, word in enumerate(_words(40))]
    locals_ = [person(f"p{n}", "Anna", "Belova", source="web", emails=[f"same.name@p{n}.example"]) for n in range(6)]
    before = pd.concat([_BEFORE, parties(*locals_[:4])], ignore_index=True)
    after = pd.concat([before, parties(*common, *locals_[4:])], ignore_index=True)
    one, other = Parties(before), Parties(after)
    place = other.position[: len(before)][one.row]
    same = fingerprints(one) == fingerprints(other)[place]
    assert 0 < (~same).sum() < 10
    for feature in {feature for rule in RULES for feature in rule.features}:
        ours, theirs = _seen(feature(one)), _seen(feature(other))[place]
        assert (ours == theirs)[same].all()
    for kind in COMPARISONS:
        at = np.flatnonzero(same & (one.kind == kind))
        left, right = (side.ravel() for side in np.meshgrid(at, at))
        left, right = left[left < right], right[left < right]
        ours, theirs = (full_levels(kind, *sides) for sides in ((one, left, right), (other, place[left], place[right])))
        assert {name: levels.tolist() for name, levels in ours.items()} == {
            name: levels.tolist() for name, levels in theirs.items()
        }


def test_no_records_then_or_now(last: Scored) -> None:
    none = schema.PARTY.empty()
    assert len(rescore(Parties(none), _SMALL, last).pairs) == 0
    empty = _first(none, _SMALL)
    again = rescore(Parties(_FIRMS), _SMALL, empty)
    pd.testing.assert_frame_equal(again.pairs, score(Parties(_FIRMS), _SMALL, model=empty.model).pairs)


def test_what_a_run_leaves_survives_the_state_folder(last: Scored, tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("match/scores", last)
    again, _ = _same_as_full(_BEFORE, state.read("match/scores", Scored))
    assert again.facts["compared"] == 0


def test_a_model_of_another_version_is_refused(last: Scored) -> None:
    with pytest.raises(StateFault, match="another version"):
        rescore(Parties(_FIRMS), _SMALL, last, model={"version": -1})


def _words(count: int) -> list[str]:
    return [f"{a}{b}ograd" for a in ("nov", "bel", "zel", "kras", "tur") for b in "abdefgklmnoprstuvwxyz"][:count]


def _seen(feature: Codes | Lists | Hashed) -> Any:
    """A hash of what each record has of a feature."""
    if isinstance(feature, Hashed):
        sums = np.append(np.uint64(0), np.cumsum(feature.hashes))
        return sums[feature.ends] - sums[feature.starts]
    if isinstance(feature, Codes):
        return np.append(feature.hashes, np.uint64(0))[feature.codes]
    return texts.totals(feature.hashes[feature.codes], feature.offsets)


def _changed(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """``frame`` with a few records gone, a few changed and a few new."""
    kept = frame.drop(index=draw.choice(len(frame), 5, replace=False)).reset_index(drop=True)
    for row in draw.choice(len(kept), 5, replace=False).tolist():
        other = int(draw.integers(len(kept)))
        for column in draw.choice(["phones", "emails", "birth_date", "given_latin", "city"], 2).tolist():
            kept.at[row, column] = kept.at[other, column]
    fresh = frame.take(draw.choice(len(frame), 5, replace=False)).copy()
    fresh["source"] = f"late{draw.integers(1000)}"
    return pd.concat([kept, fresh], ignore_index=True)


def test_another_holder_of_an_address_changes_no_pair_of_others() -> None:
    homes = ["anna.petrova@firm-a.example", "anna.petrova@firm-b.example"]
    rows = [person(f"m{n}", "Anna", "Petrova", source="web", emails=[home]) for n, home in enumerate(homes)]
    before = pd.concat([_PEOPLE, parties(*rows)], ignore_index=True)
    others = [person(f"a{n}", "Boris", "Ivanov", source="web", emails=[home]) for n, home in enumerate(homes)]
    after = pd.concat([before, parties(*others)], ignore_index=True)
    again = rescore(Parties(after), _SMALL, _first(before, _SMALL))
    full = score(Parties(after), _SMALL, model=again.model)
    pd.testing.assert_frame_equal(again.pairs, full.pairs, check_exact=True)
