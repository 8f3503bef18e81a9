"""Make ``crm_etl/normalize/names/languages/given_names.yml``: given names and surnames by language, from public lists.

Sources: Faker's person providers (MIT, github.com/joke2k/faker), Persian given names with their frequency
(MIT, github.com/nabidam/persian-names), single name tokens in Latin and Cyrillic letters mined from Wikidata (CC0,
Merhav and Ash, COLING 2018, github.com/steveash/NETransliteration-COLING2018). The tokens tell how foreign given
names are written in Cyrillic, and how Russian ones are in Latin letters.

Needs Faker: ``pip install faker``. Then
``python training/names/given_names.py --persian FIRST_NAMES.csv --frequency FREQUENCY.csv --pairs RUSSIAN.tsv``.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from crm_etl.normalize.text import fold, script

TARGET = Path(__file__).parents[2] / "crm_etl/normalize/names/languages/given_names.yml"
HEAD = """\
# Given names (m, f) and surnames (family) by language: which word of a name is which. Lists of words, lower case.
# Made by training/names/given_names.py and not to be corrected here: given names that are missing go to the list of
# their language (ru.yml, uk.yml, en.yml, ...), words that are no given names to `never` in surnames.yml.
#
# source faker: the person providers of Faker, (c) 2012 Daniele Faraglia and contributors, MIT licence.
# source persian-names: github.com/nabidam/persian-names, MIT licence; public lists of Iranian given names by sex and
#   frequency.
# source wikidata: name tokens of Merhav and Ash, COLING 2018 (NETransliteration-COLING2018), CC0.
#
# MIT licence: Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
# associated documentation files (the "Software"), to deal in the Software without restriction, including without
# limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
# Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions: The
# above copyright notice and this permission notice shall be included in all copies or substantial portions of the
# Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
# LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
# THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
# CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
# THE SOFTWARE.
"""
LOCALES = [
    *("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "cs_CZ", "sk_SK", "pt_BR", "pt_PT", "ro_RO"),
    *("hu_HU", "nl_NL", "sv_SE", "da_DK", "no_NO", "fi_FI", "et_EE", "lv_LV", "hr_HR", "sl_SI", "az_AZ", "uz_UZ"),
    *("ru_RU", "uk_UA", "bg_BG", "mk_MK", "ar_AA", "ar_DZ", "fa_IR", "hy_AM"),
]
#: A list longer than this is cut to the names that the tokens of Wikidata attest.
LONG = 200
ATTESTED = 3
#: A foreign given name is taken in the spelling that so many tokens share.
SPELLED = 8
#: Latin spellings of a Russian given name that are at least so frequent, in tokens and as a share of the name's.
OFTEN, SHARE = 3, 0.03
_PLAIN = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)?")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--persian", type=Path, required=True, help="given names by sex: Naam, Pesar, Dokhtar, Rate")
    parser.add_argument("--frequency", type=Path, required=True, help="given names and their share")
    parser.add_argument("--pairs", type=Path, required=True, help="Latin token, Cyrillic letters, count")
    options = parser.parse_args(arguments)
    tokens = _tokens(options.pairs)
    counts: Counter[str] = Counter()
    for (latin, _), count in tokens.items():
        counts[latin] += count
    attested = {latin for latin, count in counts.items() if count >= ATTESTED}
    groups = [_locale(locale, attested) for locale in LOCALES]
    groups.append(_persian(options.persian, options.frequency))
    groups.append(_in_cyrillic(groups, tokens))
    groups.append(_in_ukrainian(groups[-1]))
    groups.append(_in_latin(groups, tokens))
    text = yaml.dump(groups, allow_unicode=True, width=118, default_flow_style=None, sort_keys=False)
    TARGET.write_text(HEAD + text, encoding="utf-8")
    size = sum(len(group.get(key, ())) for group in groups for key in ("m", "f", "family"))
    sys.stdout.write(f"{TARGET}: {size} names\n")
    return 0


Group = dict[str, Any]


def _tokens(path: Path) -> Counter[tuple[str, str]]:
    """(Latin token, Cyrillic token) -> count."""
    found: Counter[tuple[str, str]] = Counter()
    with path.open(encoding="utf-8", newline="") as lines:
        for latin, letters, count in csv.reader(lines, delimiter="\t"):
            found[latin, letters.replace(" ", "")] += int(count)
    return found


def _group(language: str, source: str, lists: Mapping[str, Iterable[str]]) -> Group:
    group: Group = {"language": language, "source": source}
    for key, names in lists.items():
        group[key] = sorted(dict.fromkeys(name.casefold() for name in names if _PLAIN.fullmatch(name)))
    return {key: value for key, value in group.items() if value}


def _locale(locale: str, attested: set[str]) -> Group:
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider

    def names(*attributes: str) -> list[str]:
        found = [str(name) for attribute in attributes for name in provider.__dict__.get(attribute, ())]
        if len(found) <= LONG or script(" ".join(found[:9])) != "Latn":
            return found
        return [name for name in found if _bare(name) in attested]

    return _group(
        locale,
        "faker",
        {
            "m": names("first_names_male"),
            "f": names("first_names_female"),
            "family": names("last_names", "last_names_male", "last_names_female"),
        },
    )


def _bare(name: str) -> str:
    from crm_etl.normalize.names.languages import latin

    return latin.romanize(name)


def _persian(names: Path, frequency: Path) -> Group:
    """Names that the frequency list knows too, by sex."""
    with frequency.open(encoding="utf-8-sig", newline="") as lines:
        used = {fold(row["first_name"]) for row in csv.DictReader(lines) if row["first_name"]}
    male, female = [], []
    with names.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            name = fold(row["Naam"]).replace(" ", "")
            if name in used and len(name) > 2:
                male += [name] if row["Pesar"] else []
                female += [name] if row["Dokhtar"] else []
    return _group("fa", "persian-names", {"m": male, "f": female})


def _in_cyrillic(groups: list[Group], tokens: Counter[tuple[str, str]]) -> Group:
    """Given names of other languages as Russian texts write them: John is Джон."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for (latin, cyrillic), count in tokens.items():
        spellings[latin][cyrillic] += count
    lists = {}
    for sex in ("m", "f"):
        foreign = {_bare(name) for group in groups for name in group.get(sex, ()) if script(name) == "Latn"}
        best = [spellings[name].most_common(1)[0] for name in sorted(foreign) if name in spellings]
        lists[sex] = [cyrillic for cyrillic, count in best if count >= SPELLED and len(cyrillic) > 2]
    return _group("ru", "wikidata", lists)


