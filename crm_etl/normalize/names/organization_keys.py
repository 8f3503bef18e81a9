"""Blocking keys of organizations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.skeletons import coarse
from crm_etl.normalize.names.translation import common_words, compared_words

#: A word with more sounds than this tells an organization by itself; so many may.
_TELLING = 3
_ALONE = 3


def keys(name: Name) -> Iterator[str]:
    """``og:`` all words, ``o1:`` the first two and each long one."""
    words = compared_words(name)
    telling = [word for word in words if word not in common_words() and len(word) > 1] or list(words)
    skeletons = [first for first in (_first(coarse(word)) for word in telling) if first]
    if not skeletons:
        return
    yield "og:" + " ".join(sorted(skeletons))
    yield "o1:" + "".join(skeletons[:2])
    yield "o1:" + "".join(skeletons)
    longest = sorted(dict.fromkeys(skeletons), key=lambda skeleton: (-len(skeleton), skeleton))[:_ALONE]
    yield from (f"o1:{skeleton}" for skeleton in longest if len(skeleton) > _TELLING)


def _first(skeletons: Iterable[str]) -> str | None:
    return next(iter(skeletons), None)
