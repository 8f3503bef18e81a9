"""HTML pages from the templates beside this module: one file each, that opens offline and prints.

Templates extend ``base.html`` (blocks ``title``, ``subtitle``, ``body``; style inline) and take their pieces
from ``macros.html``. Autoescape is on: only :class:`markupsafe.Markup` (the charts) goes in as it is. Every other
text is shown with its unseen characters made visible; cells that come from sources pass the macro ``text``, which
also keeps a spreadsheet that a table is pasted into from running them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from crm_etl.neutral import guarded, visible

if TYPE_CHECKING:
    from jinja2 import Environment


def render_template(name: str, **context: Any) -> str:
    """The page that template ``name`` (e.g. ``profile.html``) makes of ``context``.

    Raises:
        jinja2.UndefinedError: the template uses a name that ``context`` does not hold.
    """
    return _environment().get_template(name).render(**context)


def number(value: Any) -> str:
    """``value`` with thin-space thousands, the fraction untouched: ``1 234 567.50``; no value is a dash."""
    if value is None or value != value:  # NaN
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return str(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    whole, point, fraction = text.partition(".")
    digits = whole.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        return text
    sign = "\N{MINUS SIGN}" if whole.startswith("-") else ""
    return sign + f"{int(digits):,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + point + fraction


def percent(share: float | None) -> str:
    """``share`` (0 to 1) as a percentage with one decimal; never rounds up to 100 % or down to 0 %."""
    if share is None or share != share:
        return "–"
    shown = f"{share * 100:.1f}"
    if share < 1 and shown == "100.0":
        return ">99.9 %"
    if share > 0 and shown == "0.0":
        return "<0.1 %"
    return f"{shown} %"


def signed(bits: float) -> str:
    """A weight in bits with its sign and one decimal: ``+3.2``."""
    return f"{bits:+.1f}".replace("-", "\N{MINUS SIGN}")


#: ISO 15924 codes of the scripts that the sources hold, in words. Zyyy: digits and signs, of no script.
_SCRIPTS = {
    "Latn": "Latin",
    "Cyrl": "Cyrillic",
    "Arab": "Persian/Arabic",
    "Armn": "Armenian",
    "Geor": "Georgian",
    "Grek": "Greek",
    "Zyyy": "digits, signs",
}


def script(code: str) -> str:
    """The script of an ISO 15924 ``code`` in words; the code itself where there is no word here."""
    return _SCRIPTS.get(code, code)


def aligned(figures: Sequence[str | None]) -> list[str | None]:
    """``figures``, decimals as text, with as many digits after the point as the longest has."""
    digits = max((len(text.partition(".")[2]) for text in figures if text is not None), default=0)
    return [None if text is None else _padded(text, digits) for text in figures]


def _padded(text: str, digits: int) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<{digits}}" if digits and whole.removeprefix("-").isdigit() else text


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("crm_etl.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    environment.filters["guarded"] = _guarded
    environment.filters["number"] = number
    environment.filters["percent"] = percent
    environment.filters["script"] = script
    environment.filters["signed"] = signed
    return environment


def _shown(value: Any) -> Any:
    """What goes into the page for an expression; markup, which has passed here already, as it is."""
    return visible(value) if type(value) is str else value


def _guarded(value: Any) -> Any:
    return guarded(value) if type(value) is str else value
