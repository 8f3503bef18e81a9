"""Expectations on the frames between the stages, and the gate that keeps rows out that break them.

Expectations are data: suites in Great Expectations' own JSON format, one for each kind of frame (``raw``,
``party``, ``client``, ``target``). Here they are read, run by Great Expectations and turned into rows of
:data:`crm_etl.schema.CHECKS`. What a failed check blocks is decided by those who load.
"""

from __future__ import annotations

from crm_etl.quality.gate import Gated, gate
from crm_etl.quality.run import check, check_tables
from crm_etl.quality.suite import Expectation, Suite, load_suite

__all__ = ["Expectation", "Gated", "Suite", "check", "check_tables", "gate", "load_suite"]
