"""The grammar of asset keys: ``raw/<source>``, ``party/<source>``, ``match/...``, ``client/...``, ``load/...``.

The state folder knows each stage's result by the same key (``raw/shop``), so Dagster and the command line leave
the same traces. Inputs of assets get their names here too: Dagster reserves words (``config``, ``type``, ...)
that a source may well be called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import dagster as dg

from crm_etl.migration import Source

PAIRS = dg.AssetKey(["match", "pairs"])
SCORES = dg.AssetKey(["match", "scores"])
CLUSTERS = dg.AssetKey(["match", "clusters"])
RELATIONS = dg.AssetKey(["match", "relations"])
DATABASE = dg.AssetKey(["client", "database"])
PLAN = dg.AssetKey(["load", "plan"])
BATCH = dg.AssetKey(["load", "batch"])
REPORT = dg.AssetKey(["reconcile", "report"])

Bundle = TypeVar("Bundle")
_types: dict[str, dg.DagsterType] = {}


def raw(source: str) -> dg.AssetKey:
    """The key of a delivered source."""
    return dg.AssetKey(["raw", source])


def party(source: str) -> dg.AssetKey:
    """The key of a source in canonical form."""
    return dg.AssetKey(["party", source])


def path(key: dg.AssetKey) -> str:
    """The key as the state folder writes it: ``raw/shop``."""
    return "/".join(key.path)


def typed(kind: type[Any]) -> dg.DagsterType:
    """Dagster's type of the bundle ``kind``, one and the same each time: it allows no two of one name."""
    return _types.setdefault(kind.__name__, dg.PythonObjectDagsterType(kind))


def raw_inputs(sources: list[Source], kind: type[Any]) -> dict[str, dg.AssetIn]:
    """Inputs ``raw_<source>``, each read from the state folder as ``kind``."""
    return {f"raw_{source.name}": dg.AssetIn(key=raw(source.name), dagster_type=typed(kind)) for source in sources}


def party_inputs(sources: list[Source], kind: type[Any]) -> dict[str, dg.AssetIn]:
    """Inputs ``party_<source>``, each read from the state folder as ``kind``."""
    return {f"party_{source.name}": dg.AssetIn(key=party(source.name), dagster_type=typed(kind)) for source in sources}


def by_source(stage: str, inputs: Mapping[str, Bundle]) -> dict[str, Bundle]:
    """The inputs of ``stage`` (raw or party) by the source's name."""
    prefix = f"{stage}_"
    return {name.removeprefix(prefix): bundle for name, bundle in inputs.items() if name.startswith(prefix)}
