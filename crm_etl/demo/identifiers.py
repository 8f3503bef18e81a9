"""Identifiers of the demo company's clients, with right check digits.

Algorithms: INN, order MMV-7-6/435 of the Federal Tax Service (weights 2 4 10 3 5 9 4 6 8 and so on); RNOKPP,
sum of nine weighted digits mod 11 mod 10, its first five digits the days since 31 December 1899; EDRPOU,
weights 1..7 or 7 1..6 by range; کد ملی, sum of digit times (10 - position) mod 11; شناسه ملی, tens digit plus 2.
The tests check them against python-stdnum where that knows them.
"""

from __future__ import annotations

from datetime import date
from random import Random


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _digits(rng: Random, count: int) -> str:
    return str(rng.randrange(10**count)).zfill(count)


def ru_inn_person(rng: Random) -> str:
    body = rng.choice(("77", "78", "50", "16", "66", "63", "61", "30")) + _digits(rng, 8)
    body += str(_weighted(body, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10)
    return body + str(_weighted(body, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10)


def ru_inn_organization(rng: Random) -> str:
    body = rng.choice(("77", "78", "50", "16", "66", "63", "61", "30")) + _digits(rng, 7)
    return body + str(_weighted(body, (2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10)


def ru_kpp(rng: Random, inn: str, branch: bool = False) -> str:
    """Tax office, reason (01 seat, 43 branch), running number."""
    return inn[:4] + ("43" if branch else "01") + _digits(rng, 3)


def ua_rnokpp(rng: Random, birth: date, sex: str) -> str:
    days = (birth - date(1899, 12, 31)).days
    body = str(days).zfill(5) + _digits(rng, 3) + str(rng.randrange(5) * 2 + (1 if sex == "m" else 0))
    return body + str(_weighted(body, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10)


def ua_edrpou(rng: Random) -> str:
    body = str(rng.randrange(3000000, 4500000)).zfill(7)
    low = (7, 1, 2, 3, 4, 5, 6) if 3000000 < int(body + "0") // 10 < 6000000 else (1, 2, 3, 4, 5, 6, 7)
    check = _weighted(body, low) % 11
    if check == 10:
        check = _weighted(body, tuple(weight + 2 for weight in low)) % 11 % 10
    return body + str(check)


def ir_national_id(rng: Random) -> str:
    body = rng.choice(("001", "002", "003", "007", "127", "136", "228", "259")) + _digits(rng, 6)
    rest = _weighted(body, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return body + str(rest if rest < 2 else 11 - rest)


def ir_company_id(rng: Random) -> str:
    body = rng.choice(("101", "102", "103", "140")) + _digits(rng, 7)
    tens = int(body[9]) + 2
    weights = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)
    return body + str(sum((int(digit) + tens) * w for digit, w in zip(body, weights, strict=True)) % 11 % 10)
