"""State identifiers -> ``type:value`` once their check digits are right.

:mod:`.cells` finds the numbers of a cell, by the labels of ``labels.yml`` where it has some; :mod:`.checks` knows which
numbers are well formed.
"""

from crm_etl.normalize.identifiers.cells import LOST, read
from crm_etl.normalize.identifiers.checks import checks

__all__ = ["LOST", "checks", "read"]
