"""Learn how Persian letters are read in names: the weights of ``crm_etl/normalize/names/languages/fa_vowels.json``.

An averaged perceptron learns from the names, surnames, elements and words of ``fa.yml``, whose Latin forms are aligned
with their letters. Given names in which some short vowels are written (``--vocalised``, a CSV with the names in its
first column) are decoded with those vowels fixed and join in a second round; such a list is
persian_first_names_vocalised.csv of the public repository nabidam/persian-names (MIT), made from lists of the Iranian
civil registry. Deterministic; takes about half a minute.

Run: python -m training.names.persian_vowels --vocalised PATH
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

from rapidfuzz.distance import Levenshtein

from crm_etl.normalize.names.languages import fa, vowels
from crm_etl.normalize.text import clean, fold, persian

OUTPUT = Path(vowels.__file__).with_name("fa_vowels.json")
TAUGHT = ("words", "elements", "endings", "surnames", "given_f", "given_m")
EPOCHS = 8
FOLDS = 10
SCALE = 100
MARKS = {"\u064e": "a", "\u0650": "e", "\u064f": "o"}
NOTE = (
    "Weights of an averaged perceptron, made by training/names/persian_vowels.py from fa.yml (Apache-2.0) and the "
    "vocalised given names of nabidam/persian-names (MIT, Copyright (c) nabidam)."
)

Example = tuple[str, list[str]]


def examples() -> list[Example]:
    """Words of the tables with the reading of each letter; words that letters do not explain are left out."""
    tables = fa._tables()
    pairs = {word: latin for name in TAUGHT for word, latin in tables[name].items() if len(word) > 1}
    aligned = ((word, vowels.align(word, latin)) for word, latin in sorted(pairs.items()))
    return [(word, parts) for word, parts in aligned if parts is not None]


def train(taught: Sequence[Example], seed: int = 7) -> dict[str, dict[str, float]]:
    """Averaged weights after :data:`EPOCHS` rounds over ``taught``."""
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    totals: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    order = list(taught)
    step = 0
    for epoch in range(EPOCHS):
        random.Random(seed + epoch).shuffle(order)
        for word, right in order:
            step += 1
            said = vowels.decide(word, weights, [vowels.readings(letter) for letter in word])
            for place, (wrong, wanted) in enumerate(zip(said, right, strict=True)):
                if wrong == wanted:
                    continue
                before, earlier = right[place - 1] if place else "", right[place - 2] if place > 1 else ""
                for feature in vowels.features(word, place, before, earlier):
                    for reading, change in ((wanted, 1.0), (wrong, -1.0)):
                        weights[feature][reading] += change
                        totals[feature][reading] += change * step
    return {
        feature: {reading: weight - totals[feature][reading] / step for reading, weight in row.items()}
        for feature, row in weights.items()
    }


def vocalised(path: Path) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Names with written short vowels: the bare word, and the readings that its marks leave to each letter."""
    found = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.reader(lines):
            marked = persian(clean(row[0]).translate(dict.fromkeys(range(0x64B, 0x64E)))) if row else ""
            text = clean(row[0]) if row else ""
            if not any(mark in text for mark in MARKS) or " " in marked:
                continue
            found.append(_constrained(text))
    return [one for one in found if one[0] != ""]


def _constrained(text: str) -> tuple[str, list[tuple[str, ...]]]:
    letters: list[str] = []
    allowed: list[tuple[str, ...]] = []
    for sign in unicodedata.normalize("NFC", text):
        if sign in MARKS and letters:
            fitting = tuple(one for one in allowed[-1] if one.endswith(MARKS[sign]))
            allowed[-1] = fitting or allowed[-1]
            continue
        for letter in fold(sign):
            letters.append(letter)
            allowed.append(vowels.readings(letter))
    return "".join(letters), allowed


def measure(taught: Sequence[Example]) -> tuple[float, float]:
    """Share of words read exactly right, and edits per letter, each word read by a model that never saw it."""
    exact = edits = letters = 0
    for fold_ in range(FOLDS):
        weights = train([one for one in taught if crc32(one[0].encode()) % FOLDS != fold_])
        for word, right in (one for one in taught if crc32(one[0].encode()) % FOLDS == fold_):
            said = "".join(vowels.decide(word, weights, [vowels.readings(letter) for letter in word]))
            wanted = "".join(right)
            exact += said == wanted
            edits += Levenshtein.distance(said, wanted)
            letters += len(wanted)
    return exact / len(taught), edits / letters


def marks_right(weights: Mapping[str, Mapping[str, float]], names: list[tuple[str, list[tuple[str, ...]]]]) -> float:
    """Share of the written vowels that a model without them restores."""
    right = total = 0
    for word, allowed in names:
        said = vowels.decide(word, weights, [vowels.readings(letter) for letter in word])
        for letter, reading, options in zip(word, said, allowed, strict=True):
            if len(options) < len(vowels.readings(letter)):
                total += 1
                right += reading in options
    return right / max(total, 1)


def packed(weights: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, int]]:
    """``weights`` as whole hundredths, without those that round to nothing."""
    rounded = {
        feature: {reading: round(weight * SCALE) for reading, weight in sorted(row.items()) if round(weight * SCALE)}
        for feature, row in sorted(weights.items())
    }
    return {feature: row for feature, row in rounded.items() if row}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocalised", type=Path, help="CSV of given names with vowel marks in its first column")
    parser.add_argument("--measure", action="store_true", help="measure on words held out before the model is made")
    arguments = parser.parse_args()
    taught = examples()
    print(f"{len(taught)} words")
    if arguments.measure:
        exact, edits = measure(taught)
        print(f"held out: {exact:.1%} of the words exactly right, {edits:.3f} edits per letter")
    weights = train(taught)
    if arguments.vocalised is not None:
        names = vocalised(arguments.vocalised)
        print(f"{len(names)} vocalised names, {marks_right(weights, names):.1%} of their marks restored unseen")
        weights = train([*taught, *((word, vowels.decide(word, weights, allowed)) for word, allowed in names)])
    body = json.dumps({"note": NOTE, "weights": packed(weights)}, ensure_ascii=False, separators=(",", ":"))
    OUTPUT.write_text(body + "\n", encoding="utf-8")
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
