"""Phone cells -> E.164 numbers, by the numbering plans of Google's libphonenumber (``phonenumbers``).

A cell may hold several numbers, extensions and remarks. What is not a valid number stays in the raw text with
a note; digits that a spreadsheet rounded away are an error, because no rule can bring them back.

:mod:`.cells` finds numbers and remarks in a cell, :mod:`.figures` reads one number as people write it,
:mod:`.series` reads several that share their first digits, :mod:`.renumbering` knows old plans, :mod:`.plans` asks
the library, :mod:`.lines` says what kind of line a number is. The words are in ``habits.yml``.
"""

from crm_etl.normalize.phones.cells import LOST, read
from crm_etl.normalize.phones.lines import Line, line
from crm_etl.normalize.phones.plans import plain_valid, valid

__all__ = ["LOST", "Line", "line", "plain_valid", "read", "valid"]
