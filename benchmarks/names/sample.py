"""Pairs made by the program itself, so that the benchmark runs without any file: names of the demo's clients.

The demo knows who its clients are and spells them, with clerks' habits and slips, in three scripts
(:mod:`crm_etl.demo.records`). True pairs are two records of one client. False ones are hard on purpose: for each
true pair the nearest stranger by Jaro-Winkler, one who is a relative, shares a word or has the same consonants, and
one drawn at random; nearness is that of the spellings in passports, which no matcher sees. Namesakes are left out:
no reading of names could tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from benchmarks.names.pairs import Pair
from crm_etl.demo.dice import Dice
from crm_etl.demo.people import Client, Population
from crm_etl.demo.records import SOURCES, WEIGHTS, Record, record
from crm_etl.normalize.text import script

_LANGUAGES = {"Arab": "fa", "Latn": "en", "ru": "ru", "uk": "uk"}
_VOWELS = str.maketrans("", "", "aeiouy'’ -")
_RECORDS = 6
#: Shares of the true pairs: across scripts, and of persons.
_CROSS, _PERSONS = 0.85, 0.7


@dataclass(frozen=True)
class _Entity:
    """A client in two spellings, and what tells who else is near."""

    number: int
    household: int
    kind: str
    left: Record
    right: Record
    passport: str

    @property
    def skeleton(self) -> str:
        return self.passport.translate(_VOWELS)


def pairs(count: int, seed: int = 20260101) -> list[Pair]:
    """``count`` true pairs and three times as many false ones; the same for the same seed."""
    rng = Dice(seed)
    persons = round(count * _PERSONS)
    entities = _entities(rng, {"person": persons, "organization": count - persons})
    return [pair for kind in sorted(entities) for pair in _pairs(entities[kind], rng)]


def _entities(rng: Random, wanted: dict[str, int]) -> dict[str, list[_Entity]]:
    """So many clients of each kind, no two of them namesakes."""
    found: dict[str, list[_Entity]] = {kind: [] for kind in wanted}
    names: set[str] = set()
    for household, group in enumerate(Population(rng, 20 * sum(wanted.values())).groups()):
        for client in group:
            chosen = _spelled(client, rng) if len(found[client.kind]) < wanted[client.kind] else None
            if chosen is not None and _passport(client) not in names:
                names.add(_passport(client))
                found[client.kind].append(
                    _Entity(client.number, household, client.kind, *chosen, passport=_passport(client))
                )
        if all(len(found[kind]) == number for kind, number in wanted.items()):
            return found
    return found


def _passport(client: Client) -> str:
    """How the client is spelled in Latin letters, by himself."""
    if client.organization is not None:
        activity = client.organization.activity
        return " ".join((client.organization.brand[2], "" if activity is None else activity[2])).strip().lower()
    assert client.given is not None
    assert client.family is not None
    return f"{client.given.latn[0]} {client.family.latn[0]}".lower()


def _spelled(client: Client, rng: Random) -> tuple[Record, Record] | None:
    """Two records of the client that name him in full, differently, mostly in two scripts; None if there are none."""
    if client.former_family is not None:
        return None
    sources = rng.choices(SOURCES, WEIGHTS[client.culture], k=_RECORDS)
    # Sources with the names of the people that the client's culture seldom meets are needed for other scripts.
    written = [record(client, source, rng) for source in (*sources, "tehran", "crm")]
    full = [each for each in written if "." not in text(each) or client.organization is not None]
    across = rng.random() < _CROSS
    for place, left in enumerate(full):
        for right in full[place + 1 :]:
            if text(left) != text(right) and (script(text(left)) != script(text(right))) == across:
                return left, right
    return None


def text(written: Record) -> str:
    """The name as the source holds it, in one cell."""
    return written.name or " ".join(part for part in (written.family, written.given, written.patronymic) if part)


def _pairs(entities: Sequence[_Entity], rng: Random) -> Iterator[Pair]:
    near, bones = _nearest([each.passport for each in entities]), _nearest([each.skeleton for each in entities])
    alike = _kin(entities)
    for place, entity in enumerate(entities):
        yield _pair(entity, entity, "pos")
        strangers = {"neg-jw": near[place], "neg-random": rng.randrange(len(entities))}
        if alike[place]:
            strangers["neg-shared"] = rng.choice(alike[place])
        else:
            strangers["neg-skel"] = bones[place]
        for how, other in sorted(strangers.items()):
            if other != place:
                yield _pair(entity, entities[other], how)


def _nearest(texts: Sequence[str]) -> list[int]:
    """Place of the most alike other text, for each text."""
    alike = process.cdist(texts, texts, scorer=JaroWinkler.normalized_similarity, dtype=np.float32)
    np.fill_diagonal(alike, -1.0)
    return [int(place) for place in alike.argmax(axis=1)]


def _kin(entities: Sequence[_Entity]) -> list[list[int]]:
    """Places of the other clients of the household, and of those who share a word of the name."""
    holders: dict[str | int, list[int]] = defaultdict(list)
    for place, entity in enumerate(entities):
        for trait in (entity.household, *entity.passport.split()):
            holders[trait].append(place)
    return [
        sorted({other for trait in (each.household, *each.passport.split()) for other in holders[trait]} - {place})
        for place, each in enumerate(entities)
    ]


def _pair(one: _Entity, other: _Entity, how: str) -> Pair:
    return Pair(
        text(one.left),
        text(other.right),
        _LANGUAGES[one.left.language],
        _LANGUAGES[other.right.language],
        one.kind,
        one is other,
        "demo",
        f"demo:{one.number}",
        f"demo:{other.number}",
        how,
    )
