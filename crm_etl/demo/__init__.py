"""A demo company whose clients stand in four legacy systems and three scripts, with the truth about them.

:func:`generate` makes its folder. The benchmark's error model is described in docs/reference/demo-company.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_etl.demo.company import generate as generate

__all__ = ["generate"]


def __getattr__(name: str) -> Any:
    """Load the generator when it is first used: ``import crm_etl.demo`` stays light."""
    if name != "generate":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from crm_etl.demo import company

    return company.generate
