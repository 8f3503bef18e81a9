"""Examples of pairs of persons' names that a scorer learns from, out of labelled pairs.

The labelled pairs give few combinations of scripts and little of what a company's files show: missing or foreign
patronymics, other orders, initials, slips of the pen, one script on both sides. So every form in which the pairs
name an entity is set against every other, and some examples are changed the way such files change names.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

from rapidfuzz.distance import JaroWinkler

from crm_etl.normalize.names.letters import folding
from crm_etl.normalize.names.tokens import variants
from training.names.corpus import script_number

#: Given names of fathers: Russian, Ukrainian and Latin patronymic of a man.
_FATHERS = (
    ("Иванович", "Іванович", "Ivanovich"), ("Петрович", "Петрович", "Petrovich"),
    ("Сергеевич", "Сергійович", "Sergeyevich"), ("Александрович", "Олександрович", "Aleksandrovich"),
    ("Николаевич", "Миколайович", "Nikolaevich"), ("Владимирович", "Володимирович", "Vladimirovich"),
    ("Михайлович", "Михайлович", "Mikhailovich"), ("Васильевич", "Васильович", "Vasilyevich"),
    ("Юрьевич", "Юрійович", "Yurievich"), ("Андреевич", "Андрійович", "Andreevich"),
    ("Викторович", "Вікторович", "Viktorovich"), ("Анатольевич", "Анатолійович", "Anatolievich"),
    ("Борисович", "Борисович", "Borisovich"), ("Григорьевич", "Григорович", "Grigorievich"),
    ("Евгеньевич", "Євгенович", "Evgenyevich"), ("Дмитриевич", "Дмитрович", "Dmitrievich"),
    ("Леонидович", "Леонідович", "Leonidovich"), ("Павлович", "Павлович", "Pavlovich"),
    ("Алексеевич", "Олексійович", "Alekseevich"), ("Константинович", "Костянтинович", "Konstantinovich"),
)  # fmt: skip
_CYRILLIC = {"ru": 0, "uk": 1, "be": 0, "bg": 0}


@dataclass(frozen=True)
class Example:
    """Two names, their languages and whether they are one person's. ``share`` is its weight among the examples."""

    left: str
    right: str
    left_lang: str
    right_lang: str
    same: bool
    share: float = 1.0


def examples(pairs: Sequence[Mapping[str, str]], *, seed: int = 7) -> list[Example]:
    """Examples out of labelled ``pairs`` of persons; the same for the same pairs and seed."""
    chance = random.Random(seed)
    found = list(forms(pairs))
    words = _words(found)
    found += [changed for example in found for changed in _changed(example, chance)]
    found += [_itself(example) for example in found if example.same and chance.random() < 0.5]
    true = [example for example in found if example.same]
    found += [stranger for example in true for stranger in _strangers(example, words, chance)]
    found += [sibling for example in true for sibling in _siblings(example, chance)]
    return found


def _words(found: Sequence[Example]) -> dict[str, list[str]]:
    """The words of names by language."""
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for example in found:
        for name, code in ((example.left, example.left_lang), (example.right, example.right_lang)):
            words[code].update(dict.fromkeys(word.strip(",") for word in name.split() if len(word) > 3))
    return {code: sorted(some) for code, some in words.items()}


def _itself(example: Example) -> Example:
    """The right name beside itself, as within one source."""
    return Example(example.right, example.right, example.right_lang, example.right_lang, True, example.share * 0.2)


def _strangers(example: Example, words: Mapping[str, Sequence[str]], chance: random.Random) -> Iterator[Example]:
    """Somebody who shares all but one word with the right name: a relative, or a namesake by the given name."""
    names = example.right.split()
    if len(names) < 2 or len(example.left.split()) < 2 or not words.get(example.right_lang):
        return
    at = chance.randrange(len(names))
    comma = "," if names[at].endswith(",") else ""
    names[at] = chance.choice(words[example.right_lang]) + comma
    yield _replaced(example, example.left, " ".join(names), same=False, share=0.2)


def forms(pairs: Sequence[Mapping[str, str]]) -> Iterator[Example]:
    """The pairs, and what follows from them: all forms of one entity are alike, those of two are not."""
    names: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for pair in pairs:
        for side in ("left", "right"):
            names[pair[f"{side}_id"]][pair[side], pair[f"{side}_lang"]] = None
        yield Example(pair["left"], pair["right"], pair["left_lang"], pair["right_lang"], pair["label"] == "1", 1.0)
    given = {(pair["left"], pair["right"]) for pair in pairs}
    for entity in sorted(names):
        for (a, la), (b, lb) in combinations(sorted(names[entity]), 2):
            if (a, b) not in given and (b, a) not in given:
                yield Example(a, b, la, lb, True, 0.3)
    for pair in pairs:
        if pair["label"] == "0":
            both = list(product(sorted(names[pair["left_id"]]), sorted(names[pair["right_id"]])))
            for (a, la), (b, lb) in both:
                if (a, b) not in given and la != lb:
                    yield Example(a, b, la, lb, False, 0.5 / len(both))


def _siblings(example: Example, chance: random.Random) -> Iterator[Example]:
    """Somebody one of whose names is another one, but spelled much like that of the right name."""
    names = example.right.split()
    for at, name in enumerate(names):
        alike = _alike(name.strip(","))
        if not alike:
            alike = _derived(name.strip(","))
        if alike:
            comma = "," if name.endswith(",") else ""
            changed = [*names[:at], chance.choice(alike) + comma, *names[at + 1 :]]
            yield _replaced(example, example.left, " ".join(changed), same=False, share=0.1)


