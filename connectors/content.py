"""What a file really is, by its first bytes: names lie.

Knows the kinds that people hand over in place of a CSV file or a workbook. Which of them a connector takes is
the connector's own decision.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from crm_etl.faults import DeclarationNeeded, SourceFault, Where

#: As many first bytes tell the kind.
HEAD = 8192
_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x1f\x8b", "gzip archive"),
    (b"Rar!", "rar archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"SQLite format 3\x00", "SQLite database"),
    (b"%PDF", "PDF document"),
    (b"PGDMP", "PostgreSQL dump"),
)
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml|meta|head)", re.IGNORECASE)
_DIALECTS = (
    (re.compile(rb"^-- (?:MySQL|MariaDB) dump|^/\*!\d+ SET ", re.MULTILINE), "MySQL dump"),
    (re.compile(rb"^-- PostgreSQL database dump", re.MULTILINE), "PostgreSQL dump"),
    (re.compile(rb"^\s*(?:GO|USE \[[^\]]+\]|SET ANSI_NULLS ON)\s*$", re.MULTILINE), "SQL Server script"),
    (re.compile(rb"^\s*(?:CREATE TABLE|INSERT INTO) `", re.MULTILINE), "MySQL dump"),
    (re.compile(rb"^\s*(?:CREATE TABLE|INSERT INTO) ", re.MULTILINE), "SQL script"),
)


def kind_of(path: Path) -> str:
    """``text``, ``zip``, ``ole``, ``HTML or XML page``, or the name of another kind."""
    with path.open("rb") as handle:
        return kind_of_head(handle.read(HEAD))


def kind_of_head(head: bytes) -> str:
    """:func:`kind_of` the first bytes of a file."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    if _MARKUP.match(head):
        return "HTML or XML page"
    for pattern, kind in _DIALECTS:
        if pattern.search(head):
            return kind
    return "text"


def require_text_head(head: bytes, label: str) -> None:
    """Raises a fault that says what the file with these first bytes is, unless it is text."""
    kind = kind_of_head(head)
    if kind == "text":
        return
    if kind in ("zip", "ole"):
        raise DeclarationNeeded(
            f"not a CSV file: {'a zip archive or an .xlsx workbook' if kind == 'zip' else 'an .xls workbook'}",
            where=Where(label),
            remedy="unpack it, or declare 'connector: excel' with its sheet",
        )
    if kind.endswith(("dump", "script")):
        raise SourceFault(
            f"not a CSV file: a {kind}",
            where=Where(label),
            remedy="restore it into a database of that kind and declare 'connector: sql'",
        )
    raise DeclarationNeeded(
        f"not a CSV file: the bytes are those of a {kind}",
        where=Where(label),
        remedy="export the table as CSV, or declare the connector that fits",
    )
