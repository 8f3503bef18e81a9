"""The commented starting ``migration.yaml`` that ``crm-etl init`` writes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from crm_etl.faults import MigrationFault, Where
from crm_etl.migration import FILE_NAME


def write_starter(folder: Path) -> Path:
    """Write the starting file into ``folder``, made if needed; gives the file's path.

    Raises:
        MigrationFault: there is one already.
    """
    path = folder / FILE_NAME
    if path.exists():
        raise MigrationFault(
            f"{FILE_NAME} exists already", where=Where(str(path)), remedy="edit it, or choose another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    text = (resources.files("crm_etl") / "templates" / FILE_NAME).read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return path
