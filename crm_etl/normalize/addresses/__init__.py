"""Addresses -> country, region, city, postal code and the rest, romanized and folded.

:mod:`.cells` takes an address apart, :mod:`.gazetteer` knows countries, regions and cities in three scripts,
:mod:`.postal` postal codes, :mod:`.streets` makes streets comparable. The words are in ``words.yml``.
"""

from crm_etl.normalize.addresses.cells import Address, city, country, parse, place, region
from crm_etl.normalize.addresses.gazetteer import Place
from crm_etl.normalize.addresses.postal import postal_code
from crm_etl.normalize.addresses.streets import street

__all__ = ["Address", "Place", "city", "country", "parse", "place", "postal_code", "region", "street"]
