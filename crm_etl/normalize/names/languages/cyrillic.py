"""Cyrillic words in Latin letters.

Russian: ICAO Doc 9303 part 3, as passports have it since 2013 (МИД, приказ 4271). Ukrainian: Cabinet of
Ministers resolution 55 of 27 January 2010. Letters of other Cyrillic alphabets get their nearest sound.
"""

from __future__ import annotations

from collections.abc import Mapping

_COMMON: Mapping[str, str] = {
    **dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True)),
    "ё": "e", "ж": "zh", "й": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ы": "y",
    "ь": "", "э": "e", "ю": "iu", "я": "ia",
    # Ukrainian and Belarusian
    "і": "i", "ї": "i", "є": "ie", "ґ": "g", "ў": "u",
    # Serbian and Macedonian
    "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dzh", "ѓ": "g", "ќ": "k", "ѕ": "dz", "ѐ": "e", "ѝ": "i",
    # Turkic and Iranian languages
    "ә": "a", "ғ": "gh", "қ": "q", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ҳ": "h", "ҷ": "j", "ӯ": "u",
    "ӣ": "i", "җ": "j", "ҡ": "k", "ҙ": "z", "ҫ": "s", "ҹ": "j", "ҝ": "g", "ӱ": "u", "ӧ": "o", "ӑ": "a", "ӗ": "e",
    "ӏ": "", "ѣ": "e", "ѳ": "f", "ѵ": "i",
}  # fmt: skip
_UKRAINIAN: Mapping[str, str] = {**_COMMON, "г": "h", "и": "y", "ґ": "g", "ъ": "", "щ": "shch"}
_FIRST: Mapping[str, str] = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_APOSTROPHES = "'’ʼ`"


def russian(word: str) -> str:
    """``word`` (one word, any case) romanized, lower case."""
    return "".join(_COMMON.get(letter, letter) for letter in word.casefold())


def ukrainian(word: str) -> str:
    """``word`` (one word, any case) romanized, lower case; apostrophe and soft sign vanish."""
    word = word.casefold()
    pieces = []
    for place, letter in enumerate(word):
        if letter in _APOSTROPHES:
            continue
        start = place == 0 or word[place - 1] == "-"
        if start and letter in _FIRST:
            pieces.append(_FIRST[letter])
        elif letter == "г" and not start and word[place - 1] == "з":
            pieces.append("gh")
        else:
            pieces.append(_UKRAINIAN.get(letter, letter))
    return "".join(pieces)
