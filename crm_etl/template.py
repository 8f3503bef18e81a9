"""Making the workbook for manual entry: for a manual source of the migration, or for all fields of an entity.

What the workbook asks for and how it looks: :mod:`crm_etl.forms`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_etl.faults import Fault, MigrationFault, Where
from crm_etl.forms import Form, Language, form_of, standard_source, write
from crm_etl.migration import FILE_NAME, ManualSource, Migration, load
from crm_etl.storage import open_migration


def make(
    folder: Path | None, source: str | None, entity: str | None, language: Language, out: Path | None
) -> dict[str, Any]:
    """Write the workbook, and beside it the lines for ``migration.yaml`` where the migration has no such source.

    Args:
        source: a manual source; None is the only one there is.
        entity: all fields of such records instead of a source's own columns.
        out: the workbook; None is a file of the source's name in the current folder.

    Returns:
        ``workbook``, ``source``, ``path`` (where the source looks for it filled in), ``columns``, ``fragment`` and
        ``fragment_file`` (None for a source that the migration has).

    Raises:
        MigrationFault: there is no such source, or it is none for manual entry.
        Fault: the file is there already, is to be no .xlsx workbook, or cannot be written.
    """
    migration = _migration(folder)
    chosen = None if entity is not None else _chosen(migration, source)
    if out is not None and out.suffix.lower() != ".xlsx":
        raise Fault("a template is an .xlsx workbook", where=Where(str(out)), remedy="let the name end with .xlsx")
    if chosen is not None:
        path = _fresh(out or Path(f"{chosen.name}-template.xlsx"))
        fragment = None
    else:
        kind = entity or "client"
        path = _fresh(out or Path(f"manual-{kind}s.xlsx"))
        chosen, fragment = standard_source(kind, language, path.name, _clients(migration, kind))
    beside = None if fragment is None else _fresh(path.with_suffix(".yaml"))
    form = form_of(chosen, language)
    _lay_down(form, path, language, beside, fragment or "")
    return {
        "workbook": str(path),
        "source": chosen.name,
        "path": chosen.path,
        "columns": [column.name for column in form.columns],
        "fragment": fragment,
        "fragment_file": None if beside is None else str(beside),
    }


def _lay_down(form: Form, path: Path, language: Language, beside: Path | None, fragment: str) -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(form, path, language)
        if beside is not None:
            beside.write_text(fragment, encoding="utf-8")
    except (OSError, FileCreateError) as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: Exception) -> Fault:
    cause = next((one for one in (error, *error.args) if isinstance(one, OSError)), None)
    reason = "" if cause is None or not cause.strerror else f": {cause.strerror}"
    return Fault(
        f"the workbook cannot be written{reason}",
        where=Where(str(path)),
        remedy="name a file with --out in a folder that you may write to",
    )


def _migration(folder: Path | None) -> Migration | None:
    """The migration that a person means; None where there is none yet, for a template may come first."""
    here = Path.cwd()
    if folder is None and not (here / FILE_NAME).exists() and not list(here.glob(f"*/{FILE_NAME}")):
        return None
    return load(open_migration(folder))


def _chosen(migration: Migration | None, name: str | None) -> ManualSource | None:
    manual = [] if migration is None else [one for one in migration.sources if isinstance(one, ManualSource)]
    if name is None:
        if len(manual) > 1:
            raise MigrationFault(
                f"several manual sources: {', '.join(one.name for one in manual)}", remedy="choose one with --source"
            )
        return manual[0] if manual else None
    found = next((one for one in manual if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in manual) or "none"
        raise MigrationFault(
            f"no manual source '{name}'",
            remedy=f"manual sources: {known}; with --entity a template needs no source",
        )
    return found


def _clients(migration: Migration | None, entity: str) -> str | None:
    """The source whose clients related rows belong to: the first one, which a person mends if it is another."""
    if entity == "client":
        return None
    return "manual_clients" if migration is None else migration.client_sources[0].name


def _fresh(path: Path) -> Path:
    try:
        there = path.exists()
    except OSError as error:
        raise _unwritable(path, error) from None
    if there:
        raise Fault(
            "the file is there already, and may be filled in",
            where=Where(str(path)),
            remedy="move it away, or name another one with --out",
        )
    return path
