"""Splink on DuckDB as a contestant: eight comparisons and eight blocking rules on the same normalized columns.

Everything is set in its favour that we found: names romanized by us, term frequencies of names and e-mail addresses,
dates by digits, arrays of phones and identifiers exploded for blocking and intersected for comparison, persons and
organizations apart, u from random pairs, m by expectation maximization over three blockings, the prior from
deterministic rules. Its joint comparison of family and given name, which knows exchanged parts, gave worse pairs.

Run as ``python -m benchmarks.linkage.splink_peer PARTIES FOLDER``; what it leaves stands in :mod:`.outcome`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.linkage.outcome import Stages

THRESHOLD = 0.95
#: Pairs below are not kept: no threshold that anybody would choose lies there.
_KEPT = 0.01
#: An organization stands with its name for the family name, as there is one model for all.
_COLUMNS = """
SELECT row_number() OVER () - 1 AS unique_id,
       coalesce(family_latin, org_latin) AS family,
       given_latin AS given,
       CASE WHEN family_latin IS NOT NULL AND given_latin IS NOT NULL THEN family_latin || ' ' || given_latin
            ELSE coalesce(family_latin, org_latin, given_latin) END AS full_name,
       kind, birth_date, sex, lower(city) AS city, postal_code, street,
       nullif(list_transform(phones, lambda phone: right(split_part(phone, ';', 1), 9)), []) AS phones,
       emails[1] AS email,
       nullif(identifiers, []) AS identifiers
