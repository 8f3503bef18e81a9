"""Small charts as inline SVG: no script, no request; they print and follow the page's colours.

Colours come from the classes of ``style.css`` (``mark``, ``stroke``, ``axis``, ``soft``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_etl.report.page import number

if TYPE_CHECKING:
    from markupsafe import Markup

_ROW = 24
_LABEL = 190
_WIDTH = 640
_VALUE = 90


def bar_chart(items: Sequence[tuple[str, float, str]], title: str) -> Markup:
    """Horizontal bars of ``(label, value, tone)``; tone is "", "ok", "warn" or "bad"; values are not negative."""
    from markupsafe import Markup

    top = max((value for _, value, _ in items), default=0) or 1
    room = _WIDTH - _LABEL - _VALUE
    rows = [Markup("")]
    for at, (label, value, tone) in enumerate(items):
        y = at * _ROW
        shown = number(int(value) if float(value).is_integer() else value)
        rows.append(
            Markup(
                '<text x="{x}" y="{y}" text-anchor="end">{label}</text>'
                '<rect class="mark {tone}" x="{left}" y="{top}" width="{width}" height="13" rx="2"/>'
                '<text x="{end}" y="{y}" class="soft">{shown}</text>'
            ).format(
                x=_LABEL - 10,
                y=y + 16,
                label=_short(label),
                tone=tone,
                left=_LABEL,
                top=y + 5,
                width=f"{max(value / top * room, 1.5 if value else 0):.1f}",
                end=f"{_LABEL + value / top * room + 8:.1f}",
                shown=shown,
            )
        )
    return _svg(Markup("").join(rows), _WIDTH, max(len(items), 1) * _ROW, title)


def line_chart(values: Sequence[float], title: str, width: int = 640, height: int = 90) -> Markup:
    """A line through ``values`` at equal distances from zero upwards; first and last value are written beside it."""
    from markupsafe import Markup

    if not values:
        return Markup("")
    top, pad, side = max(values) or 1, 12, 60
    step = (width - 2 * side) / max(len(values) - 1, 1)
    points = [(side + at * step, height - pad - value / top * (height - 2 * pad)) for at, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = Markup("").join(
        Markup('<circle class="mark" cx="{}" cy="{}" r="3"/>').format(f"{x:.1f}", f"{y:.1f}") for x, y in points
    )
    ends = Markup('<text class="soft" x="{}" y="{}" text-anchor="end">{}</text><text x="{}" y="{}">{}</text>').format(
        side - 10,
        f"{points[0][1] + 4:.1f}",
        number(values[0]),
        f"{points[-1][0] + 10:.1f}",
        f"{points[-1][1] + 4:.1f}",
        number(values[-1]),
    )
    axis = Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        side, height - pad, width - side, height - pad
    )
    line = Markup('<polyline class="stroke" points="{}"/>').format(path)
    return _svg(axis + line + dots + ends, width, height, title)


def _svg(inner: Markup, width: int, height: int, title: str) -> Markup:
    from markupsafe import Markup

    head = Markup('<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{t}">')
    return head.format(w=width, h=height, t=title) + inner + Markup("</svg>")


def _short(label: str, most: int = 27) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
