"""The numbers of an alignment weighed into one likelihood ratio.

Two models that err differently are averaged: a linear one, which goes on rising with the evidence, and boosted
trees, which know exceptions. Their log odds, less the odds of the examples they were trained on, are the log2
likelihood ratio. ``models/<kind>.json`` holds both; ``training/names`` makes it.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from crm_etl.normalize.names.compiled import compiled

Array = np.ndarray[Any, Any]

#: Pairs that one thread works through at a time.
CHUNK = 4096


class Scorer(NamedTuple):
    """Linear weights over the features, and trees: node k splits on ``feature[k]`` at ``threshold[k]`` (not greater
    goes ``left``), or is a leaf (``feature[k]`` < 0) worth ``value[k]``. All in bits."""

    intercept: float
    weights: Array
    roots: Array
    feature: Array
    threshold: Array
    left: Array
    right: Array
    value: Array


@cache
def scorer(kind: str, features: tuple[str, ...]) -> Scorer:
    """The scorer of this ``kind`` of names.

    Raises:
        ValueError: it was made for other features; it must be trained anew.
    """
    text = resources.files(__package__).joinpath(f"models/{kind}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    if tuple(document["features"]) != features:
        raise ValueError(f"models/{kind}.json was made for other features: train it anew (training/names)")
    return from_document(document)


def from_document(document: dict[str, Any]) -> Scorer:
    """The scorer that the JSON ``document`` describes."""
    nodes = [node for tree in document["trees"] for node in tree]
    roots = np.cumsum([0, *(len(tree) for tree in document["trees"])])[:-1]
    at = np.repeat(roots, [len(tree) for tree in document["trees"]])
    columns = list(zip(*nodes, strict=True)) if nodes else [()] * 5
    return Scorer(
        float(document["intercept"]),
        np.array(document["weights"], dtype=np.float64),
        roots.astype(np.int64),
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.float64),
        np.array(columns[2], dtype=np.int64) + at,
        np.array(columns[3], dtype=np.int64) + at,
        np.array(columns[4], dtype=np.float64),
    )


@compiled
def weigh(features: Array, scorer: Scorer, out: Array) -> None:
    """Bits of each row of ``features``, into ``out``."""
    for row in range(len(features)):
        bits = scorer.intercept
        for column in range(len(scorer.weights)):
            bits += scorer.weights[column] * features[row, column]
        for root in scorer.roots:
            node = root
            while scorer.feature[node] >= 0:
                goes_left = features[row, scorer.feature[node]] <= scorer.threshold[node]
                node = scorer.left[node] if goes_left else scorer.right[node]
            bits += scorer.value[node]
        out[row] = bits


def in_chunks(work: Any, size: int) -> None:
    """Calls ``work(begin, end)`` over 0..size in chunks, on all cores: for compiled code that frees the interpreter."""
    bounds = [(begin, min(begin + CHUNK, size)) for begin in range(0, size, CHUNK)]
    if len(bounds) < 2:
        work(0, size)
        return
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for done in [threads.submit(work, begin, end) for begin, end in bounds]:
            done.result()
