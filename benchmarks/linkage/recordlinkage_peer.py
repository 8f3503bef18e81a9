"""Stock recordlinkage as a contestant: its own index, comparisons and classifier, clusters as connected components.

Run as ``python -m benchmarks.linkage.recordlinkage_peer PARTIES FOLDER``; what it leaves stands in :mod:`.outcome`.
It has neither random pairs nor threads to set: those options are taken and not used.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import click
import numpy as np
import pandas as pd
import recordlinkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.linkage.outcome import Stages

THRESHOLD = 0.95
_BLOCKS = (["family", "given"], ["family", "birth_date"], ["given", "birth_date"], ["phone"], ["email"])
#: Jaro-Winkler from which names and streets agree.
_ALIKE = 0.88
_FIRST = {"phone": "phones", "email": "emails"}


@click.command()
@click.argument("parties", type=click.Path(path_type=Path, exists=True))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--random-pairs", default=0, help="Not used.")
@click.option("--threads", default=1, help="Not used.")
def main(parties: Path, folder: Path, random_pairs: int, threads: int) -> None:
    """Link PARTIES with recordlinkage and leave the outcome in FOLDER."""
    warnings.filterwarnings("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    records = load(parties)
    stages.done("load")
    candidates = _candidates(records)
    stages.done("block")
    features = _comparison().compute(candidates, records)
    stages.done("compare")
    probability = _probability(features)
    stages.done("train and score")
    left, right = (candidates.get_level_values(level).to_numpy() for level in (0, 1))
    cluster = _components(left, right, probability >= THRESHOLD, len(records))
    stages.done("cluster")
    with np.errstate(divide="ignore"):
        weight = np.log2(probability) - np.log2(1 - probability)
    pairs = pd.DataFrame({"left": left, "right": right, "weight": weight, "probability": probability})
    pairs.to_parquet(folder / "pairs.parquet")
    pd.DataFrame({"row": np.arange(len(records)), "cluster": cluster}).to_parquet(folder / "members.parquet")
    stages.done("write")
    stages.write(folder, pairs=len(pairs), threshold=THRESHOLD)


def load(parties: Path) -> pd.DataFrame:
    """The columns that are compared, a row a record; of several phones and addresses the first."""
    columns = ["family_latin", "org_latin", "given_latin", "birth_date", "sex", "city", "street", "phones", "emails"]
    frame = pd.read_parquet(parties, columns=columns)
    text = frame.drop(columns=["phones", "emails"]).astype("object").where(lambda cell: cell.notna(), None)
    first = {one: [cell[0] if len(cell) else None for cell in frame[many]] for one, many in _FIRST.items()}
    family = text["family_latin"].where(text["family_latin"].notna(), text["org_latin"])
    return text.assign(family=family, given=text["given_latin"], **first)


def _candidates(records: pd.DataFrame) -> pd.MultiIndex:
    index = recordlinkage.Index()
    for block in _BLOCKS:
        index.block(block)
    return index.index(records)


def _comparison() -> recordlinkage.Compare:
    compare = recordlinkage.Compare()
    for name in ("family", "given", "street"):
        compare.string(name, name, method="jarowinkler", threshold=_ALIKE, label=name)
    for name in ("birth_date", "sex", "city", "phone", "email"):
        compare.exact(name, name, label=name)
    return compare


def _probability(features: pd.DataFrame) -> np.ndarray:
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    return np.asarray(classifier.prob(features), dtype=np.float64)


def _components(left: np.ndarray, right: np.ndarray, chosen: np.ndarray, size: int) -> np.ndarray:
    links = coo_matrix((np.ones(int(chosen.sum())), (left[chosen], right[chosen])), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1])


if __name__ == "__main__":
    main()
