"""Whoever trains the models of names works with what was learned last."""

from __future__ import annotations

import pyarrow as pa
import pytest


def test_what_was_learned_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_etl.normalize import kept
    from crm_etl.normalize.names import edits, tokens
    from training.names.__main__ import _forget

    known = tokens.common_words()
    edits.tables()
    monkeypatch.setattr(tokens, "common_words", lambda: {"abbott": 3.5})
    monkeypatch.setattr(kept, "folders", lambda: iter(()))  # nothing of this may be kept for other processes
    try:
        _forget()
        words, bits = tokens._numbered_words()
        assert bits.tolist() == [3.5, 0.0]
        assert words.places(pa.array(["abbott"], type=pa.large_string())).tolist() == [0]
    finally:
        monkeypatch.undo()
        _forget()
    assert len(tokens._numbered_words()[1]) == len(known) + 1
