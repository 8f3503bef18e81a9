"""The layout contract: what a source looked like at its last load, or first reading, against what is delivered now.

Remembered are the columns in their order, what their cells are like, and how many records there were. A column that is
missing, renamed or in another place, or far too few records, stop the source; far too many, and cells of another kind,
only warn. Whoever changes the source's section of the migration file has looked at it: then columns only warn, too.
Where the memory rests is no business of this module: see :mod:`crm_etl.storage`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher, get_close_matches
from hashlib import blake2b
from itertools import zip_longest
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.told import told
from crm_etl import schema
from crm_etl.extract.frame import arrow
from crm_etl.faults import LayoutFault, SourceFault, StateFault, Where
from crm_etl.migration import Source
from crm_etl.number import counted

#: Records that tell what the cells of a column are like, and the share of them that must be alike.
_SAMPLE, _MOST = 10_000, 0.9
#: With fewer records than this at the last run nothing can be said of volumes.
_FEW = 10
_KINDS = (
    ("number", r"^[+-]?[\d\s  .,'٫٬]+$"),
    ("date", r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([ T]\d{1,2}:\d\d.*)?$"),
    ("e-mail", r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
)


@dataclass(frozen=True)
class Layout:
    """What a source looked like. ``kinds``: what the cells of each column are like; ``declared``: hash of its section
    of the migration file; ``files``: hashes of the files, empty for a database."""

    columns: tuple[str, ...]
    kinds: dict[str, str]
    records: int
    declared: str
    files: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The layout as JSON values."""
        return asdict(self) | {"columns": list(self.columns), "files": list(self.files)}

    @classmethod
    def of_document(cls, text: dict[str, Any]) -> Layout:
        """The layout of :meth:`document`.

        Raises:
            StateFault: it is none.
        """
        try:
            kinds = {str(name): str(kind) for name, kind in text["kinds"].items()}
            columns, files = (tuple(map(str, text[name])) for name in ("columns", "files"))
            return cls(columns, kinds, int(text["records"]), str(text["declared"]), files)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise StateFault(
                "the remembered layout of a source is damaged", remedy="take the present one: crm-etl accept"
            ) from None


def layout_of(
    source: Source, columns: Sequence[str], frame: pd.DataFrame, records: int, files: Sequence[str | None]
) -> Layout:
    """The layout of what was read: the ``raw:`` columns of ``frame`` stand for ``columns``, in this order."""
    head = frame.head(_SAMPLE)
    raw = [name for name in head.columns if name.startswith(schema.RAW_PREFIX)]
    kinds = {name: _kind(arrow(head[cells])) for name, cells in zip(columns, raw, strict=True)}
    return Layout(tuple(columns), kinds, records, declared(source), tuple(digest for digest in files if digest))


def declared(source: Source) -> str:
    """What the migration file says of the source's columns, as a hash: how much is expected is no part of it."""
    apart = {"volume", "title", "owner_team", "url", "password"}
    said = source.model_dump(mode="json", exclude=apart, exclude_defaults=True)
    return blake2b(json.dumps(said, sort_keys=True, ensure_ascii=False).encode(), digest_size=16).hexdigest()


def check_order(source: Source, last: Layout | None, columns: Sequence[str], where: Where) -> list[str]:
    """Warnings on columns that are not those of the ``last`` run.

    Raises:
        LayoutFault: so it is, and nobody has changed the source's section of the migration file since.
    """
    if last is None or tuple(columns) == last.columns:
        return []
    # Where the row of names is missing, those of this delivery are a person's.
    now = tuple(told(columns, last.columns))
    difference = _difference(last.columns, now)
    if declared(source) != last.declared:
        return [f"the layout is another than at the last run, and so is the mapping: {difference}"]
    raise LayoutFault(
        f"source '{source.name}': the layout is not that of the last run: {difference}\n"
        + _side_by_side(last.columns, now),
        where=where,
        remedy="ask for the delivery as it used to be; if the new layout is right, mend the mapping where it needs it, "
        f"or take it as it is: crm-etl accept {source.name}",
    )


