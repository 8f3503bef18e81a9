"""A name taken apart, and what may be known of it beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["person", "organization"]


@dataclass(frozen=True)
class Hints:
    """What the source says besides the text. ``given``, ``patronymic``, ``family``: parts that had own columns;
    ``brands``: folded words in letters of two scripts that are meant so."""

    kind: Kind | None = None
    language: str | None = None
    sex: str | None = None
    given: str | None = None
    patronymic: str | None = None
    family: str | None = None
    brands: frozenset[str] = frozenset()

    @property
    def has_parts(self) -> bool:
        """Whether the order of the parts needs no guess."""
        return self.family is not None and self.given is not None


@dataclass(frozen=True, slots=True)
class Name:
    """A name. Native parts keep their script and ZWNJ; ``*_latin`` are lower-case ASCII where possible.

    ``family_latin`` has the masculine form where a surname is gendered. ``ordered`` says that the parts are known
    (columns, comma, patronymic, known given name) and not merely guessed from their place.

    Of a person besides: ``patronymic`` may be the father's name; ``honorific`` is written as in the source, ``titles``
    are its classes (``doctor``, ``sayyid``); ``particles`` those of the family name; ``former`` earlier surnames;
    ``aliases`` the whole name in another form; ``others`` further people of the same cell; ``remark`` what was no name.
    Of an organization: ``branch``, ``city``, ``number`` (№ 5) as written, ``abbreviation``, ``aliases`` of brackets.
    """

    kind: Kind
    script: str = "Zyyy"
    language: str | None = None
    native: str | None = None
    latin: str | None = None
    given: str | None = None
    patronymic: str | None = None
    family: str | None = None
    given_latin: str | None = None
    patronymic_latin: str | None = None
    family_latin: str | None = None
    honorific: str | None = None
    titles: tuple[str, ...] = ()
    suffix: str | None = None
    particles: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    nickname: str | None = None
    former: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    remark: str | None = None
    sex: str | None = None
    legal_form: str | None = None
    org_name: str | None = None
    org_latin: str | None = None
    branch: str | None = None
    city: str | None = None
    number: str | None = None
    abbreviation: str | None = None
    ordered: bool = False
    notes: tuple[str, ...] = ()
