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
from itertools import combinations, product

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
    found += [changed for example in found for changed in _changed(example, chance)]
    return found


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


def _changed(example: Example, chance: random.Random) -> Iterator[Example]:
    """``example`` as files of companies might have it."""
    if chance.random() < 0.5:
        yield from _with_patronymics(example, chance)
    if example.same and chance.random() < 0.15:
        yield _replaced(example, _slip(example.left, chance), example.right, share=0.3)
    if chance.random() < 0.15 and len(example.left.split()) == 2:
        yield _replaced(example, _initial(example.left), example.right, share=0.3)
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


def _initial(name: str) -> str:
    """``name`` with its given name, the first word or that after a comma, as an initial."""
    words = name.split()
    at = 1 if "," in words[0] else 0
    words[at] = f"{words[at][0]}."
    return " ".join(words)


def _slip(name: str, chance: random.Random) -> str:
    """``name`` with one letter doubled, lost, exchanged with its neighbour, or another."""
    at = chance.randrange(1, max(len(name) - 1, 2))
    if at + 1 >= len(name) or not name[at : at + 2].isalpha():
        return name
    kind = chance.randrange(4)
    middle = (name[at] * 2, "", name[at + 1] + name[at], chance.choice(name.replace(" ", "")))[kind]
    return name[:at] + middle + name[at + (2 if kind == 2 else 1) :]
