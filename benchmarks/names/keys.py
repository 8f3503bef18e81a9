"""How many true pairs the comparison keys find, and how many pairs to compare they cost.

One command: ``python benchmarks/names/keys.py --pairs FILE``. FILE has the columns left, right, left_lang,
right_lang, kind, label and, if wanted, source, left_id; README.md beside this module describes them. All names of a
line of the table, left and right ones, are one list of n distinct names. *Recall* is the share of the pairs labelled
1 whose two names share a key; the *reduction ratio* is 1 - c / (n (n - 1) / 2), where c counts the distinct pairs of
names in the list that share a key.
"""

from __future__ import annotations

import csv
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from crm_etl.normalize.names import Hints, keys, parse

#: Entities whose number is below this were looked at when the keys were made; the others only measured.
_SEEN = 7
_FEWEST = 15


@dataclass(frozen=True)
class Pair:
    """A labelled line of the file."""

    left: str
    right: str
    languages: str
    kind: str
    same: bool
    source: str
    entity: str

    @property
    def unseen(self) -> bool:
        """Whether the entity was kept away from everybody who changed the keys."""
        return zlib.crc32(self.entity.encode()) % 10 >= _SEEN


@dataclass(frozen=True)
class Result:
    """A line of the table."""

    label: str
    pairs: int
    recall: float
    reduction: float
    names: int


class Keyed:
    """The keys of every distinct name of one kind, and the time that they took."""

    def __init__(self, names: Iterable[str], kind: str) -> None:
        self._names = sorted(set(names))
        self._numbers = {name: number for number, name in enumerate(self._names)}
        hints = Hints(kind="organization" if kind == "org" else "person")
        parsed = [parse(name, hints) for name in self._names]
        start = time.perf_counter()
        self.keys = [frozenset(keys(name)) for name in parsed]
        self.seconds = time.perf_counter() - start

    def share(self, left: str, right: str) -> bool:
        """Whether both names have a key in common."""
        return not self.keys[self._numbers[left]].isdisjoint(self.keys[self._numbers[right]])

    def candidates(self, names: Iterable[str]) -> int:
        """Distinct pairs of ``names`` that share a key."""
        blocks: dict[str, list[int]] = defaultdict(list)
        for number in sorted({self._numbers[name] for name in names}):
            for key in self.keys[number]:
                blocks[key].append(number)
        wide = [np.array(block, dtype=np.int64) for block in blocks.values() if len(block) > 1]
        pairs = [(block[:, None] * len(self._names) + block)[np.triu_indices(len(block), 1)] for block in wide]
        return len(np.unique(np.concatenate(pairs))) if pairs else 0

    def largest_blocks(self, count: int) -> list[tuple[str, int]]:
        """The keys that most names share."""
        return Counter(key for name in self.keys for key in name).most_common(count)


def read(path: Path) -> list[Pair]:
    """The labelled pairs of ``path``, a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Pair(
                left=row["left"],
                right=row["right"],
                languages=f"{row['left_lang']}-{row['right_lang']}",
                kind=row["kind"],
                same=row["label"] == "1",
                source=row.get("source") or "",
                entity=row.get("left_id") or row["left"],
            )
            for row in csv.DictReader(file)
        ]


def measure(label: str, pairs: Sequence[Pair], keyed: Keyed) -> Result:
    """Recall of ``pairs`` that are true, reduction ratio of all their names."""
    names = {name for pair in pairs for name in (pair.left, pair.right)}
    true = [pair for pair in pairs if pair.same]
    found = sum(keyed.share(pair.left, pair.right) for pair in true)
    every = len(names) * (len(names) - 1) / 2
    return Result(
        label,
        pairs=len(true),
        recall=found / len(true) if true else float("nan"),
        reduction=1 - keyed.candidates(names) / every if every else float("nan"),
        names=len(names),
    )


def groups(pairs: Sequence[Pair]) -> Iterator[tuple[str, list[Pair]]]:
    """Lines of the table: all pairs, those of unseen entities, each source, each frequent pair of languages."""
    yield "all", list(pairs)
    yield "entities not looked at", [pair for pair in pairs if pair.unseen]
    for source in sorted({pair.source for pair in pairs if pair.source}):
        yield f"source {source}", [pair for pair in pairs if pair.source == source]
    true = Counter(pair.languages for pair in pairs if pair.same)
    for languages, count in sorted(true.items(), key=lambda item: (-item[1], item[0])):
        if count >= _FEWEST:
            yield languages, [pair for pair in pairs if pair.languages == languages]


def _print(console: Console, kind: str, results: Sequence[Result], keyed: Keyed) -> None:
    table = Table(title=f"{kind}: pairs that share a key")
    for heading in ("pairs of", "names", "true pairs", "recall", "reduction ratio"):
        table.add_column(heading, justify="left" if heading == "pairs of" else "right")
    for result in results:
        table.add_row(
            result.label, str(result.names), str(result.pairs), f"{result.recall:.4f}", f"{result.reduction:.4f}"
        )
    console.print(table)
    counts = sorted(len(found) for found in keyed.keys)
    speed = len(counts) / keyed.seconds if keyed.seconds else float("nan")
    console.print(
        f"keys per name: median {median(counts):.0f}, 99 % at most {counts[int(0.99 * (len(counts) - 1))]}, "
        f"most {counts[-1]}; names without a key: {counts.count(0)}; {speed:,.0f} names a second (cold)\n"
    )


@click.command()
@click.option("--pairs", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--blocks", default=0, help="Show the kinds of this many largest blocks.")
def main(path: Path, blocks: int) -> None:
    """Recall and cost of the comparison keys on a file of labelled pairs."""
    console = Console()
    every = read(path)
    for kind in sorted({pair.kind for pair in every}, reverse=True):
        pairs = [pair for pair in every if pair.kind == kind]
        keyed = Keyed((name for pair in pairs for name in (pair.left, pair.right)), kind)
        _print(console, kind, [measure(label, group, keyed) for label, group in groups(pairs)], keyed)
        for key, size in keyed.largest_blocks(blocks):
            console.print(f"  {size:>6} names share {key}")


if __name__ == "__main__":
    main()
