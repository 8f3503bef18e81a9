"""Opening a source and holding its columns against the mapping: nothing missing, nothing unknown."""

from __future__ import annotations

from pathlib import Path

from connectors.base import Connector, clean_column
from connectors.registry import connect
from connectors.told import told
from crm_etl.faults import LayoutFault, Where
from crm_etl.migration import Source, SourceBase

#: Connectors that refuse rows for binary values, unless the column is ignored.
_BINARY = ("sql", "dbf")


def open_source(source: Source, root: Path) -> Connector:
    """The opened connector of ``source``: the settings of its kind are the connector's options.

    Raises:
        SourceFault: the source cannot be opened, or its layout is unusable.
    """
    own = [name for name in type(source).model_fields if name not in SourceBase.model_fields and name != "connector"]
    options = {name: getattr(source, name) for name in own}
    if source.connector in _BINARY:
        options["ignore"] = source.ignore
    return connect(source.connector, root, source.key_columns, **options)


def match_columns(source: Source, connector: Connector) -> tuple[str, ...]:
    """The delivered columns, spelled as the mapping spells them.

    Raises:
        LayoutFault: columns are missing or unknown; the message shows both lists.
    """
    required = source.required if source.connector == "manual" else ()
    used = {clean_column(name): name for name in (*source.used_columns, *required)}
    declared = {**{clean_column(name): name for name in source.ignore}, **used}
    missing = [name for name in used if name not in connector.columns]
    unknown = [name for name in connector.columns if name not in declared]
    if missing or unknown:
        raise _fault(source, connector, missing, unknown)
    return tuple(declared[name] for name in connector.columns)


def _fault(source: Source, connector: Connector, missing: list[str], unknown: list[str]) -> LayoutFault:
    lines = [f"source '{source.name}': the columns are not those that migration.yaml declares"]
    remedies = []
    if missing:
        lines.append(f"  mapped but missing:     {', '.join(missing)}")
        remedies.append("mend the mapping where a column was renamed, or ask for a complete delivery")
    known = [name for name in connector.columns if name not in unknown]
    names = told(connector.columns, known)
    hint: str | None = getattr(connector, "hint", None)
    if unknown == list(connector.columns):
        # They may be a row of data, and a person's: only their structure is shown.
        remedies.insert(0, hint or "if the first row holds data, declare the names of the columns under 'columns'")
    elif unknown:
        strange = [name for name, column in zip(names, connector.columns, strict=True) if column in unknown]
        lines.append(f"  delivered but unmapped: {', '.join(strange)}")
        remedies.append("map each unmapped column under 'fields', or list it under 'ignore' to leave it behind")
    lines.append(f"  delivered, in order:    {', '.join(names)}")
    return LayoutFault("\n".join(lines), where=Where(connector.file, connector.sheet), remedy="; ".join(remedies))
