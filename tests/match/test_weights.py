"""Weights in compiled code are those of the formula, pair by pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import ORGANIZATION, PERSON
from crm_etl.match.kin import KIN, believed
from crm_etl.match.model import Counts, KindModel, declared
from crm_etl.match.scoring import add_up
from crm_etl.match.weights import LEAST_CHANCE, SCALE, by_rarity

_BITS = np.array([-3.0, 1.0, 8.0, 0.0])


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 50), st.floats(0, 100, width=32)), max_size=20),
    st.floats(0, 5),
    st.floats(0.001, 100),
    st.booleans(),
)
def test_rarity_by_the_formula(rows: list[tuple[int, int, float]], twins: float, usual: float, parts: bool) -> None:
    levels = np.array([row[0] for row in rows], dtype=np.int8)
    seen = np.array([row[1] for row in rows], dtype=np.int64)
    chance = np.array([row[2] for row in rows], dtype=np.float32)
    nothing = np.zeros(0, dtype=np.float32)
    found = by_rarity(levels, _BITS[levels], 2, seen, chance if parts else nothing, usual, twins)
    for weight, level, count, expected in zip(found, levels, seen, chance, strict=True):
        said = _BITS[level]
        if level == 2 and count:
            mean = max(float(expected), LEAST_CHANCE) if parts else usual
            said += np.log2(usual / (mean / (1 + mean) * (1 + max(count - 2 - twins, 0))))
        assert np.isclose(weight, said)


def test_a_value_seen_once_more_is_worth_less() -> None:
    seen = np.array([2, 3, 10, 100])
    found = by_rarity(np.full(4, 2, dtype=np.int8), np.full(4, 8.0), 2, seen, np.zeros(0, dtype=np.float32), 0.5, 0.0)
    assert (np.diff(found) < 0).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_match_weights_are_the_sum_of_the_waterfall_to_the_bit(seed: int) -> None:
    draw = np.random.default_rng(seed)
    for kind in (PERSON, ORGANIZATION):
        table, size = COMPARISONS[kind], 40
        codes = {entry.name: draw.integers(-1, len(entry.levels), size).astype(np.int8) for entry in table}
        counts = Counts(
            {entry.name: draw.integers(0, 9, size) for entry in table if entry.count is not None},
            {entry.name: draw.random(size, dtype=np.float32) for entry in table if entry.chance is not None},
        )
        learned = {entry.name: np.minimum(SCALE, 12.0) for entry in table if entry.learned}
        m, u = declared(kind, "m"), declared(kind, "u")
        kin = {sort.name: believed(sort, 5000) for sort in KIN[kind]}
        model = KindModel(kind, 5000, 1e-4, m, u, learned=learned, alike={"whole": declared(kind, "u")}, kin=kin)
        waterfall = model.waterfall(codes, counts)
        assert np.array_equal(add_up(waterfall, model), model.weights(codes, counts))
        some = np.flatnonzero(draw.random(size) < 0.5)
        part = model.weights({name: levels[some] for name, levels in codes.items()}, counts.take(some))
        assert np.array_equal(part, model.weights(codes, counts)[some])
