"""Text of other people's data made safe for spreadsheets and pages, and given back exactly.

Three things are done to a text that goes into a CSV file, a workbook or a page: characters that nobody sees or that
turn the line round (controls, bidirectional overrides, marks of order) are made visible; what a spreadsheet would
run as a formula gets a leading apostrophe; and whatever looks like either already is marked, so that
``restore(neutral(text)) == text`` for every text. Which files are written so is :mod:`crm_etl.report`'s business.

Controls become the pictures of Unicode's block *Control Pictures* (U+2400 ff.), other characters ``⟨U+202E⟩``. Line
feeds stay, and tabs within a text: cells of several lines are common and harmless.
"""

from __future__ import annotations

import re

_PICTURES = 0x2400
_DELETE, _PICTURE_OF_DELETE = 0x7F, 0x2421
#: C0 but tab and line feed, DEL, C1; marks and overrides of direction; the pictures themselves; the byte order mark,
#: noncharacters and lone surrogates, which XML or UTF-8 cannot hold; what already looks like a mark of ours, or like
#: an escape of the workbook format (``_x0041_``, ECMA-376 part 1, 22.4.2.4).
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\u2400-\u241f\u2421"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]|\u27e8(?=U\\+)|_(?=x[0-9A-Fa-f]{4}_)"
)
_MARKED = re.compile("\u27e8U\\+([0-9A-F]{4,6})\u27e9|[\u2400-\u241f\u2421]")
#: What starts a formula, in wide and small forms too, after blanks of any kind.
_FORMULA = re.compile("[\\s\u00ad\u200b-\u200d\u2060]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]")
#: Plain numbers below zero are numbers to a spreadsheet as well, and nothing that it would run.
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
_HIGHEST = 0x10FFFF


def neutral(text: str) -> str:
    """``text`` so that a spreadsheet takes it for text, or for the plain number that it is, and people see all."""
    # Letters and digits alone are most cells, and safe.
    return text if text.isalnum() else guarded(visible(text))


def restore(text: str) -> str:
    """What :func:`neutral` was given."""
    bare = text[1:] if text.startswith("'") and _runs(text) else text
    return _MARKED.sub(_unmarked, bare)


def visible(text: str) -> str:
    """``text`` with everything that is unseen or misleads the eye as a picture or a mark."""
    return _UNSAFE.sub(_mark, text)


def guarded(text: str) -> str:
    """``text`` with an apostrophe before it if a spreadsheet would run it."""
    return f"'{text}" if _runs(text) else text


def _runs(text: str) -> bool:
    """Whether ``text`` would be run, were it not for the apostrophes before it."""
    bare = text.lstrip("'")
    return _FORMULA.match(bare) is not None and _NUMBER.fullmatch(bare) is None


def _mark(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < ord(" "):
        return chr(_PICTURES + code)
    return chr(_PICTURE_OF_DELETE) if code == _DELETE else f"\u27e8U+{code:04X}\u27e9"


def _unmarked(match: re.Match[str]) -> str:
    if match[1] is None:
        code = ord(match.group())
        return chr(_DELETE if code == _PICTURE_OF_DELETE else code - _PICTURES)
    code = int(match[1], 16)
    return chr(code) if code <= _HIGHEST else match.group()