def check_volume(source: Source, last: Layout | None, records: int, where: Where) -> list[str]:
    """Warnings on many more records than at the ``last`` run.

    Raises:
        SourceFault: there are far too few.
    """
    if last is None or last.records < _FEW:
        return []
    volume = source.volume
    if records < volume.fewer * last.records:
        raise SourceFault(
            f"source '{source.name}': {counted(records, 'record')}, {last.records:,} at the last run: less than "
            f"{volume.fewer:.0%} of them",
            where=where,
            remedy=f"ask for a complete delivery; if it is complete: crm-etl accept {source.name}, or volume.fewer",
        )
    if records > volume.more * last.records:
        return [
            f"{counted(records, 'record')}, {last.records:,} at the last run: more than {volume.more:g} times as many"
        ]
    return []


def check_kinds(source: Source, last: Layout | None, now: Layout, where: Where) -> None:
    """Where the names of the columns are declared, only the cells tell that columns changed places.

    Raises:
        LayoutFault: cells of several columns are of another kind than at the ``last`` run.
    """
    changed = drifted(last, now)
    named: tuple[str, ...] = getattr(source, "columns", ())
    if len(changed) > 1 and named and last is not None and now.declared == last.declared:
        raise LayoutFault(
            f"source '{source.name}': the columns have no names, and their cells are not what they were: "
            + "; ".join(changed),
            where=where,
            remedy="mend the order of 'columns' if columns changed places; "
            f"if all is right: crm-etl accept {source.name}",
        )


def drifted(last: Layout | None, now: Layout) -> list[str]:
    """Warnings on columns whose cells are of another kind than at the ``last`` run."""
    if last is None:
        return []
    shared = [name for name in now.columns if name in last.kinds]
    return [
        f"column '{name}': {last.kinds[name]} at the last run, now {now.kinds[name]}"
        for name in shared
        if last.kinds[name] != now.kinds[name] and "empty" not in (last.kinds[name], now.kinds[name])
    ]


def unchanged(last: Layout | None, now: Layout) -> bool:
    """Whether the delivery is that of the ``last`` run, byte for byte: nothing new can come of it."""
    return last is not None and bool(now.files) and now.files == last.files


def _difference(last: Sequence[str], now: Sequence[str]) -> str:
    """What became of the columns, in one line."""
    gone, come = [name for name in last if name not in now], [name for name in now if name not in last]
    renamed: dict[str, str] = {}
    for name in gone:
        near = get_close_matches(name, [new for new in come if new not in renamed.values()], n=1, cutoff=0.5)
        renamed.update({name: near[0]} if near else {})
    parts = [
        ("missing", ", ".join(name for name in gone if name not in renamed)),
        ("new", ", ".join(name for name in come if name not in renamed.values())),
        ("renamed, it seems", ", ".join(f"{old} -> {new}" for old, new in renamed.items())),
        ("in another order", ", ".join(_moved(last, now))),
    ]
    return "; ".join(f"{what}: {names}" for what, names in parts if names)


def _moved(last: Sequence[str], now: Sequence[str]) -> list[str]:
    """Columns that both have and that stand elsewhere among them."""
    ours, theirs = [name for name in last if name in now], [name for name in now if name in last]
    blocks = SequenceMatcher(a=ours, b=theirs, autojunk=False).get_matching_blocks()
    kept = {name for block in blocks for name in ours[block.a : block.a + block.size]}
    return [name for name in theirs if name not in kept]


def _side_by_side(last: Sequence[str], now: Sequence[str]) -> str:
    """Both lists, a line each column."""
    width = max(len("last run"), *map(len, last))
    lines = [f"      {'last run':<{width}} | delivered now"]
    for number, (old, new) in enumerate(zip_longest(last, now, fillvalue=""), 1):
        lines.append(f"  {number:>3} {old:<{width}} | {new}{'' if old == new else '   <-'}")
    return "\n".join(lines)


def _kind(cells: pa.ChunkedArray) -> str:
    """What most cells of a column are like: number, date, e-mail, text; empty without cells."""
    filled = pc.drop_null(cells)
    if len(filled) == 0:
        return "empty"
    for kind, pattern in _KINDS:
        if pc.sum(pc.match_substring_regex(filled, pattern)).as_py() >= _MOST * len(filled):
            return kind
    return "text"
