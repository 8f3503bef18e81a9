"""Text as such: invisible characters, digits of other scripts, the script a word is written in, lost characters.

Everything here is pure, total and knows nothing of names, phones or fields. :func:`clean` is for values that
people see; :func:`fold` for keys that programs compare.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

ZWNJ = "\u200c"
#: Zero-width space, joiner, word joiner, byte order mark, soft hyphen, bidi marks, embeddings and isolates.
_INVISIBLE = re.compile("[\u200b\u200d\u2060\ufeff\u00ad\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\u180e\u034f]")
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
#: C0 and C1 controls other than tab and line ends; U+0085 is a line end in some systems.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_PRESENTATION = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
_TATWEEL = "\u0640"
_DIGITS = {ord(c): str(i % 10) for i, c in enumerate("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")}
#: Arabic letters and marks -> the Persian letter they stand for; vowel marks and hamza carriers vanish.
_ARABIC = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ئ": "ی",
        "ې": "ی",
        "ۍ": "ی",
        "ك": "ک",
        "ګ": "گ",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ء": "",
        "ٔ": "",
        _TATWEEL: "",
        **{chr(code): "" for code in range(0x064B, 0x0653)},
        "ٰ": "",
    }
)
#: Arabic letters that keyboards of other makes put in place of the Persian ones: the same letters to a reader.
_TYPED_ARABIC = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", _TATWEEL: ""})
_NOT_WORD = re.compile(r"[^\w]+|_+")
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = {
    "Latn": re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]"),
    "Cyrl": re.compile("[\u0400-\u0481\u048a-\u052f]"),
    "Arab": re.compile("[\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
}
#: Scripts that few cells have: asked for only where the others do not answer.
_RARE_SCRIPTS = {
    "Armn": re.compile("[\u0531-\u0556\u0560-\u0588\ufb13-\ufb17]"),
    "Geor": re.compile("[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2d]"),
    "Grek": re.compile("[\u0370-\u0373\u0376-\u03ff\u1f00-\u1fff]"),
    "Hebr": re.compile("[\u05d0-\u05f2\ufb1d-\ufb4f]"),
}
#: Texts without letters of another script: nearly all.
_ONLY = {code: re.compile(rf"[\W\d_{letters.pattern[1:]}*") for code, letters in _SCRIPTS.items()}
#: Encodings as which UTF-8 is read by mistake.
_MISTAKEN = ("cp1252", "latin-1", "cp1251", "cp1256")


def _byte_table(encoding: str) -> dict[int, int]:
    """Code point -> byte. Bytes that the encoding leaves open stay controls in browsers and spreadsheets."""
    return {ord(bytes([byte]).decode(encoding, "ignore") or chr(byte)): byte for byte in range(0x80, 0x100)}


def _garbled(table: Mapping[int, int]) -> re.Pattern[str]:
    """Texts in which all letters beyond ASCII stand as the bytes of UTF-8 stand: a first one, then its later ones."""

    def among(low: int, high: int) -> str:
        return "[" + "".join(re.escape(chr(code)) for code, byte in table.items() if low <= byte < high) + "]"

    later = among(0x80, 0xC0)
    several = f"{among(0xC2, 0xE0)}{later}|{among(0xE0, 0xF0)}{later}{{2}}|{among(0xF0, 0xF5)}{later}{{3}}"
    return re.compile(rf"[\x00-\x7f]*(?:(?:{several})[\x00-\x7f]*)+")


_BYTES = {encoding: _byte_table(encoding) for encoding in _MISTAKEN}
_GARBLED = {encoding: _garbled(table) for encoding, table in _BYTES.items()}
_LOST = re.compile(r"\ufffd|\?{2,}|(?<=\w)\?(?=\w)")


#: What :func:`clean` would change; most cells have nothing of it.
_UNCLEAN = re.compile(
    "[\u200b-\u200f\u2060\ufeff\u00ad\u061c\u202a-\u202e\u2066-\u2069\u180e\u034f\ufb50-\ufdff\ufe70-\ufefc\x00-\x1f"
    "\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|  "
)


def clean(text: str) -> str:
    """``text`` as a person should see it: NFC, no invisible marks, single blanks, trimmed.

    The zero-width non-joiner stays between Arabic letters, where it is spelling, and goes elsewhere. Arabic
    presentation forms, which only fonts should contain, become letters.
    """
    if text.isascii():
        return text.strip(" ") if text.isprintable() and "  " not in text else " ".join(text.split())
    if unicodedata.is_normalized("NFC", text) and _UNCLEAN.search(text) is None:
        return text.strip()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = _PRESENTATION.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    if ZWNJ in text:
        text = re.sub("[\u200c]*\\s[\\s\u200c]*|^\u200c+|\u200c+$", " ", text)
        text = re.sub("(?<![\u0600-\u06ff])\u200c+|\u200c+(?![\u0600-\u06ff])", "", text)
        text = re.sub("\u200c+", ZWNJ, text)
    # Removing a mark can bring a letter and its accent together, and NFKC can leave blanks: settle both.
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text)).strip()


def uncontrolled(text: str) -> str:
    """``text`` with a blank for each control character, which files have by accident and terminals obey."""
    return text if text.isprintable() else _CONTROL.sub(" ", text)


def digits(text: str) -> str:
    """``text`` with Persian and Arabic digits written in ASCII."""
    return text if text.isascii() else text.translate(_DIGITS)


def persian(text: str) -> str:
    """``text`` with Arabic yeh, kaf, alef and teh forms written as the Persian letters; vowel marks removed."""
    return text.translate(_ARABIC)


@lru_cache(maxsize=500_000)
def fold(text: str) -> str:
    """``text`` as a comparison key: cleaned, case-folded, ASCII digits, Persian letters, words split by one blank.

    ZWNJ, hyphens and all punctuation are word boundaries; ё is е.
    """
    # Case folding leaves a dot above behind the i of İ.
    text = persian(digits(clean(text))).casefold().replace("i\u0307", "i").replace("ё", "е").replace(ZWNJ, " ")
    return clean(_NOT_WORD.sub(" ", text))


def script(text: str) -> str:
    """ISO 15924 code of the script that most letters of ``text`` have: Latn, Cyrl, Arab, Armn …, else Zyyy."""
    if text.isascii():
        return "Latn" if _SCRIPTS["Latn"].search(text) is not None else "Zyyy"
    for code, only in _ONLY.items():
        if only.fullmatch(text) is not None and _SCRIPTS[code].search(text) is not None:
            return code
    return _most(text, _SCRIPTS) or _most(text, _RARE_SCRIPTS) or "Zyyy"


def _most(text: str, scripts: Mapping[str, re.Pattern[str]]) -> str | None:
    """The one of ``scripts`` that at least half of the letters of ``text`` have."""
    counts = {code: len(letters.findall(text)) for code, letters in scripts.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] and len(_LETTER.findall(text)) <= 2 * counts[best] else None


def script_of(character: str) -> str:
    """ISO 15924 code of one letter's script."""
    code = ord(character)
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return "Latn"
    if 0x400 <= code < 0x530:
        return "Cyrl"
    if 0x600 <= code < 0x780 or 0xFB50 <= code < 0xFF00:
        return "Arab"
    return "Zyyy" if code < 0x370 else _most(character, _RARE_SCRIPTS) or "Zyyy"


def has_control(text: str) -> bool:
    """Whether a control character that databases refuse stands in ``text``."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def has_lost(text: str) -> bool:
    """Whether characters of ``text`` were lost before it reached us: U+FFFD, or question marks for letters."""
    return ("\ufffd" in text or "?" in text) and _LOST.search(text) is not None


def mojibake(text: str) -> str | None:
    """The text that ``text`` was before UTF-8 was read as a one-byte encoding; None if it is not so.

    Example: ``ÐŸÐµÑ‚Ñ€`` -> ``Петр``. Only a proposal: nobody but a person can know.
    """
    if text.isascii():
        return None
    for encoding, garbled in _GARBLED.items():
        if garbled.fullmatch(text) is None:
            continue
        table = _BYTES[encoding]
        try:
            repaired = bytes(table.get(ord(letter), ord(letter)) for letter in text).decode("utf-8")
        except UnicodeDecodeError:  # a first byte that no character of so many bytes has
            continue
        if script(repaired) in ("Cyrl", "Arab", "Latn"):
            return repaired
    return None


def persian_letters(text: str) -> str:
    """Persian ``text`` with the letters of the Persian alphabet, for display; hamza and vowel marks stay."""
    return text.translate(_TYPED_ARABIC)
