"""Proposals for the encoding of a file that was delivered, packed or not, for the eyes of the person who declares it.

How bytes are judged is a matter of :mod:`connectors.charsets`.
"""

from __future__ import annotations

from pathlib import Path

from connectors.charsets import HEAD, Proposal, propose
from connectors.delimited.files import DeliveredFile, locate
from crm_etl.faults import SourceFault

__all__ = ["Proposal", "propose_encoding"]


def propose_encoding(path: Path) -> list[Proposal]:
    """Encodings in which the file could be read, the likeliest first; of several that ``path`` names as a pattern
    the first is looked at. Empty if none fits, or it is no text file."""
    try:
        first = Path(locate(Path(), str(path))[0])
        with DeliveredFile(first, first.name).open() as stream:
            return propose(stream.read(HEAD))
    except SourceFault:
        return []
