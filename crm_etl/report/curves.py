"""Charts of shares over a threshold, as inline SVG like those of :mod:`crm_etl.report.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_etl.report.charts import svg
from crm_etl.report.page import number

if TYPE_CHECKING:
    from markupsafe import Markup

#: Size of a chart, and its room at the left, right and below.
_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _FOOT, _TOP = 52, 90, 42, 12
#: Least distance of two labels.
_GAP = 15.0


@dataclass(frozen=True)
class Line:
    """A line of a chart: its label, its tone ("", "ok", "warn" or "bad"), and points whose shares run from 0 to 1."""

    label: str
    tone: str
    points: Sequence[tuple[float, float]]


def curve_chart(lines: Sequence[Line], title: str, below: str, mark: float | None = None) -> Markup:
    """``lines`` over one axis, which ``below`` names; each label stands at the end of its line.

    ``mark``: a place on the axis that gets a dashed line.
    """
    from markupsafe import Markup

    across = [x for line in lines for x, _ in line.points]
    if not across:
        return Markup("")
    plane = _Plane(min(across), max(across))
    parts = [*plane.grid(below), *(plane.curve(line) for line in lines), *plane.labels(lines)]
    if mark is not None and plane.low <= mark <= plane.high:
        parts.append(plane.upright(mark))
    return svg(Markup("").join(parts), _WIDTH, _HEIGHT, title)


@dataclass(frozen=True)
class _Plane:
    """Where things stand: ``low`` to ``high`` across, shares upwards."""

    low: float
    high: float

    def x(self, value: float) -> str:
        return f"{_LEFT + (value - self.low) / ((self.high - self.low) or 1) * (_WIDTH - _LEFT - _RIGHT):.1f}"

    def y(self, share: float) -> float:
        return _HEIGHT - _FOOT - share * (_HEIGHT - _FOOT - _TOP)

    def grid(self, below: str) -> list[Markup]:
        from markupsafe import Markup

        tick = Markup('<text class="soft" x="{}" y="{}" text-anchor="middle">{}</text>')
        foot = _HEIGHT - _FOOT + 17
        values = [self.low + (self.high - self.low) * step / 4 for step in range(5)]
        return [
            *(self._level(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
            *(tick.format(self.x(value), foot, number(round(value, 1))) for value in values),
            tick.format(self.x((self.low + self.high) / 2), _HEIGHT - 4, below),
        ]

    def _level(self, share: float) -> Markup:
        from markupsafe import Markup

        line = Markup(
            '<line class="axis" x1="{x}" y1="{y}" x2="{end}" y2="{y}"/>'
            '<text class="soft" x="{text}" y="{y}" dy="4" text-anchor="end">{share}</text>'
        )
        y = f"{self.y(share):.1f}"
        return line.format(x=_LEFT, y=y, end=self.x(self.high), text=_LEFT - 8, share=f"{share * 100:.0f} %")

    def curve(self, line: Line) -> Markup:
        from markupsafe import Markup

        path = " ".join(f"{self.x(x)},{self.y(share):.1f}" for x, share in line.points)
        return Markup('<polyline class="stroke {}" points="{}"/>').format(line.tone, path)

    def upright(self, value: float) -> Markup:
        from markupsafe import Markup

        line = Markup('<line class="axis" stroke-dasharray="4 4" x1="{x}" y1="{foot}" x2="{x}" y2="{head}"/>')
        return line.format(x=self.x(value), foot=_HEIGHT - _FOOT, head=_TOP)

    def labels(self, lines: Sequence[Line]) -> list[Markup]:
        """Labels at the ends of the lines, moved apart where these end close together."""
        from markupsafe import Markup

        text = Markup('<text class="word {}" x="{}" y="{}" dy="4">{}</text>')
        found, last = [], -_GAP
        for height, label, tone in sorted((self.y(line.points[-1][1]), line.label, line.tone) for line in lines):
            last = max(height, last + _GAP)
            found.append(text.format(tone, _WIDTH - _RIGHT + 8, f"{last:.1f}", label))
        return found
