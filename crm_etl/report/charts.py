"""Small charts as inline SVG: no script, no request; they print and follow the page's colours.

Colours come from the classes of ``style.css`` (``mark``, ``stroke``, ``axis``, ``soft``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_etl.report.page import number, signed

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
    return svg(Markup("").join(rows), _WIDTH, max(len(items), 1) * _ROW, title)


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
    return svg(axis + line + dots + ends, width, height, title)


def weight_chart(items: Sequence[tuple[str, float]], title: str, most: float = 1.0, width: int = 420) -> Markup:
    """Horizontal bars of ``(label, bits)`` to both sides of zero: for to the right, against to the left.

    ``most``: bits that a bar of full length stands for, so that several charts have one scale; more if a bar has more.
    """
    from markupsafe import Markup

    label, value = 110, 44
    most = max([most, *(abs(bits) for _, bits in items)])
    half = (width - label - 2 * value) / 2
    zero = label + value + half
    rows = [Markup('<line class="axis" x1="{}" y1="0" x2="{}" y2="{}"/>').format(zero, zero, len(items) * _ROW)]
    for at, (name, bits) in enumerate(items):
        long = abs(bits) / most * half
        left = zero if bits >= 0 else zero - long
        rows.append(
            Markup(
                '<text x="{x}" y="{y}" text-anchor="end">{label}</text>'
                '<rect class="mark {tone}" x="{left}" y="{top}" width="{width}" height="13" rx="2"/>'
                '<text x="{end}" y="{y}" class="soft" text-anchor="{anchor}">{shown}</text>'
            ).format(
                x=label - 6,
                y=at * _ROW + 16,
                label=_short(name, 16),
                tone="ok" if bits >= 0 else "bad",
                left=f"{left:.1f}",
                top=at * _ROW + 5,
                width=f"{max(long, 1):.1f}",
                end=f"{zero + long + 6:.1f}" if bits >= 0 else f"{zero - long - 6:.1f}",
                anchor="start" if bits >= 0 else "end",
                shown=signed(bits),
            )
        )
    return svg(Markup("").join(rows), width, max(len(items), 1) * _ROW, title)


def columns(items: Sequence[tuple[int, float, float]], title: str, width: int = 960, height: int = 180) -> Markup:
    """Upright bars of ``(place, all, part)`` at rising places, the part before the whole, square roots of numbers."""
    from markupsafe import Markup

    top = max((whole for _, whole, _ in items), default=0) or 1
    step, base = width / max(len(items), 1), height - 20
    bars = [Markup('<line class="axis" x1="0" y1="{}" x2="{}" y2="{}"/>').format(base, width, base)]
    for at, (place, whole, part) in enumerate(items):
        for tone, count in (("pale", whole), ("", part)):
            high = (count / top) ** 0.5 * (base - 8)
            bars.append(
                Markup('<rect class="mark {}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    tone, f"{at * step + 1:.1f}", f"{base - high:.1f}", f"{step - 2:.1f}", f"{high:.1f}"
                )
            )
        if not place % 8:
            bars.append(
                Markup('<text class="soft" x="{}" y="{}">{}</text>').format(f"{at * step:.1f}", height - 5, place)
            )
    return svg(Markup("").join(bars), width, height, title)


def timeline(items: Sequence[tuple[str, int]], title: str, width: int = 900, height: int = 170) -> Markup:
    """Upright bars of ``(period, number)`` in a row, and over them the line of their sum so far, each to its own
    scale; the year stands below where it begins."""
    from markupsafe import Markup

    if not items:
        return Markup("")
    left, right, base, room = 46, 56, height - 20, height - 38
    top, whole = max(count for _, count in items) or 1, sum(count for _, count in items) or 1
    step = (width - left - right) / len(items)
    marks = [Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(left, base, width - right, base)]
    points, total, year = [], 0, ""
    for at, (period, count) in enumerate(items):
        x, high = left + at * step, count / top * room
        marks.append(
            Markup('<rect class="mark pale" x="{}" y="{}" width="{}" height="{}"/>').format(
                f"{x:.1f}", f"{base - high:.1f}", f"{max(step - 1, 0.6):.1f}", f"{high:.1f}"
            )
        )
        total += count
        points.append(f"{x + step / 2:.1f},{base - total / whole * room:.1f}")
        if period[:4] != year:
            year = period[:4]
            # Every year where there is room for its four figures, else every fifth.
            if step * 12 >= 34 or len(period) == 4 or int(year) % 5 == 0:
                marks.append(Markup('<text class="soft" x="{}" y="{}">{}</text>').format(f"{x:.1f}", height - 5, year))
    marks.append(Markup('<polyline class="stroke" points="{}"/>').format(" ".join(points)))
    ends = Markup('<text class="soft" x="{}" y="{}" text-anchor="end">{}</text><text x="{}" y="{}">{}</text>').format(
        left - 6, base - room + 8, number(top), width - right + 6, base - room + 8, number(whole)
    )
    return svg(Markup("").join(marks) + ends, width, height, title)


def parts(items: Sequence[tuple[str, int, str]], title: str, width: int = 420) -> Markup:
    """One bar parted into ``(label, number, tone)``, with the labels below it; parts of nothing are left out."""
    from markupsafe import Markup

    held = [item for item in items if item[1]]
    whole = sum(count for _, count, _ in held) or 1
    marks, x, place = [Markup("")], 0.0, 0
    for label, count, tone in held:
        wide = count / whole * width
        text = f"{label} {number(count)}"
        marks.append(
            Markup(
                '<rect class="mark {tone}" x="{x}" y="0" width="{wide}" height="14"/>'
                '<circle class="mark {tone}" cx="{dot}" cy="27" r="4"/><text x="{at}" y="31">{text}</text>'
            ).format(tone=tone, x=f"{x:.1f}", wide=f"{max(wide - 1, 1):.1f}", dot=place + 5, at=place + 13, text=text)
        )
        x += wide
        place += 26 + 7 * len(text)
    return svg(Markup("").join(marks), max(width, place), 38, title)


def histogram(items: Sequence[tuple[int, int, int]], title: str, width: int = 96, height: int = 26) -> Markup:
    """Small upright bars of ``(from, to, number)`` side by side: the shape of a distribution, its ends written out."""
    from markupsafe import Markup

    top = max((count for _, _, count in items), default=0) or 1
    step = width / max(len(items), 1)
    bars = [
        Markup('<rect class="mark" x="{}" y="{}" width="{}" height="{}"/>').format(
            f"{at * step:.1f}",
            f"{height - max(count / top * height, 1.0 if count else 0):.1f}",
            f"{max(step - 1, 1):.1f}",
            f"{max(count / top * height, 1.0 if count else 0):.1f}",
        )
        for at, (_, _, count) in enumerate(items)
    ]
    return svg(Markup("").join(bars), width, height, title)


def curves(across: Sequence[float], upwards: Sequence[float], title: str, size: int = 300) -> Markup:
    """A line of ``upwards`` over ``across``, both from zero, and the diagonal where they are equal."""
    from markupsafe import Markup

    side = 30
    top = max([*across, *upwards, 1.0])
    scale = (size - 2 * side) / top
    path = " ".join(
        f"{side + x * scale:.1f},{size - side - y * scale:.1f}" for x, y in zip(across, upwards, strict=True) if x >= 0
    )
    line = '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>'
    frame = [
        Markup(line).format(side, size - side, size - side, size - side),
        Markup(line).format(side, side, side, size - side),
        Markup(line).format(side, size - side, size - side, side),
        Markup('<polyline class="stroke" points="{}"/>').format(path),
    ]
    for bits in range(0, int(top) + 1, 10):
        at = f"{side + bits * scale:.1f}"
        frame.append(Markup('<text class="soft" x="{}" y="{}">{}</text>').format(at, size - side + 16, bits))
        level = f"{size - side - bits * scale + 4:.1f}"
        frame.append(
            Markup('<text class="soft" x="{}" y="{}" text-anchor="end">{}</text>').format(side - 6, level, bits)
        )
    return svg(Markup("").join(frame), size, size, title)


def svg(inner: Markup, width: int, height: int, title: str) -> Markup:
    """A chart of ``inner`` that shrinks with the page and is read out as ``title``."""
    from markupsafe import Markup

    head = Markup('<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{t}">')
    return head.format(w=width, h=height, t=title) + inner + Markup("</svg>")


def _short(label: str, most: int = 27) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
