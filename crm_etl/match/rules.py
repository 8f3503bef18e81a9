"""The blocking rules, as a table to read: what two records must share to be compared at all.

The place to add a rule. How pairs are made from rules stands in :mod:`crm_etl.match.blocking`; what a shared feature
*proves* in :mod:`crm_etl.match.compare`.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_etl.faults import Fault
from crm_etl.match import copies, features
from crm_etl.match.features import Feature
from crm_etl.migration import Matching


@dataclass(frozen=True)
class Rule:
    """A blocking rule: records that share a value of every feature are a pair.

    ``copies``: it is the rule of :mod:`crm_etl.match.copies`, which holds in every run; copies take part in no other.
    ``room``: where there are too many pairs, its blocks may have so many times as many records as those of others:
    few who share a phone are strangers, most who share a given initial and a family name are.
    """

    name: str
    doc: str
    features: tuple[Feature, ...]
    room: float = 1.0
    copies: bool = False


#: The rule for many records that are the same; it is not to be chosen.
COPIES = Rule(
    "copies", "one of many records that are the same in all of this, and the first of them", (copies.keys,), copies=True
)

#: The blocking rules. ``matching.rules`` of the migration file selects by name.
RULES: tuple[Rule, ...] = (
    Rule("name", "one name sounds alike, and the begin of the other, in any script", (features.keys("fg:"),), room=0.7),
    Rule("name_begins", "family and given name begin alike", (features.keys("fb:"),), room=0.4),
    Rule(
        "family_initial",
        "family name sounds alike to the last consonant, and the initial",
        (features.keys("fi:"),),
        room=0.4,
    ),
    Rule("metaphone", "family name by its metaphone, and the given initial", (features.keys("mp:"),), room=0.4),
    Rule(
        "either_order", "family and given name sound alike, whichever is called which", (features.either_order,), room=4
    ),
    Rule(
        "name_year",
        "name and year of birth, for names too frequent for the rules above",
        (features.keys("fi:"), features.birth_year),
        room=0.6,
    ),
    Rule("name_city", "name and city, for the same reason", (features.keys("fi:"), features.city), room=0.6),
    Rule(
        "family_place",
        "family name alone, and the city or postal code",
        (features.keys("fa:"), features.city_or_postal),
        room=0.4,
    ),
    Rule("organization", "all words of an organization's name, or all telling ones", (features.keys("og:"),), room=2),
    Rule("organization_words", "two telling words of an organization", (features.keys("o2:"),)),
    Rule("organization_joined", "an organization's name written in one word", (features.keys("oj:"),), room=0.7),
    Rule("organization_word", "a telling word of an organization and its city", (features.keys("o1:"), features.city)),
    Rule(
        "organization_initials",
        "initials of an organization and its city",
        (features.keys("oa:"), features.city),
        room=0.6,
    ),
    Rule("phone", "any phone, by its last nine digits", (features.phone_tails,), room=2),
    Rule("email", "any e-mail address", (features.emails,), room=2),
    Rule("email_local", "part before the @, if long enough", (features.local_parts,)),
    Rule("identifier", "any tax, state or document number", (features.identifier_numbers,), room=2),
    Rule(
        "identifier_slip",
        "a number without check digits but for one character, or one whose check digit is wrong",
        (features.identifier_slips,),
    ),
    Rule(
        "birth_begin",
        "birth date, day and month in either order, and how a name begins, family or given",
        (features.birth_date_either_way, features.name_begins),
    ),
    Rule(
        "birth_letter",
        "the same, and a first letter of the name, family or given",
        (features.birth_date_either_way, features.name_letters),
        room=0.25,
    ),
    Rule(
        "birth_place",
        "birth date, and city or postal code",
        (features.birth_date_either_way, features.city_or_postal),
    ),
    Rule("address", "city and street with house number", (features.city, features.street), room=0.6),
    Rule("postal_house", "postal code and house number", (features.postal_code, features.house_number), room=1.5),
    Rule(
        "address_family",
        "address and first letter of the family name",
        (features.city, features.street, features.family_letter),
        room=1.5,
    ),
    Rule(
        "address_organization",
        "address and first letters of the organization",
        (features.city, features.street, features.org_letters),
    ),
)


def rule_names() -> list[str]:
    """Names that ``matching.rules`` may hold."""
    return [rule.name for rule in RULES]


def select(matching: Matching) -> tuple[Rule, ...]:
    """The rules that the migration file asks for; all where it names none; that for copies always.

    Raises:
        Fault: a rule that does not exist.
    """
    unknown = sorted(set(matching.rules) - set(rule_names()))
    if unknown:
        raise Fault(
            f"matching.rules: unknown blocking rules {unknown}", remedy=f"choose among: {', '.join(rule_names())}"
        )
    chosen = (rule for rule in RULES if not matching.rules or rule.name in matching.rules)
    return (*chosen, COPIES)
