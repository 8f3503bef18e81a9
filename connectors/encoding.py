"""Declared encodings, taken strictly: where bytes break the declaration, and which line shows a second encoding.

Nothing here guesses an encoding; proposals for people are made in :mod:`crm_etl.profile`.
"""

from __future__ import annotations

import codecs
import re
from functools import partial
from pathlib import Path

from crm_etl.faults import DeclarationNeeded, EncodingFault, Where

_CHUNK = 1 << 20
#: A longer line is looked at in pieces.
_LONGEST = 16 << 20
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")
#: A line of a single-byte encoding passes as UTF-8 by chance with one or two letters, hardly with four.
_LEAST_MULTIBYTE = 4


def codec(encoding: str, where: Where) -> str:
    """Python's name of the declared encoding, one that takes a byte order mark away.

    Raises:
        DeclarationNeeded: there is no such text encoding.
    """
    try:
        name = codecs.lookup(encoding).name
        b"".decode(name)
    except LookupError:
        raise DeclarationNeeded(
            f"unknown encoding '{encoding}'",
            where=where,
            remedy="use a name such as utf-8, utf-16, cp1251, cp1256, cp866, koi8-r; 'crm-etl profile' proposes one",
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


def encoding_fault(path: Path, encoding: str, where: Where) -> EncodingFault:
    """The fault that names offset and line of the first bytes that ``encoding`` does not allow."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, line = 0, 1
    with path.open("rb") as handle:
        while True:
            chunk = handle.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, "ignore")
                return EncodingFault(
                    f"not {encoding.removesuffix('-sig')}: invalid bytes at offset {offset - pending + error.start}",
                    where=Where(where.file, row=line + before.count("\n")),
                    remedy="declare the file's true encoding ('crm-etl profile' proposes one), or export it again",
                )
            if not chunk:
                break
            line += text.count("\n")
            offset += len(chunk)
    return EncodingFault(f"not {encoding}", where=where, remedy="declare the file's true encoding")


def check_single_byte(path: Path, encoding: str, where: Where) -> None:
    """Complains when a file declared in a single-byte encoding holds UTF-8: such encodings accept any bytes.

    Raises:
        DeclarationNeeded: all lines beyond ASCII are UTF-8.
        EncodingFault: some are: two encodings in one file.
    """
    if encoding.startswith("utf") or len("я".encode(encoding, "replace")) != 1:
        return
    first, others, count = None, False, 0
    with path.open("rb") as handle:
        for number, line in enumerate(iter(partial(handle.readline, _LONGEST), b""), 1):
            if line.isascii():
                continue
            if not _is_utf8(line):
                others = True
            else:
                count += 1
                first = first or number
    if first is None:
        return
    if not others:
        raise DeclarationNeeded(
            f"declared {encoding}, yet all {count} lines beyond ASCII are valid UTF-8",
            where=Where(where.file, row=first),
            remedy="declare 'encoding: utf-8'",
        )
    raise EncodingFault(
        f"two encodings in one file: {count} lines are UTF-8 among lines in {encoding}",
        where=Where(where.file, row=first),
        remedy="have the file exported again in one encoding",
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(_MULTIBYTE.findall(line)) >= _LEAST_MULTIBYTE
