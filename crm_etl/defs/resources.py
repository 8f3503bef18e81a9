"""Where assets rest between steps: the bundle of each stage as Parquet and JSON in the state folder.

Never pickle: what lies there is readable by any tool and by the command line, and survives a new version of
the program. The type of an input says which fields are read: a bundle type with fewer fields reads fewer files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg

from crm_etl.defs import keys
from crm_etl.faults import StateFault
from crm_etl.storage import State


class ParquetIO(dg.ConfigurableIOManager):
    """Rests bundles in the state folder ``root`` under the asset's key; ``made_of``: with the keys noted beside it."""

    root: str
    made_of: dict[str, list[str]] = {}

    @property
    def state(self) -> State:
        return State(Path(self.root))

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        key = keys.path(context.asset_key)
        self.state.write(key, obj, self.made_of.get(key, ()))
        context.add_output_metadata({"path": dg.MetadataValue.path(str(Path(self.root) / "frames" / key))})

    def load_input(self, context: dg.InputContext) -> Any:
        kind: Any = context.dagster_type.typing_type
        try:
            return self.state.read(keys.path(context.asset_key), kind)
        except StateFault as fault:
            raise dg.Failure(description=str(fault), allow_retries=False) from None
