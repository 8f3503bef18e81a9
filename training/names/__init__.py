"""Learns what ``crm_etl.normalize.names`` knows of letters and names from named, freely licensed sources."""
