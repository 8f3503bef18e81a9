"""Which columns hold characters that nobody sees or that keyboards of another script make: counts, no values.

Invisible marks and no-break blanks inside cells, digits of the Persian and Arabic scripts, UTF-8 that was read in
another encoding. They are set right where values are read (:mod:`crm_etl.normalize`); the cells stay as they came.
"""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from crm_etl import schema
from crm_etl.extract.frame import arrow
from crm_etl.number import counted

#: Kind -> what a cell of that kind holds. The zero-width non-joiner is spelling in Persian and no trouble.
KINDS = {
    "invisible": r"[\x{00a0}\x{00ad}\x{034f}\x{061c}\x{180e}\x{2007}\x{200b}\x{200d}-\x{200f}\x{202a}-\x{202f}"
    r"\x{2060}\x{2066}-\x{2069}\x{feff}]",
    "digits": r"[\x{0660}-\x{0669}\x{06f0}-\x{06f9}]",
    # Ð, Ñ, Ø or Ù (Р, С, Ш, Щ in cp1251) and a later byte, at least twice on end: no word is written so.
    "mojibake": r"(?:[\x{00d0}\x{00d1}\x{00d8}-\x{00db}]"
    r"[\x{0080}-\x{00bf}\x{0152}-\x{0192}\x{02c6}\x{02dc}\x{2013}-\x{2122}]){2}"
    r"|(?:[\x{0420}\x{0421}][\x{0080}-\x{00bf}\x{0401}-\x{040f}\x{0451}-\x{045f}\x{0490}\x{0491}\x{2013}-\x{2122}]"
    r"|[\x{0637}\x{0638}\x{063a}][\x{0080}-\x{00bf}\x{0152}-\x{0192}\x{067e}-\x{06d5}\x{2013}-\x{2122}]){2}",
}


def count(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Kind -> column -> cells of ``frame`` (``raw:`` columns) that hold such characters; columns without any are left
    out."""
    found: dict[str, dict[str, int]] = {}
    for name in frame.columns:
        if not name.startswith(schema.RAW_PREFIX):
            continue
        cells = arrow(frame[name])
        beyond = cells.filter(pc.invert(pc.fill_null(pc.string_is_ascii(cells), True)))
        for kind, pattern in KINDS.items():
            hits = pc.sum(pc.match_substring_regex(beyond, pattern)).as_py() or 0
            if hits:
                found.setdefault(kind, {})[name.removeprefix(schema.RAW_PREFIX)] = hits
    return found


def warnings(counts: dict[str, dict[str, int]], declared: set[str]) -> list[str]:
    """A warning for each column with cells that were read in a false encoding and are not declared to be repaired."""
    return [
        f"column '{name}': {counted(cells, 'cell')} with what looks like UTF-8 read in another encoding; repairs.csv "
        "holds what it may have been: have it exported again, or declare repair: [mojibake] for the field"
        for name, cells in counts.get("mojibake", {}).items()
        if name not in declared
    ]
