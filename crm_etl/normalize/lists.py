"""Documents: the word lists of this package, and any other YAML file that ships with the product.

Words of no single kind of value stand here too: placeholders, yes and no, currencies, countries, cities.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from crm_etl.normalize.kept import kept_as
from crm_etl.normalize.text import clean, fold


def load(name: str) -> Any:
    """The document ``name`` (a YAML file beside this module), the caller's own: kept parsed between processes."""
    return kept_as(name.replace("/", "-"), lambda: parse(resources.files(__package__).joinpath(name)))


def parse(file: Traversable) -> Any:
    """The document in a YAML file of the product."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def booleans() -> dict[str, str]:
    document = load("words.yml")["booleans"]
    return {clean(str(word)).casefold(): value for value in ("yes", "no") for word in document[value]}


@cache
def currencies() -> dict[str, str]:
    """Code, sign, or folded local name -> ISO 4217 code."""
    known: dict[str, str] = {}
    for code, names in load("words.yml")["currencies"].items():
        for name in (code, *names):
            known[name] = code
            if fold(name):
                known[fold(name)] = code
    return known


@cache
def placeholders() -> dict[str, frozenset[str]]:
    """Kind of field (name, email) -> folded cells that stand for no value."""
    document = load("words.yml")["placeholders"]
    return {kind: frozenset(clean(str(word)).casefold() for word in words) for kind, words in document.items()}
