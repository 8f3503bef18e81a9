"""Letters of many words at once: the same as of each word alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.normalize.names.letters import SOUNDS, sounds
from crm_etl.normalize.names.spelled import heard, letter_sets, spell
from crm_etl.normalize.names.tokens import spelling

_LETTERS = "abcxyzабвёіїғєюяابپچژکگی\u200c1ßéჰ中𝒂"
_WORDS = st.lists(st.text(st.sampled_from(_LETTERS), min_size=1, max_size=40), max_size=12)


def _heard(script: int, letters: bytes) -> list[int]:
    known = sounds()[script] if script < len(sounds()) else None
    places = [] if known is None else [known[letter] if letter < len(known) else 0 for letter in letters]
    return [places.count(place) for place in range(len(SOUNDS))]


@settings(deadline=None)
@given(_WORDS)
def test_many_words_are_spelled_like_each_alone(words: list[str]) -> None:
    if not words:
        return
    found = spell(words, spelling)
    alone = [spelling(word) for word in words]
    ends = found.start + found.length
    letters = [found.letters[a:b].tobytes() for a, b in zip(found.start, ends, strict=True)]
    assert list(zip(found.script.tolist(), letters, strict=True)) == alone
    assert letter_sets(found).tolist() == [sum(1 << code for code in set(one)) for _, one in alone]
    assert heard(found).tolist() == [_heard(script, one) for script, one in alone]


def test_words_of_one_script_mixed_ones_and_figures() -> None:
    words = ["иванов", "ivanov", "ایوانف", "ivanoв", "1984", "中"]
    assert [int(script) for script in spell(words, spelling).script] == [spelling(word)[0] for word in words]
