"""Blocking keys: what two spellings of one name share, whatever script they are in.

A key names its kind by a prefix, so that a blocking rule can ask for one kind. Here belongs only which kinds a name
has; how they are made is told in :mod:`.person_keys` and :mod:`.organization_keys`.
"""

from __future__ import annotations

from crm_etl.normalize.names import organization_keys, person_keys
from crm_etl.normalize.names.model import Name


def keys(name: Name) -> list[str]:
    """Blocking keys of ``name``, sorted, none twice; empty where nothing of it can be compared."""
    found: set[str] = set()
    if name.org_latin is not None:
        found.update(organization_keys.keys(name))
    if name.family_latin is not None or name.given_latin is not None:
        found.update(person_keys.keys(name))
    return sorted(found)
