"""Labelled pairs of names: reading them, dividing them into learned and unseen, and the groups that are reported.

How pairs are made where no file is given: :mod:`.sample`. What is measured on them: :mod:`.measures`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from crm_etl.faults import SourceFault, Where
from crm_etl.normalize.text import script
from training.names.split import fold_of, measures

REQUIRED = ("left", "right", "left_lang", "right_lang", "kind", "label")
OPTIONAL = ("source", "left_id", "right_id", "how")
#: Thresholds of other matchers are chosen on pairs of the folds below.
_UNSEEN_FROM = 7
#: Source of pairs that the benchmark makes itself: nothing was learned from them, they are only divided in two.
MADE = "demo"
#: Groups with fewer true pairs say nothing.
_FEWEST = 5
_KINDS = {"person": "person", "org": "organization", "organization": "organization"}
_LABELS = {"1": True, "0": False}
_LANGUAGES = {"fa": "Persian", "ru": "Russian", "uk": "Ukrainian"}

Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Pair:
    """Two spellings, and whether they name one entity."""

    left: str
    right: str
    left_lang: str | None
    right_lang: str | None
    kind: str
    same: bool
    source: str = ""
    left_id: str = ""
    right_id: str = ""
    how: str = ""

    @cached_property
    def scripts(self) -> tuple[str, str]:
        first, second = sorted((script(self.left), script(self.right)))
        return first, second

    @property
    def crosses(self) -> bool:
        """Whether the two sides are in different scripts."""
        return self.scripts[0] != self.scripts[1]

    @property
    def unseen(self) -> bool:
        """Whether neither entity was in any training. Pairs without an id or a source count as unseen."""
        if not self.left_id or not self.source:
            return True
        if self.source == MADE:
            return fold_of(self.left_id) >= _UNSEEN_FROM
        return measures({"source": self.source, "left_id": self.left_id, "right_id": self.right_id})

    @property
    def tunes(self) -> bool:
        """Whether thresholds of other matchers are chosen on this pair: never one that is measured."""
        return fold_of(self.left_id or self.left) < _UNSEEN_FROM


def read(path: Path) -> list[Pair]:
    """The pairs of a CSV file in UTF-8.

    Raises:
        SourceFault: the file is missing, not such a file, lacks a column, or has an unknown kind or label.
    """
    where = Where(str(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [name for name in REQUIRED if name not in (rows.fieldnames or ())]
            if missing:
                remedy = f"it needs the columns {', '.join(REQUIRED)}; see benchmarks/names/README.md"
                raise SourceFault(f"no column {', '.join(missing)}", where=where, remedy=remedy)
            return [_pair(row, Where(str(path), row=number)) for number, row in enumerate(rows, start=2)]
    except FileNotFoundError:
        raise SourceFault("no such file of pairs", where=where, remedy="name one with --pairs FILE") from None
    except (UnicodeDecodeError, csv.Error):
        raise SourceFault("not a CSV file in UTF-8", where=where, remedy="save it as UTF-8 CSV") from None


def _pair(row: Mapping[str, str | None], where: Where) -> Pair:
    texts = {name: (row.get(name) or "").strip() for name in (*REQUIRED, *OPTIONAL)}
    kind, label = _KINDS.get(texts["kind"]), _LABELS.get(texts["label"])
    if kind is None:
        raise SourceFault("unknown kind", where=_column(where, "kind"), remedy=f"write one of {', '.join(_KINDS)}")
    if label is None:
        remedy = "write 1 where both sides are one entity, else 0"
        raise SourceFault("unknown label", where=_column(where, "label"), remedy=remedy)
    return Pair(
        texts["left"], texts["right"], texts["left_lang"] or None, texts["right_lang"] or None, kind, label,
        *(texts[name] for name in OPTIONAL),
    )  # fmt: skip


def _column(where: Where, name: str) -> Where:
    return Where(where.file, row=where.row, column=name)


@dataclass(frozen=True)
class Group:
    """A line of the table: the pairs with a property in common."""

    label: str
    places: tuple[int, ...]


def groups(pairs: Sequence[Pair]) -> list[Group]:
    """The groups of ``pairs`` with enough true ones, and false ones too, in the order in which they are reported."""
    found: dict[str, list[int]] = {label: [] for label in _fixed_labels()}
    for place, pair in enumerate(pairs):
        for label in _labels(pair):
            found.setdefault(label, []).append(place)
    fixed = {label: found.pop(label) for label in _fixed_labels()}
    ordered = {**fixed, **dict(sorted(found.items()))}
    return [Group(label, tuple(places)) for label, places in ordered.items() if _tells(pairs, places)]


def _fixed_labels() -> list[str]:
    languages = ["Persian–Latin", "Persian–Russian", "Russian–Latin", "Ukrainian–Latin", "Persian–Ukrainian"]
    kinds = [
        f"{kind}, {scripts}" for kind in ("persons", "organizations") for scripts in ("cross-script", "same script")
    ]
    return [kinds[0], *(f"  {name}" for name in languages), "  other languages", kinds[1], kinds[2], kinds[3]]


def _labels(pair: Pair) -> Iterator[str]:
    kind = "persons" if pair.kind == "person" else "organizations"
    yield f"{kind}, {'cross-script' if pair.crosses else 'same script'}"
    if pair.crosses and pair.kind == "person":
        yield f"  {_languages(pair)}"
    if pair.source:
        yield f"{pair.source}, {kind}"


def _languages(pair: Pair) -> str:
    """The language pair, Persian first and Latin letters last."""
    sides = {_side(pair.left, pair.left_lang), _side(pair.right, pair.right_lang)}
    order = ("Persian", "Russian", "Ukrainian", "Latin")
    label = "–".join(name for name in order if name in sides)
    return label if f"  {label}" in _fixed_labels() else "other languages"


def _side(text: str, language: str | None) -> str | None:
    return "Latin" if script(text) == "Latn" else _LANGUAGES.get(language or "")


def _tells(pairs: Sequence[Pair], places: Sequence[int]) -> bool:
    true = sum(pairs[place].same for place in places)
    return _FEWEST <= true < len(places)


def labels(pairs: Sequence[Pair]) -> Flags:
    return np.fromiter((pair.same for pair in pairs), dtype=np.bool_, count=len(pairs))
