"""The head of a DBF file: its kind, its fields, where its records begin and how many there should be.

Everything that a damaged or a cut file can get wrong is refused here, before a record is read. The formats: dBase III
and IV, FoxPro 2, Visual FoxPro, Clipper. What a field's bytes mean: :mod:`connectors.dbfvalues`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from connectors.content import kind_of
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault, Where
from crm_etl.number import counted

#: First byte of the file -> what wrote it.
KINDS = {
    0x02: "FoxBASE",
    0x03: "dBase III",
    0x04: "dBase IV",
    0x30: "Visual FoxPro",
    0x31: "Visual FoxPro",
    0x32: "Visual FoxPro",
    0x43: "dBase IV",
    0x83: "dBase III with memo",
    0x8B: "dBase IV with memo",
    0x8E: "dBase IV with memo",
    0xCB: "dBase IV with memo",
    0xF5: "FoxPro 2 with memo",
    0xFB: "FoxBASE with memo",
}
_VISUAL = (0x30, 0x31, 0x32)
#: Language driver byte -> code page, as dBase and FoxPro document them.
CODE_PAGES = {
    **dict.fromkeys((0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), "cp437"),
    **dict.fromkeys((0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), "cp852"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **dict.fromkeys((0x08, 0x17, 0x66), "cp865"),
    **dict.fromkeys((0x6B, 0x88), "cp857"),
    **dict.fromkeys((0x6A, 0x86), "cp737"),
    0x04: "mac_roman",
    0x13: "cp932",
    0x7B: "cp932",
    0x24: "cp860",
    0x1C: "cp863",
    0x6C: "cp863",
    0x4D: "cp936",
    0x7A: "cp936",
    0x4E: "cp949",
    0x79: "cp949",
    0x4F: "cp950",
    0x78: "cp950",
    0x50: "cp874",
    0x7C: "cp874",
    0x67: "cp861",
    0x7D: "cp1255",
    0x7E: "cp1256",
    0x96: "mac_cyrillic",
    0x97: "mac_latin2",
    0x98: "mac_greek",
    0xC8: "cp1250",
    0xC9: "cp1251",
    0xCA: "cp1254",
    0xCB: "cp1253",
    0xCC: "cp1257",
}
_SYSTEM, _NULLABLE, _BINARY = 0x01, 0x02, 0x04
#: Types and the lengths that they must have; None: any. Memos have 4 bytes in Visual FoxPro, 10 digits elsewhere.
_LENGTHS: dict[str, tuple[int, ...] | None] = {
    "C": None,
    "V": None,
    "Q": None,
    "N": None,
    "F": None,
    "D": (8,),
    "L": (1,),
    "M": (4, 10),
    "G": (4, 10),
    "P": (4, 10),
    "W": (4,),
    "I": (4,),
    "+": (4,),
    "B": (8, 10),
    "T": (8,),
    "Y": (8,),
    "0": None,
}


@dataclass(frozen=True)
class DbfField:
    """A column: where its bytes stand in a record, and which bits of the null flags are its own."""

    name: str
    type: str
    start: int
    length: int
    decimals: int
    binary: bool = False
    null_bit: int | None = None
    short_bit: int | None = None

    @property
    def is_memo(self) -> bool:
        """Whether the cell is a block number of the memo file."""
        return self.type in "MGPW" or (self.type == "B" and self.length == 10)


@dataclass(frozen=True)
class Layout:
    """What the head of a file says. ``flags``: the hidden column of null flags."""

    version: int
    records: int
    head: int
    width: int
    language: int
    fields: tuple[DbfField, ...]
    flags: DbfField | None

    @property
    def visual(self) -> bool:
        return self.version in _VISUAL


def read_layout(path: Path, where: Where) -> Layout:
    """The head of the file, checked against its size.

    Raises:
        DeclarationNeeded: the file is of another kind.
        SourceFault: the head is damaged, or the file holds another number of records than it counts.
        LayoutFault: a column has a type that is not known.
    """
    with path.open("rb") as handle:
        head = handle.read(32)
        if len(head) < 32 or head[0] not in KINDS:
            raise _no_dbf(path, where)
        records, start, width = struct.unpack_from("<IHH", head, 4)
        block = handle.read(max(start - 32, 0))
    if len(block) < start - 32 or start < 33 or width < 2:
        raise _damaged("its head is cut, or of dBase 7", where)
    fields, flags = _fields(head[0], block, width, where)
    layout = Layout(head[0], records, start, width, head[29], fields, flags)
    _check_size(path, layout, where)
    return layout


def _no_dbf(path: Path, where: Where) -> SourceFault:
    kind = kind_of(path)
    if kind == "text":
        return SourceFault("not a DBF file", where=where, remedy="ask for a new delivery, or declare its connector")
    return DeclarationNeeded(
        f"not a DBF file: the bytes are those of {'a workbook or an archive' if kind in ('zip', 'ole') else kind}",
        where=where,
        remedy="declare the connector that fits",
    )


def _damaged(why: str, where: Where) -> SourceFault:
    return SourceFault(
        f"the DBF file is damaged: {why}", where=where, remedy="ask for a new delivery, or export it as dBase IV or CSV"
    )


def _fields(version: int, block: bytes, width: int, where: Where) -> tuple[tuple[DbfField, ...], DbfField | None]:
    fields: list[DbfField] = []
    offset, bit = 1, 0
    for at in range(0, len(block), 32):
        entry = block[at : at + 32]
        if entry[0] == 0x0D:
            break
        if len(entry) < 32:
            raise _damaged("the list of its columns has no end", where)
        field, used = _field(version, entry, offset, bit, where)
        fields.append(field)
        offset, bit = offset + field.length, bit + used
    else:
        raise _damaged("the list of its columns has no end", where)
    if offset != width:
        raise _damaged(f"its columns need {offset} bytes, its records have {width}", where)
    flags = next((field for field in fields if field.type == "0"), None)
    if flags is not None and bit > flags.length * 8:
        raise _damaged(f"it has {bit} null flags, its records have room for {flags.length * 8}", where)
    return tuple(field for field in fields if field.type != "0"), flags


def _field(version: int, entry: bytes, offset: int, bit: int, where: Where) -> tuple[DbfField, int]:
    """A field, and how many null flags are its own."""
    name = entry[:11].split(b"\0")[0].decode("latin-1")
    kind, length, decimals, marks = chr(entry[11]), entry[16], entry[17], entry[18]
    if kind not in _LENGTHS:
        raise LayoutFault(
            f"column '{name}' has a type that is not known: {kind!r}",
            where=where,
            remedy="export it as dBase IV or CSV",
        )
    if kind == "C" and version not in _VISUAL:
        length += 256 * decimals  # Clipper and FoxPro write longer texts so
    allowed = _LENGTHS[kind]
    if length == 0 or (allowed is not None and length not in allowed):
        raise _damaged(f"column '{name}' of type {kind} has {counted(length, 'byte')}", where)
    visual = version in _VISUAL
    short = bit if visual and kind in "VQ" else None
    used = 0 if short is None else 1
    null = bit + used if visual and marks & _NULLABLE and kind != "0" else None
    used += null is not None
    binary = kind == "Q" or (visual and bool(marks & _BINARY) and kind in "CVM")
    return DbfField(name, kind, offset, length, decimals, binary, null, short), used


def _check_size(path: Path, layout: Layout, where: Where) -> None:
    size = path.stat().st_size - layout.head
    held = size // layout.width
    rest = size - layout.records * layout.width
    if rest >= layout.width:
        with path.open("rb") as handle:
            handle.seek(layout.head + layout.records * layout.width)
            if handle.read(1) == b"\x1a":
                return  # the mark of the end: what stands behind it belongs to nobody
    if held != layout.records:
        raise SourceFault(
            f"the file holds {counted(max(held, 0), 'record')}, its head counts {layout.records}",
            where=where,
            remedy="the delivery is cut off, or was copied while somebody wrote: ask for a new one",
        )