def _in_ukrainian(russian: Group) -> Group:
    """Foreign given names of the Russian list in Ukrainian spelling, as far as letters tell: Кевин is Кевін."""
    letters = str.maketrans({"и": "і", "ы": "и", "э": "е", "ё": "йо"})
    lists = {sex: [name.translate(letters) for name in russian[sex]] for sex in ("m", "f")}
    return _group("uk", "wikidata", lists)


def _in_latin(groups: list[Group], tokens: Counter[tuple[str, str]]) -> Group:
    """Russian and Ukrainian given names as others write them in Latin letters."""
    by_cyrillic: dict[str, Counter[str]] = defaultdict(Counter)
    for (latin, cyrillic), count in tokens.items():
        by_cyrillic[cyrillic][latin] += count
    lists: dict[str, list[str]] = {"m": [], "f": []}
    for group in groups:
        if group["language"] not in ("ru_RU", "uk_UA"):
            continue
        for sex, found in lists.items():
            for name in group[sex]:
                spellings = by_cyrillic[name.replace("ё", "е")] + by_cyrillic[name]
                enough = max(OFTEN, SHARE * spellings.total())
                found += [spelling for spelling, count in spellings.items() if count >= enough and len(spelling) > 2]
    return _group("ru-Latn", "wikidata", lists)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
