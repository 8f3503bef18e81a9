"""Workbooks that people fill in by hand for what exists only on paper.

:mod:`.form` knows what is asked, column by column, from the mapping of a manual source; :mod:`.standard` makes such a
source where the migration has none; :mod:`.words` gives hints, lists and instructions in three languages;
:mod:`.workbook` writes it all down. How a filled-in workbook is read: :mod:`connectors.manual`.
"""

from crm_etl.forms.form import Form, form_of
from crm_etl.forms.standard import standard_source
from crm_etl.forms.words import LANGUAGES, Language
from crm_etl.forms.workbook import write

__all__ = ["LANGUAGES", "Form", "Language", "form_of", "standard_source", "write"]
