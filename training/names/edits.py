"""Learns the edit tables and the character models: ``models/edits.npz`` and ``models/words.npz``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from crm_etl.normalize.names.letters import SCRIPTS, alphabets, codes
from training.names import em
from training.names.corpus import Lists, script_number

#: Tables that ship: (source, target) script numbers. The source is cut into one or two letters, the target in up to
#: three, so that the script that writes fewer letters stands first.
TABLES = ((2, 0), (1, 0), (2, 1), (0, 0), (1, 1), (2, 2))
#: Share of the pairs, the least likely of them, that are taken for mistakes of the lists.
_MISTAKES = 0.03
_LEAST = 2e-7


def learn(lists: Lists, path: Path) -> None:
    """Writes the edit tables of ``lists`` to ``path``."""
    arrays: dict[str, em.Array] = {"tables": np.array([f"{SCRIPTS[a]}-{SCRIPTS[b]}" for a, b in TABLES])}
    for source, target in TABLES:
        name = f"{SCRIPTS[source]}-{SCRIPTS[target]}"
        table = _learn(lists, source, target)
        rows, columns = np.nonzero(table > _LEAST)
        sizes = (alphabets()[source].size, alphabets()[target].size)
        arrays[f"{name}/source"] = _letters(rows, sizes[0]).astype(np.int32)
        arrays[f"{name}/target"] = _letters(columns, sizes[1]).astype(np.int32)
        arrays[f"{name}/probability"] = table[rows, columns].astype(np.float32)
        print(f"{name}: {len(rows):,} pieces")
    np.savez_compressed(path, **arrays)


def _learn(lists: Lists, source: int, target: int) -> em.Array:
    words = sorted(lists[min(source, target), max(source, target)].items())
    turned = [((one, other) if source < target else (other, one), weight) for (one, other), weight in words]
    if source == target:
        turned += [((one, other), weight) for (one, other), weight in words]
    coded = [(spelled(one), spelled(other)) for (one, other), _ in turned]
    sizes = (alphabets()[source].size, alphabets()[target].size)
    data = em.corpus(coded, [min(weight, 3.0) for _, weight in turned], sizes)
    first = em.fit(data)
    by_letter = first.logs / (np.diff(data.source_at) + np.diff(data.target_at))
    good = np.flatnonzero(by_letter > np.quantile(by_letter, _MISTAKES))
    return em.fit(data.part(good)).table


def spelled(word: str) -> list[int]:
    """Codes of the letters of ``word``."""
    known = codes()
    return [known[letter] % 64 for letter in word]


def _letters(pieces: em.Array, size: int) -> em.Array:
    """Pieces as the trainer numbers them -> their letters in positional notation, as the product reads them."""
    one, two = 1 + size, 1 + size + size**2
    return np.where(pieces >= two, pieces - two, np.where(pieces >= one, pieces - one, np.maximum(pieces - 1, 0)))


def learn_words(counts: Sequence[Counter[str]], path: Path, *, least: int) -> None:
    """Writes trigram models of the words of each script, and the frequency of those seen at least ``least`` times."""
    arrays: dict[str, em.Array] = {}
    for number, script in enumerate(SCRIPTS):
        words = {word: count for word, count in sorted(counts[number].items()) if script_number(word) == number}
        arrays[f"{script}/trigrams"] = _trigrams(words, alphabets()[number].size)
        common = [(word, count) for word, count in words.items() if count >= least]
        arrays[f"{script}/words"] = np.array([word for word, _ in common])
        arrays[f"{script}/bits"] = -np.log2(np.array([count for _, count in common]) / sum(words.values())).astype(
            np.float32
        )
        print(f"{script}: {len(words):,} words, {len(common):,} common ones")
    np.savez_compressed(path, **arrays)


def _trigrams(words: dict[str, int], size: int) -> em.Array:
    """Bits of a letter after the two before it, shape (size, size, size); code 0 is either edge of the word.

    Trigram counts interpolated with bigrams, unigrams and a uniform distribution (Witten-Bell).
    """
    counts = np.zeros((size, size, size))
    for word, count in words.items():
        letters = [0, 0, *spelled(word), 0]
        for a, b, c in zip(letters, letters[1:], letters[2:], strict=False):
            counts[a, b, c] += 1.0 + np.log(count)
    estimate = np.full(size, 1.0 / size)
    for order in (counts.sum(axis=(0, 1)), counts.sum(axis=0), counts):
        kinds = (order > 0).sum(axis=-1, keepdims=True)
        total = order.sum(axis=-1, keepdims=True)
        estimate = (order + kinds * estimate) / np.maximum(total + kinds, 1e-9) + (total == 0) * estimate
    return (-np.log2(estimate)).astype(np.float16)
