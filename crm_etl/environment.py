"""Variables of the environment in the values of the migration file: ``${NAME}``, and how that text itself is written.

``$${NAME}`` stands for the text ``${NAME}``, so that columns and files may be called so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_VARIABLE = re.compile(r"(?P<escape>\$?)(?P<text>\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\})")


def fill(text: str, value_of: Callable[[str], str]) -> str:
    """``text`` with its variables replaced by what ``value_of`` gives for their names."""
    return _VARIABLE.sub(lambda found: found["text"] if found["escape"] else value_of(found["name"]), text)


def is_variable(text: str) -> bool:
    """Whether ``text`` is one variable and nothing else."""
    found = _VARIABLE.fullmatch(text)
    return found is not None and not found["escape"]


def literal(value: Any) -> Any:
    """``value``, a setting, as the migration file must write it: :func:`fill` gives it back, whatever it holds."""
    if isinstance(value, dict):
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal(item) for item in value]
    return _VARIABLE.sub(r"$\g<0>", value) if isinstance(value, str) else value
