"""Schemas of target CRMs and their migrations. How rows get there is the business of :mod:`crm_etl.load`."""
