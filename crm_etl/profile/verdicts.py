"""Whether cells can be those of a field at all (:func:`fits`), and how much they speak for it without a name
(:func:`tells`). What cells are like is measured in :mod:`.content`; names are the matter of :mod:`.headers`.
"""

from __future__ import annotations

from collections.abc import Callable

from crm_etl.profile.content import CHECKED, Seen

_OLDEST, _YOUNGEST = 14, 100


def fits(name: str, kind: str, seen: Seen) -> float:
    """0 to 1: whether cells as ``seen`` can be those of field ``name`` of type ``kind``; what is empty can be all."""
    if seen.filled == 0:
        return 0.8
    if name in ("key", "client", "ignore"):
        return _fits_key(name, seen)
    if kind == "enum":
        return _step(seen.share(f"enum.{name}"), 0.8, 0.4, otherwise=0.35 if seen.distinct <= 20 else 0.0)
    if kind == "identifier":
        return _step(seen.share(f"id.{name.partition('.')[2]}"), 0.5, 0.2, otherwise=0.05)
    shares = {"date": "date", "phone": "phone", "email": "email", "money": "number", "currency": "currency"}
    if kind == "phone" and seen.share("digits") > 0.5 and seen.share("date") < 0.5:
        return _step(seen.share("phone"), 0.6, 0.3, otherwise=0.45)
    if kind in shares:
        return _step(seen.share(shares[kind]), 0.6, 0.3, otherwise=0.0)
    if kind == "bool":
        return _step(seen.share("bool"), 0.9, 0.6, otherwise=0.0)
    if kind == "country":
        return _step(seen.share("country"), 0.5, 0.25, otherwise=0.1)
    return _fits_text(name, seen)


def _fits_key(name: str, seen: Seen) -> float:
    if seen.share("date") > 0.8 or seen.share("email") > 0.5:
        return 0.0 if name == "key" else 0.5
    if name == "ignore":
        return 1.0
    if seen.share("several") > 0.5:
        return 0.1
    if name == "client":
        return 1.0 if seen.distinct > 1 else 0.2
    return _step(min(seen.uniqueness, seen.fill), 0.95, 0.85, otherwise=0.0)


def _fits_text(name: str, seen: Seen) -> float:
    if max(seen.share("date"), seen.share("email"), seen.share("phone") * seen.share("digits")) > 0.6:
        return 0.15
    if name == "postal_code":
        return _step(seen.share("postal"), 0.5, 0.2, otherwise=0.2)
    letters = seen.share("letters")
    if name in ("document", "branch", "segment", "owner"):
        return 1.0 if letters > 0.5 or seen.share("code") > 0.5 else 0.6
    if letters < 0.5:
        return 0.1
    if name in ("given", "family", "patronymic"):
        return 0.5 if seen.share("organization") > 0.3 or seen.repeats > 60 else 1.0
    if name == "city":
        return _step(seen.share("city"), 0.4, 0.1, otherwise=0.4)
    if name == "name":
        return 0.35 if seen.repeats > 25 else 1.0
    return 1.0


def _step(share: float, good: float, fair: float, *, otherwise: float) -> float:
    return 1.0 if share >= good else 0.7 if share >= fair else otherwise


def tells(name: str, kind: str, seen: Seen) -> float:
    """0 to 1: how much cells as ``seen`` speak for field ``name`` of type ``kind`` where nothing is known of a name."""
    if seen.filled == 0:
        return 0.0
    if kind == "email":
        return 0.95 * _sure(seen.share("email"), 0.5)
    if kind == "phone":
        return 0.9 * _sure(seen.share("phone"), 0.5) * (0.3 if _best_identifier(seen) > 0.85 else 1.0)
    if kind == "identifier":
        return _tells_identifier(name.partition(".")[2], seen)
    if kind == "date":
        return _tells_date(name, seen)
    if kind == "enum":
        return 0.75 * _sure(seen.share(f"enum.{name}"), 0.8) if 2 <= seen.distinct <= 20 else 0.0
    if kind in ("currency", "country"):
        return 0.85 * _sure(seen.share(kind), 0.5)
    if kind == "bool":
        # What somebody agreed to is never told by a column of yes and no alone.
        return (0.7 if name == "allowed" else 0.0) * _sure(seen.share("bool"), 0.9)
    if kind == "money":
        return (0.6 if seen.share("decimal") > 0.1 else 0.15) * _sure(seen.share("number"), 0.9)
    return _TELLING.get(name, _nothing)(seen)


