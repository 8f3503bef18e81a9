"""A model file that people give: scores by it instead of learning anew, so that reruns weigh alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_etl.faults import Fault, StateFault, Where
from crm_etl.match.compare import comparison
from crm_etl.match.encode import KINDS, Floats
from crm_etl.match.model import KindModel, restore

#: Figures in the file are rounded.
_NEAR = 0.01
_REMEDY = "give a model as a dry run leaves it: .crm-etl/reports/model.json"


def read(root: Path, name: str | None) -> dict[str, Any] | None:
    """The document in the file ``name``, relative to ``root``; None where none is named.

    Raises:
        Fault: there is no such file, or it is no model of this version of the program, or its figures contradict each
            other.
    """
    if name is None:
        return None
    path = root / name
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Fault(
            "no such model file", where=Where(str(path)), remedy="mend or take out matching.model in migration.yaml"
        ) from None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Fault("not a model in JSON", where=Where(str(path)), remedy=_REMEDY)
    _check(document, path)
    return document


def _check(document: dict[str, Any], path: Path) -> None:
    try:
        models = restore(document)
    except StateFault as fault:
        raise Fault(fault.what, where=Where(str(path)), remedy=_REMEDY) from None
    for model in models.values():
        _check_figures(model, document["kinds"][KINDS[model.kind]]["comparisons"], path)


def _check_figures(model: KindModel, written: dict[str, Any], path: Path) -> None:
    """Weights stand there for people, and are reckoned from m and u: who changes one alone would wait in vain."""
    for name, levels in written.items():
        where, known = f"{KINDS[model.kind]}, {name}", [level.name for level in comparison(model.kind, name).levels]
        unknown = sorted(set(levels) - set(known))
        if unknown:
            raise Fault(
                f"{where}: unknown levels {', '.join(unknown)}",
                where=Where(str(path)),
                remedy=f"a comparison has the levels of this program: {', '.join(known)}",
            )
        for which, shares in _shares(model, name):
            if abs(float(shares.sum()) - 1) > _NEAR:
                raise Fault(
                    f"{where}: {which} of all levels adds up to {shares.sum():.4g}",
                    where=Where(str(path)),
                    remedy="the probabilities of all levels of a comparison must add up to 1",
                )
        for level, weight in zip(known, model.level_weights(name), strict=True):
            if abs(float(levels[level]["weight"]) - float(weight)) > _NEAR:
                raise Fault(
                    f"{where}, {level}: the weight is {levels[level]['weight']}, but m and u make {weight:.4f}",
                    where=Where(str(path)),
                    remedy="weights are reckoned from m and u: change those, and write the weight that they make",
                )


def _shares(model: KindModel, name: str) -> Iterator[tuple[str, Floats]]:
    """Every distribution over the levels of a comparison that the model holds, with a name for it."""
    yield from (("m", model.m[name]), ("u", model.u[name]))
    yield from ((f"alike, {group}", table[name]) for group, table in model.alike.items() if name in table)
    yield from ((f"kin, {sort}", kin.levels[name]) for sort, kin in model.kin.items() if name in kin.levels)