FROM read_parquet(?)
"""


#: What two records of one person share, so surely that the prior may be told from it, and the share of pairs that do.
_CERTAIN = (("full_name", "birth_date"), ("email", "given"), ("full_name", "city", "street"))
_CERTAIN_RECALL = 0.7
#: What pairs share that expectation maximization looks at: of those tried, these gave the best pairs on both sets.
_TRAINING = (("full_name", "birth_date"), ("email",), ("given", "birth_date", "city"))
_TRAINING_PAIRS = 1_000_000


def broad() -> list[Any]:
    """Rules that find nearly all true pairs: some 25 pairs a record among a million."""
    return [
        _rule("birth_date"),
        _rule("family", "coalesce(substr(given, 1, 1), '')"),
        _rule("substr(family, 1, 3)", "substr(given, 1, 3)", "city"),
        _rule("given", "postal_code"),
        _rule("street", "city"),
        _rule("postal_code", "substr(family, 1, 1)"),
        _rule("email"),
        _rule("phones", arrays_to_explode=["phones"]),
    ]


def narrow() -> list[Any]:
    """Rules that are quick to compare: some five pairs a record among a million."""
    return [
        _rule("family", "given"),
        _rule("family", "birth_date"),
        _rule("given", "birth_date"),
        _rule("birth_date", "substr(family, 1, 2)"),
        _rule("family", "substr(given, 1, 1)", "city"),
        _rule("street", "city", "substr(family, 1, 1)"),
        _rule("email"),
        _rule("phones", arrays_to_explode=["phones"]),
    ]


def _rule(*columns: str, **options: Any) -> Any:
    """Persons and organizations are linked apart."""
    return block_on("kind", *columns, **options)


RULES: dict[str, Callable[[], list[Any]]] = {"broad": broad, "narrow": narrow}


def library(identifiers: bool) -> list[Any]:
    """Eight comparisons as Splink's own library has them, for whoever takes what its tutorial shows."""
    city = cl.ExactMatch("city").configure(term_frequency_adjustments=True)
    return [
        cl.NameComparison("family"),
        cl.NameComparison("given"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.ArrayIntersectAtSizes("phones", [1]),
        cl.EmailComparison("email"),
        cl.JaroWinklerAtThresholds("street", [0.95, 0.88]),
        cl.ExactMatch("sex"),
        cl.ArrayIntersectAtSizes("identifiers", [1]) if identifiers else city,
    ]


def tuned(identifiers: bool) -> list[Any]:
    """Eight comparisons that are quick and gave good pairs: identifiers where the records have any, else the city."""
    city = cl.ExactMatch("city").configure(term_frequency_adjustments=True)
    return [
        cl.NameComparison("family"),
        cl.NameComparison("given"),
        cl.LevenshteinAtThresholds("birth_date", [1, 2]),
        cl.ArrayIntersectAtSizes("phones", [1]),
        _email(),
        _address(),
        cl.ExactMatch("sex"),
        cl.ArrayIntersectAtSizes("identifiers", [1]) if identifiers else city,
    ]


COMPARISONS: dict[str, Callable[[bool], list[Any]]] = {"tuned": tuned, "library": library}


def _email() -> Any:
    """Equal by their own frequency: random pairs hardly ever share an address, so that no u could be counted."""
    return cl.CustomComparison(
        [
            cll.NullLevel("email"),
            cll.ExactMatchLevel("email", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("email", 0.92),
            cll.ElseLevel(),
        ],
        output_column_name="email",
    )


def _address() -> Any:
    """Street and postal code together: they are not independent."""
    return cl.CustomComparison(
        [
            cll.And(cll.NullLevel("street"), cll.NullLevel("postal_code")),
            cll.And(cll.ExactMatchLevel("street"), cll.ExactMatchLevel("postal_code")),
            cll.ExactMatchLevel("street"),
            cll.JaroWinklerLevel("street", 0.95),
            cll.ExactMatchLevel("postal_code"),
            cll.ElseLevel(),
        ],
        output_column_name="address",
    )


@click.command()
@click.argument("parties", type=click.Path(path_type=Path, exists=True))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--random-pairs", default=1_000_000, show_default=True, help="Random pairs that u is counted on.")
@click.option("--rules", type=click.Choice(list(RULES)), default="broad", show_default=True, help="Blocking rules.")
@click.option("--comparisons", type=click.Choice(list(COMPARISONS)), default="tuned", show_default=True)
@click.option("--threads", default=2, show_default=True, help="Threads of DuckDB.")
def main(parties: Path, folder: Path, random_pairs: int, rules: str, comparisons: str, threads: int) -> None:
    """Link PARTIES with Splink and leave the outcome in FOLDER."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    connection = duckdb.connect()
    connection.execute(f"SET threads TO {threads}")
    connection.execute(f"CREATE TABLE records AS {_COLUMNS}", [str(parties)])
    identifiers = _number(connection, "SELECT count(identifiers) FROM records") > 0
    linker = _linker(connection, RULES[rules](), COMPARISONS[comparisons](identifiers))
    stages.done("load")
    _train(linker, random_pairs)
    stages.done("train")
    blocked = linker.inference.compute_blocked_pairs_for_predict()
    pairs = _number(connection, f"SELECT count(*) FROM {blocked.physical_name}")
    stages.done("block")
    predicted = linker.inference.predict(threshold_match_probability=_KEPT)
    stages.done("compare and score")
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, THRESHOLD)
    stages.done("cluster")
    _write(connection, predicted.physical_name, clustered.physical_name, folder)
    stages.done("write")
    stages.write(folder, pairs=pairs, threshold=THRESHOLD, random_pairs=random_pairs)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    # Every row is fetched: the connection is busy until then.
    return int(connection.execute(query).fetchall()[0][0])


def _linker(connection: duckdb.DuckDBPyConnection, rules: list[Any], comparisons: list[Any]) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    return Linker(DuckDBAPI(connection).register("records"), settings, log_level=None)


def _train(linker: Linker, random_pairs: int) -> None:
    certain: list[Any] = [
        block_on("full_name", "birth_date"),
        block_on("email", "given"),
        block_on("full_name", "city", "street"),
    ]
    linker.training.estimate_probability_two_random_records_match(certain, recall=_CERTAIN_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=1)
    for columns in _TRAINING:
        rule = block_on(*columns)
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=_TRAINING_PAIRS)


def _write(connection: duckdb.DuckDBPyConnection, predicted: str, clustered: str, folder: Path) -> None:
    pairs, members = str(folder / "pairs.parquet"), str(folder / "members.parquet")
    connection.execute(
        f"COPY (SELECT unique_id_l AS left, unique_id_r AS right, match_weight AS weight,"
        f" match_probability AS probability FROM {predicted}) TO '{pairs}' (FORMAT parquet)"
    )
    connection.execute(
        f"COPY (SELECT unique_id AS row, cluster_id AS cluster FROM {clustered}) TO '{members}' (FORMAT parquet)"
    )


if __name__ == "__main__":
    main()
