"""Sex where a name makes it certain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_

from crm_etl.normalize.names import surnames
from crm_etl.normalize.names.given_names import FEMALE, MALE
from crm_etl.normalize.names.titles import Title
from crm_etl.normalize.names.words import look

_SEX = {MALE: "m", FEMALE: "f"}


def sex_of(
    given: Sequence[str], patronymic: Sequence[str], family: Sequence[str], titles: Iterable[Title]
) -> str | None:
    """``f`` or ``m`` where patronymic, title, given name or a woman's surname leave no doubt; else None."""
    for word in patronymic:
        sex = look(word).patronymic_sex
        if sex is not None:
            return sex
    told = {title.sex for title in titles if title.sex is not None}
    if len(told) == 1:
        return told.pop()
    known = [look(word).sexes for word in given if look(word).given]
    if known:
        return _SEX.get(reduce(and_, known))
    only_initials = all(look(word).is_initial for word in given)
    return "f" if family and only_initials and surnames.feminine_end(family[-1]) else None
