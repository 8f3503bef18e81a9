"""Workbooks protected by a password, decrypted in memory: the plain file never touches a disk.

The password comes from the environment through the migration file; it appears in no message.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from connectors.package import contents, damaged
from connectors.sheetscan import check_bytes
from crm_etl.faults import SourceFault, Where

#: Excel encrypts with this password, and opens without asking, when only writing is protected.
_DEFAULT = "VelvetSweatshop"
#: More rounds of hashing than the format allows ([MS-OFFCRYPTO] 2.3.4.10) would keep us busy for hours.
_MAX_ROUNDS = 10_000_000
#: Bytes that the library takes for each byte of a package, and of an .xls.
_COST = {True: 4, False: 24}
_ROUNDS = re.compile(rb'spinCount="(\d+)"')


def is_package(path: Path, where: Where) -> bool:
    """Whether an OLE file holds an encrypted package (.xlsx, .xlsb) rather than an .xls workbook."""
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as book:
            if not book.exists("EncryptedPackage"):
                return False
            found = _ROUNDS.search(book.openstream("EncryptionInfo").read(1 << 20))
    except Exception:
        # The library raises whatever the damage leads it to.
        raise damaged(where) from None
    if found is not None and int(found[1]) > _MAX_ROUNDS:
        raise damaged(where)
    return True


def unlock(path: Path, package: bool, password: str | None, where: Where) -> io.BytesIO:
    """The decrypted workbook; ``package``: see :func:`is_package`.

    Raises:
        SourceFault: there is no password, the wrong one, or a kind of protection that is not known.
    """
    import msoffcrypto
    from msoffcrypto.exceptions import InvalidKeyError

    check_bytes(_COST[package] * path.stat().st_size, "decrypting the workbook", where)
    plain = io.BytesIO()
    try:
        with contents(path) as handle:
            book = msoffcrypto.OfficeFile(handle)
            book.load_key(password=password or _DEFAULT)
            book.decrypt(plain)
    except InvalidKeyError:
        raise protected(where) if not password else _wrong(where) from None
    except Exception:
        # Whatever else the library raises; a wrong password may show only as rubbish that it cannot decrypt.
        raise protected(where) if not password else _unreadable(where) from None
    plain.seek(0)
    return plain


def protected(where: Where) -> SourceFault:
    """The fault of a workbook that asks for a password."""
    return SourceFault(
        "the workbook is protected by a password",
        where=where,
        remedy="declare 'password: ${NAME}' and set NAME in the environment, or remove the password in Excel",
    )


def _wrong(where: Where) -> SourceFault:
    return SourceFault(
        "the workbook is protected by another password than the declared one",
        where=where,
        remedy="set the variable that 'password' names to the workbook's password",
    )


def _unreadable(where: Where) -> SourceFault:
    return SourceFault(
        "the workbook is protected, and cannot be decrypted with the declared password",
        where=where,
        remedy="check the password; if it is right, open the workbook in Excel and save it without one",
    )
