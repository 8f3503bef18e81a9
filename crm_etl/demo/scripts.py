"""How clerks spell a name in another script: transliteration with the variants that occur in practice.

Independent of :mod:`crm_etl.normalize` on purpose: a generator that spelled names with the product's own
tables would only prove that the product agrees with itself. Tables follow common practice (passport, BGN/PCGN,
German and informal spellings), compiled for this project. Which person is called what: :mod:`crm_etl.demo.lexicon`.
"""

from __future__ import annotations

from functools import lru_cache

_BASE = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)) | {"ь": "", "ъ": ""}
_BASE |= {"ё": "e", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
_BASE |= {"і": "i", "ї": "i", "є": "ie", "ґ": "g", "'": "", "’": ""}
_RU: tuple[dict[str, str], ...] = (
    {},
    {"ю": "iu", "я": "ia", "й": "i", "ъ": "ie"},
    {"ё": "yo", "щ": "sch", "х": "h", "ь": "'"},
    {"ю": "ju", "я": "ja", "й": "j", "ж": "j", "х": "h", "ц": "c"},
)
_UK: tuple[dict[str, str], ...] = (
    {"г": "h", "и": "y", "й": "i", "ю": "iu", "я": "ia", "ж": "zh"},
    {"г": "h", "и": "y", "й": "y", "є": "ye", "ї": "yi"},
    {"г": "g", "и": "i", "й": "y", "є": "e", "ю": "yu", "я": "ya"},
    {"г": "g", "и": "y", "й": "j", "ю": "ju", "я": "ja", "х": "h", "ц": "c"},
)
#: Schemes of :func:`to_latin` for each language.
LATIN_SCHEMES = 4


@lru_cache(maxsize=400_000)
def to_latin(word: str, language: str = "ru", scheme: int = 0) -> str:
    """``word`` from Cyrillic to Latin letters by one of :data:`LATIN_SCHEMES` habits of spelling."""
    table = _BASE | (_UK if language == "uk" else _RU)[scheme % LATIN_SCHEMES]
    lower = word.lower()
    if language == "ru":
        lower = _ending(lower, scheme)
    text = "".join(table.get(letter, letter) for letter in lower)
    if scheme == 3:
        text = text.replace("ks", "x")
    return _cased(word, text)


def _ending(word: str, scheme: int) -> str:
    """The adjectival ending ий, which nobody spells letter by letter."""
    if word.endswith(("ий", "ый")) and scheme in (0, 2):
        return word[:-2] + ("y" if scheme == 0 else "iy")
    return word


def _cased(model: str, text: str) -> str:
    if not model[:1].isupper():
        return text
    return "-".join(" ".join(part[:1].upper() + part[1:] for part in piece.split(" ")) for piece in text.split("-"))


_PERSIAN = dict(zip("абвгджзийклмнопрстуфхчшыіїєґ", "ابوگدژزییکلمنوپرستوفخچشییییگ", strict=True))
_PERSIAN |= {
    "ю": "یو",
    "я": "یا",
    "ё": "یو",
    "е": "",
    "ц": "تس",
    "щ": "شچ",
    "э": "",
    "ь": "",
    "ъ": "",
    "'": "",
    "’": "",
}
_INITIAL = {"а": "آ", "о": "او", "у": "او", "и": "ای", "і": "ای", "е": "ی", "э": "ا", "ю": "یو", "я": "یا", "є": "ی"}


@lru_cache(maxsize=400_000)
def to_persian(word: str, scheme: int = 0) -> str:
    """``word`` from Cyrillic to Persian letters. Scheme 1 writes e as ی, scheme 2 leaves unstressed a out."""
    table = dict(_PERSIAN)
    if scheme == 1:
        table["е"] = "ی"
    if scheme == 2:
        table |= {"о": "ا"}
    parts = []
    for piece in word.lower().replace("ий", "и").split("-"):
        first = _INITIAL.get(piece[:1], table.get(piece[:1], piece[:1]))
        cluster = "ا" if piece[:2] in ("ст", "сп", "ск", "шт") else ""
        body = "".join(table.get(letter, letter) for letter in piece[1:])
        spelled = cluster + first + body
        parts.append(spelled[:-1] + "ف" if piece.endswith("в") and scheme != 2 else spelled)
    return "‌".join(parts)


_DIGRAPHS = {
    "kh": "х", "gh": "г", "sh": "ш", "ch": "ч", "zh": "ж", "ou": "у", "oo": "у", "ee": "и", "ei": "ей", "ey": "ей",
    "ai": "ай", "ya": "я", "yo": "ё", "yu": "ю", "ow": "ов",
}  # fmt: skip
_LETTERS = {
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "дж", "k": "к",
    "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в",
    "w": "в", "x": "кс", "y": "и", "z": "з", "'": "",
}  # fmt: skip


@lru_cache(maxsize=400_000)
def to_cyrillic(word: str) -> str:
    """``word`` of a Persian name from Latin to Cyrillic letters, as Russian clerks write it."""
    lower, position, out = word.lower(), 0, []
    while position < len(lower):
        pair = lower[position : position + 2]
        if pair in _DIGRAPHS:
            out.append(_DIGRAPHS[pair])
            position += 2
        else:
            letter = lower[position]
            at_start = position == 0 or lower[position - 1] in " -"
            out.append("э" if letter == "e" and at_start else _LETTERS.get(letter, letter))
            position += 1
    text = "".join(out)
    if text.endswith("ех"):
        text = text[:-1]
    return _cased(word, text)


_TO_RUSSIAN = str.maketrans({"і": "и", "ї": "и", "є": "е", "ґ": "г", "І": "И", "Ї": "Е", "Є": "Е", "Ґ": "Г", "'": "ъ"})
_TO_UKRAINIAN = str.maketrans({"ы": "и", "э": "е", "ё": "йо", "Э": "Е", "ъ": "'", "Ё": "Йо"})


def ukrainian_to_russian(word: str) -> str:
    """A Ukrainian surname as Russian offices write it."""
    return word.replace("цький", "цкий").replace("ський", "ский").replace("ій", "ий").translate(_TO_RUSSIAN)


def russian_to_ukrainian(word: str) -> str:
    """A Russian surname as Ukrainian offices write it."""
    return word.replace("ский", "ський").replace("лё", "льо").replace("вьё", "вйо").translate(_TO_UKRAINIAN)


_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def persian_digits(text: str, arabic: bool = False) -> str:
    """``text`` with Persian (or Arabic) digits."""
    return text.translate(_ARABIC_DIGITS if arabic else _DIGITS)