def _nothing(seen: Seen) -> float:
    return 0.0


def _sure(share: float, least: float) -> float:
    return min(1.0, share / 0.9) if share >= least else 0.0


def _best_identifier(seen: Seen) -> float:
    return max((seen.share(f"id.{kind}") for kind in CHECKED), default=0.0)


def _tells_identifier(kind: str, seen: Seen) -> float:
    share = seen.share(f"id.{kind}")
    if kind == "passport":
        return 0.0
    if kind == "ru_kpp":
        return 0.5 * _sure(share, 0.9)
    # One number in eleven has a right check digit by chance.
    return 0.85 * _sure(share, 0.6) if seen.distinct >= 4 else 0.4 * _sure(share, 0.9)


def _tells_date(name: str, seen: Seen) -> float:
    if seen.share("date") < 0.6 or seen.ages is None:
        return 0.0
    old = _OLDEST <= seen.ages <= _YOUNGEST and seen.ages >= 22
    if name == "birth_date":
        return 0.75 if old else 0.05
    scores = {"created_at": 0.5, "updated_at": 0.45, "occurred_at": 0.75, "opened_at": 0.6, "expected_close": 0.5}
    return scores.get(name, 0.6) * (0.3 if old else 1.0)


def _name(seen: Seen) -> float:
    whole = seen.share("person") + seen.share("organization")
    return (0.75 if seen.repeats < 10 else 0.2) * _sure(whole, 0.5) * (1 if seen.share("several") > 0.5 else 0.5)


def _part(role: str, sure: float) -> Callable[[Seen], float]:
    def told(seen: Seen) -> float:
        return sure * _sure(seen.share(role), 0.45) * (1 - 0.7 * seen.share("several")) * (seen.repeats < 60)

    return told


def _owner(seen: Seen) -> float:
    return 0.7 * _sure(seen.share("initials") + 0.5 * seen.share("person"), 0.4) if seen.repeats >= 8 else 0.0


def _branch(seen: Seen) -> float:
    few = seen.distinct <= 20 and seen.repeats >= 10
    return (0.7 if seen.fill > 0.9 else 0.45) * _sure(seen.share("city"), 0.45) if few else 0.0


def _city(seen: Seen) -> float:
    return (0.8 if seen.distinct > 10 else 0.5) * _sure(seen.share("city"), 0.45)


def _segment(seen: Seen) -> float:
    few = 2 <= seen.distinct <= 15 and seen.repeats >= 10 and seen.share("letters") > 0.9
    return 0.35 if few and seen.share("bool") < 0.5 else 0.0


def _comment(seen: Seen) -> float:
    return 0.5 * _sure(seen.share("text") - seen.share("person"), 0.25)


def _text(seen: Seen) -> float:
    return 0.5 * _sure(seen.share("letters"), 0.8) * (1 - seen.share("initials")) * (seen.share("code") < 0.5)


def _key(seen: Seen) -> float:
    sure = _sure(min(seen.uniqueness, seen.fill), 0.95) * _sure(seen.share("code"), 0.9)
    doubtful = max(seen.share("date"), seen.share("phone"), _best_identifier(seen) if seen.distinct > 20 else 0)
    return 0.75 * sure * (0.4 if doubtful > 0.8 else 1.0) * (1 - seen.share("decimal"))


def _document(seen: Seen) -> float:
    code = seen.share("code") if seen.share("letters") > 0.5 else 0.0
    return 0.6 * _sure(code, 0.8) * (seen.uniqueness > 0.5)


_TELLING: dict[str, Callable[[Seen], float]] = {
    "name": _name,
    "given": _part("given", 0.8),
    "family": _part("family", 0.75),
    "patronymic": _part("patronymic", 0.9),
    "owner": _owner,
    "branch": _branch,
    "city": _city,
    "segment": _segment,
    "street": lambda seen: 0.75 * _sure(seen.share("street"), 0.4),
    "address": lambda seen: 0.7 * _sure(seen.share("street"), 0.4),
    "postal_code": lambda seen: 0.6 * _sure(seen.share("postal"), 0.8) * (1 - _best_identifier(seen)),
    "comment": _comment,
    "subject": _text,
    "title": _text,
    "document": _document,
    "key": _key,
}
