"""Heights of rows in the workbooks that are written for people, in points.

Some office programs leave rows as low as they are, whatever stands in them; so the height is said.
"""

from __future__ import annotations

#: Height of a line, and of a title.
LINE, TITLE = 15, 22
#: Lines that are shown at once; the rest of a cell is read where it is chosen. No row may be higher than 409 points.
_MOST_LINES = 10


def height(cells: list[tuple[object, int]]) -> int:
    """Height of a row of ``cells``: what stands in each, and the characters that its column holds."""
    return LINE * min(max((_lines(str(value), width) for value, width in cells), default=1), _MOST_LINES)


def _lines(text: str, width: int) -> int:
    return sum(max(1, -(-len(line) // width)) for line in text.splitlines() or [""])
