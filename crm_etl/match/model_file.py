"""A model file that people give: scores by it instead of learning anew, so that reruns weigh alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crm_etl.faults import Fault, StateFault, Where
from crm_etl.match.model import restore

_REMEDY = "give a model as a dry run leaves it: .crm-etl/reports/model.json"


def read(root: Path, name: str | None) -> dict[str, Any] | None:
    """The document in the file ``name``, relative to ``root``; None where none is named.

    Raises:
        Fault: there is no such file, or it is no model of this version of the program.
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
        restore(document)
    except StateFault as fault:
        raise Fault(fault.what, where=Where(str(path)), remedy=_REMEDY) from None
