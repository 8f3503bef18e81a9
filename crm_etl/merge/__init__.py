"""Survivorship: the source records of one client become the client, and every value says where it came from.

Here belongs what turns matched parties and their related rows into the tables of the single client database
(:data:`crm_etl.schema.CLIENT_TABLES`). Deciding which records are the same client is :mod:`crm_etl.match`'s
work, writing the tables :mod:`crm_etl.load`'s.
"""

from __future__ import annotations

from crm_etl.merge.fold import Merged, merge
from crm_etl.merge.refusals import refuse

__all__ = ["Merged", "merge", "refuse"]
