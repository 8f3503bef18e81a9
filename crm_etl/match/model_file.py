"""A model file that people give: scores by it instead of learning anew, so that reruns weigh alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crm_etl.faults import Fault, Where


def read(root: Path, name: str | None) -> dict[str, Any] | None:
    """The document in the file ``name``, relative to ``root``; None where none is named.

    Raises:
        Fault: there is no such file, or it is no JSON object.
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
        raise Fault("not a model in JSON", where=Where(str(path)), remedy="give a model.json as a dry run leaves it")
    return document
