"""``python -m training.names --lists DIR --cities FILE --pairs FILE``: writes the models of ``names`` anew.

The sources are not part of this repository; ``crm_etl/normalize/names/models/README.md`` says where they come from
and under which licences. Needs the extra ``training``. Takes about a quarter of an hour; the same sources give
the same models.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from crm_etl.normalize import kept
from crm_etl.normalize.names.edits import tables
from crm_etl.normalize.names.tokens import trigrams, vocabulary, word_models
from training.names import corpus, edits, organizations, persons

MODELS = Path(__file__).parents[2] / "crm_etl" / "normalize" / "names" / "models"
_PERSIAN = "persian_first_names_vocalised.csv"
_TOKENS = ("coling2018_russian.tsv", "coling2018_arabic.tsv")


@click.command()
@click.option("--lists", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the lists.")
@click.option("--cities", type=click.Path(exists=True, path_type=Path), required=True, help="GeoNames cities (JSON).")
@click.option("--pairs", type=click.Path(exists=True, path_type=Path), required=True, help="Labelled pairs (CSV).")
@click.option(
    "--only", type=click.Choice(["edits", "words", "persons", "organizations"]), multiple=True, help="Make these alone."
)
def main(lists: Path, cities: Path, pairs: Path, only: tuple[str, ...]) -> None:
    """Write the models of names anew from their sources."""
    wanted = set(only) or {"edits", "words", "persons", "organizations"}
    tokens = [lists / name for name in _TOKENS]
    if "edits" in wanted:
        booked: corpus.Lists = {}
        corpus.book_tokens(booked, tokens)
        corpus.book_cities(booked, cities)
        corpus.book_standards(booked)
        corpus.book_persian(booked, lists / _PERSIAN)
        edits.learn(booked, MODELS / "edits.npz")
        # What the lists teach shows which words of full names belong together; these teach in turn.
        _forget()
        corpus.book_pairs(booked, corpus.pairs(pairs))
        edits.learn(booked, MODELS / "edits.npz")
        _forget()
    if "words" in wanted:
        edits.learn_words(_counts(tokens), MODELS / "words.npz", least=10)
        _forget()
    if "persons" in wanted:
        persons.learn(corpus.pairs(pairs), MODELS / "persons.json")
    if "organizations" in wanted:
        organizations.learn_concepts(corpus.pairs(pairs), MODELS / "concepts.json")
        organizations.learn(corpus.pairs(pairs), MODELS / "organizations.json")


def _forget() -> None:
    """Lets what was learned before be read anew."""
    kept.renew()
    for cached in (tables, vocabulary, trigrams, word_models):
        cached.cache_clear()


def _counts(paths: list[Path]) -> list[Counter[str]]:
    """How often each word is somebody's name, by script."""
    counts: list[Counter[str]] = [Counter(), Counter(), Counter()]
    for path in paths:
        for latin, native, count in corpus.tokens(path):
            for word in (latin, native):
                number = corpus.script_number(word)
                if number is not None:
                    counts[number][word] += count
    return counts


if __name__ == "__main__":
    main()
