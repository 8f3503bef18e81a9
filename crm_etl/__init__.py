"""crm-etl moves a company's clients from legacy systems into a new CRM.

Read the package in the order in which data flows: :mod:`crm_etl.migration` (what is asked),
:mod:`crm_etl.schema` (the frames), then ``extract``, ``normalize``, ``match``, ``merge``, ``quality``,
``load``, ``reconcile``, ``report``; :mod:`crm_etl.pipeline` joins them, ``cli`` and ``defs`` call it.
"""

__version__ = "0.1.0"
