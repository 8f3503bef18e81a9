"""Heights of rows: as many lines as the fullest cell takes, and never more than a workbook bears."""

from __future__ import annotations

import pytest

from crm_etl.heights import LINE, height


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        ([], 1),
        ([("", 10)], 1),
        ([(None, 10)], 1),
        ([("a" * 10, 10)], 1),
        ([("a" * 11, 10)], 2),
        ([("a\nb\nc", 44)], 3),
        ([("a" * 11 + "\n\nb", 10), ("a" * 30, 10)], 4),
        ([("a" * 100_000, 10)], 10),
    ],
)
def test_a_row_is_as_high_as_its_fullest_cell(cells: list[tuple[object, int]], lines: int) -> None:
    assert height(cells) == lines * LINE