#: Ends of surnames, and those that make another surname of the same stem.
_ENDS = (
    ("ов", ("овский", "овиков", "ян")), ("ев", ("евский", "енко")), ("ова", ("овская", "енко")), ("ева", ("евская",)),
    ("ский", ("", "ов")), ("енко", ("ук", "ов", "ченко")), ("чук", ("ченко", "ко")), ("ин", ("инский", "ов")),
    ("ov", ("ovsky", "ian")), ("ova", ("ovskaya",)), ("ev", ("evsky", "enko")), ("enko", ("uk", "ov")),
    ("chuk", ("chenko",)), ("sky", ("", "ov")), ("skiy", ("", "ov")), ("zadeh", ("i", "pour")), ("ian", ("i",)),
    ("ی", ("زاده", "پور", "یان", "نژاد")), ("زاده", ("ی", "پور")), ("پور", ("ی", "زاده")), ("یان", ("ی",)),
    ("son", ("ston", "s")), ("mann", ("er",)), ("er", ("mann",)), ("ez", ("as",)), ("berg", ("mann", "er")),
)  # fmt: skip


def _derived(name: str) -> tuple[str, ...]:
    """Surnames that differ from the surname ``name`` by the end only."""
    lower = name.casefold()
    for end, others in sorted(_ENDS, key=lambda pair: -len(pair[0])):
        if lower.endswith(end) and len(lower) > len(end) + 2:
            return tuple((lower[: -len(end)] + other).title() for other in others)
    return ()


@cache
def _alike(name: str) -> tuple[str, ...]:
    """The given names of the same script that are spelled most like ``name``, but are no form of it."""
    folded = name.translate(folding()).strip()
    groups = variants().get(folded)
    if groups is None:
        return ()
    script = script_number(folded)
    return _nearest(
        folded, [form for form, own in variants().items() if not own & groups and script_number(form) == script]
    )


def _nearest(folded: str, others: Sequence[str]) -> tuple[str, ...]:
    ranked = sorted(others, key=lambda form: (-JaroWinkler.similarity(form, folded), form))
    return tuple(form.title() for form in ranked[:_MOST_ALIKE])


_MOST_ALIKE = 4


def _changed(example: Example, chance: random.Random) -> Iterator[Example]:
    """``example`` as files of companies might have it."""
    if chance.random() < 0.5:
        yield from _with_patronymics(example, chance)
    if example.same and chance.random() < 0.15:
        yield _replaced(example, slip(example.left, chance), example.right, share=0.3)
    if chance.random() < 0.15 and len(example.left.split()) == 2:
        yield _replaced(example, _initial(example.left), example.right, share=0.3)
        if example.same and example.left[0].isalpha():
            yield _replaced(example, _initial(example.left, chance), example.right, same=False, share=0.2)
    if example.same and chance.random() < 0.1:
        yield _replaced(example, example.left, example.left, share=0.3)


def _replaced(example: Example, left: str, right: str, *, same: bool | None = None, share: float) -> Example:
    verdict = example.same if same is None else same
    return Example(left, right, example.left_lang, example.right_lang, verdict, example.share * share)


def _with_patronymics(example: Example, chance: random.Random) -> Iterator[Example]:
    """One side with a patronymic, both with the same one, or with two different ones: then it is somebody else."""
    if example.left_lang not in _CYRILLIC or len(example.left.split()) != 2 or len(example.right.split()) != 2:
        return
    one, other = chance.sample(_FATHERS, 2)
    native, latin = _CYRILLIC[example.left_lang], _CYRILLIC.get(example.right_lang, 2)
    with_one = _inserted(example.left, one[native])
    yield _replaced(example, with_one, example.right, share=0.5)
    if example.right_lang in _CYRILLIC or example.right.isascii():
        yield _replaced(example, with_one, _inserted(example.right, one[latin]), share=0.5)
        yield _replaced(example, with_one, _inserted(example.right, other[latin]), same=False, share=0.3)


def _inserted(name: str, patronymic: str) -> str:
    first, second = name.replace(",", "").split()
    return f"{first} {second} {patronymic}" if "," in name else f"{first} {patronymic} {second}"


def _initial(name: str, chance: random.Random | None = None) -> str:
    """``name`` with its given name, the first word or that after a comma, as an initial; as a wrong one by chance."""
    words = name.split()
    at = 1 if "," in words[0] else 0
    others = [letter for letter in _CONSONANTS[script_number(words[at][0].casefold()) or 0] if letter != words[at][0]]
    words[at] = f"{words[at][0] if chance is None else chance.choice(others)}."
    return " ".join(words)


#: Initials that are no spelling of one another, by script.
_CONSONANTS = ("BDFGKLMNPRSTZ", "БДГКЛМНПРСТФЗ", "بدفگلمنپرست")


def slip(name: str, chance: random.Random) -> str:
    """``name`` with one letter doubled, lost, exchanged with its neighbour, or another."""
    at = chance.randrange(1, max(len(name) - 1, 2))
    if at + 1 >= len(name) or not name[at : at + 2].isalpha():
        return name
    kind = chance.randrange(4)
    middle = (name[at] * 2, "", name[at + 1] + name[at], chance.choice(name.replace(" ", "")))[kind]
    return name[:at] + middle + name[at + (2 if kind == 2 else 1) :]
