"""Delimited text files: declared encoding, delimiter and header row, taken strictly.

Keeps both numbers of a row: the physical line on which it begins in its file, as an editor shows it, and its logical
number, counted on through all files of the source. Rows of another width than the header are refused whole, for
shifting cells into place would be guessing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Batch, Delivery
from connectors.delimited.dialect import Dialect, Form
from connectors.delimited.files import DeliveredFile, locate
from connectors.delimited.table import DelimitedFile
from connectors.told import told
from crm_etl.faults import LayoutFault, SourceFault, Where


class CsvConnector:
    """Delimited text files that have been opened; their rows are read by :meth:`batches`.

    ``file``: the file, or the pattern that names several. ``hint``: what may be wrong where columns are missing.
    """

    sheet = None

    def __init__(
        self,
        *,
        root: Path,
        key: tuple[str, ...],
        path: str,
        encoding: str | None = None,
        delimiter: str = ",",
        quote: str | None = '"',
        header_row: int | None = None,
        columns: tuple[str, ...] = (),
        comment: str | tuple[str, ...] = (),
        member: str | None = None,
    ) -> None:
        names = locate(root, path)
        comments = (comment,) if isinstance(comment, str) else tuple(comment)
        first = header_row if header_row is not None else 0 if columns else 1
        form = Form(encoding, Dialect(delimiter, quote, comments), first, tuple(columns))
        self._files = [DelimitedFile(DeliveredFile(root / name, name, member), form) for name in names]
        self.file = names[0] if len(names) == 1 else path
        self.columns = self._files[0].columns
        self.hint = self._files[0].hint
        self.warnings = [warning for file in self._files for warning in file.warnings]
        for file in self._files[1:]:
            self._check_layout(file)

    def batches(self) -> Iterator[Batch]:
        """Rows in the files' order, see :class:`connectors.base.Connector`.

        Raises:
            SourceFault: what :meth:`connectors.delimited.table.DelimitedFile.batches` raises, or the same content in
                two files.
        """
        row = 1
        seen: dict[str | None, str] = {}
        for file in self._files:
            for batch in file.batches(row):
                row += len(batch)
                yield batch
            if file.content in seen:
                raise SourceFault(
                    f"the same content was delivered twice: in '{seen[file.content]}' and in '{file.label}'",
                    where=Where(file.label),
                    remedy="take one of the two away",
                )
            seen[file.content] = file.label

    def deliveries(self) -> list[Delivery]:
        """The files with their hashes, each as it was delivered: packed ones packed."""
        return [file.delivered.snapshot.delivery for file in self._files]

    def delivery(self) -> Delivery:
        """The file; of several their pattern, their bytes together, and a hash over their names and hashes."""
        files = self.deliveries()
        if len(files) == 1:
            return files[0]
        listing = "".join(f"{file.sha256}  {file.file}\n" for file in files)
        return Delivery(
            self.file, hashlib.sha256(listing.encode("utf-8")).hexdigest(), sum(file.bytes or 0 for file in files)
        )

    def _check_layout(self, file: DelimitedFile) -> None:
        first = self._files[0]
        if file.columns != first.columns:
            alien = file.hint is not None and not set(file.columns) & set(first.columns)
            names = ", ".join(told(file.columns, first.columns))
            raise LayoutFault(
                f"files of one source with different columns\n"
                f"  '{first.label}': {', '.join(first.columns)}\n"
                f"  '{file.label}': {names}",
                where=Where(file.label),
                remedy=(f"{file.hint}; else " if alien else "")
                + "have it delivered in the layout of the others, or declare it as a source of its own",
            )
