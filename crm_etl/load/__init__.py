"""Loading: what a load would do to the CRM (plan), doing it (apply), taking it back (undo), and its memory (registry).

The registry lives in the target database and commits with the data. Nothing here decides what a client is
(:mod:`crm_etl.match`, :mod:`crm_etl.merge`) or compares both systems afterwards (:mod:`crm_etl.reconcile`).
"""
