"""Kind of source -> its connector. A new kind is a module beside this one and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.base import Connector

#: Modules are imported when a source of their kind is opened, so that no kind pays for another's libraries.
CONNECTORS: dict[str, str] = {
    "csv": "connectors.csv:CsvConnector",
    "dbf": "connectors.dbf:DbfConnector",
    "excel": "connectors.excel:ExcelConnector",
    "manual": "connectors.manual:ManualConnector",
    "sql": "connectors.sql:SqlConnector",
}


def connect(kind: str, root: Path, key: Sequence[str], **options: Any) -> Connector:
    """An opened connector of ``kind``.

    Args:
        root: the folder that relative paths start from.
        key: columns that identify a row, for connectors that can deliver in key order.
        options: the kind's own settings, e.g. ``path`` and ``encoding``.

    Raises:
        SourceFault: the source cannot be opened, or its layout is unusable.
    """
    module, name = CONNECTORS[kind].split(":")
    connector: Connector = getattr(importlib.import_module(module), name)(root=root, key=tuple(key), **options)
    return connector
