"""The workbook of a form: the sheet to fill in, instructions in three languages, and the hidden lists.

Phones, identifiers, postal codes and all other texts stand in columns of text format, so that zeros and long digits
stay; the format belongs to the whole column, so the sheet has no end. Validation stops what the mapping could not
read and asks about what it only doubts.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_etl.forms import words
from crm_etl.forms.form import Column, Form
from crm_etl.forms.words import LANGUAGES, Language
from crm_etl.heights import LINE, TITLE, height

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_LAST_ROW = 1_048_575
#: Rows among which a key that is entered must stand once. Compared as texts, which COUNTIF would not: to it numbers of
#: 16 digits and more are equal from the 16th on, and a * stands for anything.
_KEYS = 10_000
_TITLE, _MESSAGE = 32, 255  # characters that Excel allows
_NAME = 31
_LISTS = "lists"
#: Excel counts a 29 February 1900 that never was: dates before March are better kept as text.
_EARLIEST, _LATEST = dt.date(1900, 3, 1), dt.date(2199, 12, 31)
_MOST = 1e15
_WIDE = ("name", "street", "address", "comment", "subject", "title", "emails")
_MIDDLE = ("phones",)
#: Fields that are written from the left in every language: in a cell read from the right, +98 21 would end in a +.
_FROM_LEFT = ("key", "client", "phones", "identifiers", "postal_code", "document", "currency")
_LEFT, _RIGHT = 1, 2  # reading orders; an office program need not find out by itself which one a text has
_FONT = {"font_name": "Tahoma", "font_size": 10}
_A4 = 9
#: Of the columns of the instructions.
_WIDTHS = (26, 52, 12, 40, 28)
_HEAD = {**_FONT, "bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "num_format": "@"}


def write(form: Form, path: Path, language: Language) -> Path:
    """Lay the workbook down at ``path``; what its cells say when they are chosen is in ``language``."""
    from xlsxwriter import Workbook

    with Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": form.title})
        sheet = book.add_worksheet(form.sheet)
        taken = {form.sheet.casefold()}
        for other in (language, *(one for one in LANGUAGES if one != language)):
            _instructions(book, _page(book, str(words.conventions(other)["sheet"]), taken), form, other)
        lists = _page(book, _LISTS, taken)
        lists.hide()
        _entry(book, sheet, form, language, _lists(lists, form))
        sheet.activate()
    return path


def _page(book: Workbook, name: str, taken: set[str]) -> Worksheet:
    """A sheet called ``name``, or nearly so if the sheet to fill in has that name."""
    while name.casefold() in taken:
        name = f"{name[: _NAME - 1]}_"
    taken.add(name.casefold())
    return book.add_worksheet(name)


def _lists(page: Worksheet, form: Form) -> dict[str, str]:
    """Writes the lists, one in a column; column of the form -> the range that holds its list."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    found = {}
    for place, column in enumerate(one for one in form.columns if one.options):
        for row, option in enumerate(column.options):
            page.write_string(row, place, option)
        first, last = (xl_rowcol_to_cell(row, place, True, True) for row in (0, len(column.options) - 1))
        found[column.name] = f"='{page.get_name()}'!{first}:{last}"
    return found


def _entry(book: Workbook, page: Worksheet, form: Form, language: Language, lists: dict[str, str]) -> None:
    head = form.header_row - 1
    plain = book.add_format({**_HEAD, "bg_color": "#DCE6F1"})
    needed = book.add_format({**_HEAD, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
    if language == "fa":
        page.right_to_left()
    if head >= 2:
        big = book.add_format({**_FONT, "bold": True, "font_size": 13, "reading_order": _order(language)})
        page.set_row(head - 2, TITLE)
        page.write_string(head - 2, 0, f"{form.title}. {words.text('example_row', language)}", big)
    for place, column in enumerate(form.columns):
        page.set_column(place, place, _width(column), book.add_format(_cell(column, language)))
        page.write_string(head, place, column.name, needed if column.needed else plain)
        page.write_comment(head, place, _comment(column, language), {"x_scale": 2})
        page.data_validation(head + 1, place, _LAST_ROW, place, _validation(column, place, head, language, lists))
        if head >= 1:
            _put(book, page, head - 1, place, column, language)
    page.set_row(head, 32)
    page.freeze_panes(form.header_row, 1)
    page.set_landscape()
    page.set_paper(_A4)
    page.repeat_rows(head)
    page.repeat_columns(0)


def _order(language: Language) -> int:
    return _RIGHT if language == "fa" else _LEFT


def _cell(column: Column, language: Language) -> dict[str, Any]:
    formats = {"date": column.date_format, "number": "0.00"} if column.kind in ("date", "number") else {}
    cell = {**_FONT, "valign": "top", "num_format": formats.get(column.kind, "@")}
    return {**cell, "reading_order": _value_order(column, language)} if language == "fa" else cell


def _value_order(column: Column, language: Language) -> int:
    from_left = column.kind in ("date", "day_text", "number", "email") or column.field in _FROM_LEFT
    return _LEFT if from_left else _order(language)


def _put(book: Workbook, page: Worksheet, row: int, place: int, column: Column, language: Language) -> None:
    """The example, in grey above the names of the columns, where no reader looks for rows."""
    grey = book.add_format({**_cell(column, language), "font_color": "#808080", "bg_color": "#F2F2F2"})
    value = column.example(language)
    if isinstance(value, dt.date):
        page.write_datetime(row, place, dt.datetime.combine(value, dt.time()), grey)
    elif column.kind == "number" and value:
        page.write_number(row, place, float(value), grey)
    else:
        page.write_string(row, place, value, grey)


def _width(column: Column) -> int:
    longest = max((len(option) for option in column.options), default=0)
    usual = 28 if column.field in _WIDE else 20 if column.field in _MIDDLE else 14
    return max(usual, len(column.name) + 3, min(longest + 4, 40))


def _comment(column: Column, language: Language) -> str:
    needed = f" ({words.listed('heads', language)[2]}: {words.text('needed', language)})" if column.needed else ""
    example = column.example_text(language)
    return f"{column.hint(language)}{needed}" + (
        f"\n{words.listed('heads', language)[4]}: {example}" if example else ""
    )


def _validation(column: Column, place: int, head: int, language: Language, lists: dict[str, str]) -> dict[str, Any]:
    from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

    cell = xl_rowcol_to_cell(head + 1, place)
    letters = xl_col_to_name(place)
    keys = f"${letters}${head + 2}:${letters}${head + 1 + _KEYS}"
    least, most = column.length or (0, 0)
    rules: dict[str, dict[str, Any]] = {
        "list": {"validate": "list", "source": lists.get(column.name)},
        "date": {"validate": "date", "criteria": "between", "minimum": _EARLIEST, "maximum": _LATEST},
        "day_text": {"validate": "length", "criteria": "between", "minimum": 6, "maximum": 19},
        "number": {"validate": "decimal", "criteria": "between", "minimum": -_MOST, "maximum": _MOST},
        "key": {"validate": "custom", "value": f"=SUMPRODUCT(--({keys}={cell}))<=1"},
        "email": {"validate": "custom", "value": f'=ISNUMBER(SEARCH("?@?*.?",{cell}))'},
        "length": {"validate": "length", "criteria": "between", "minimum": least, "maximum": most},
    }
    kind = "length" if column.length is not None else column.kind
    told = {
        "input_title": column.name[:_TITLE],
        "input_message": _comment(column, language)[:_MESSAGE],
    }
    if kind not in rules:
        return {"validate": "any", **told}
    wrong = "date" if kind == "day_text" else kind
    sure = kind in ("number", "key") or (kind == "list" and column.closed)
    return {
        **rules[kind],
        **told,
        "error_title": column.name[:_TITLE],
        "error_message": words.text(
            f"wrong.{wrong}", language, example=column.example_text(language), least=least, most=most
        )[:_MESSAGE],
        "error_type": "stop" if sure else "warning",
    }


def _instructions(book: Workbook, page: Worksheet, form: Form, language: Language) -> None:
    side = {"reading_order": _order(language), "align": "right" if language == "fa" else "left"}
    look = {**_FONT, **side, "text_wrap": True, "valign": "top", "num_format": "@"}
    body, from_left = book.add_format(look), book.add_format({**look, "reading_order": _LEFT})
    head = book.add_format({**_HEAD, **side, "bg_color": "#DCE6F1"})
    if language == "fa":
        page.right_to_left()
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    for place, width in enumerate(_WIDTHS):
        page.set_column(place, place, width, body)
    title = book.add_format({**_FONT, "bold": True, "font_size": 14, "reading_order": _order(language)})
    page.set_row(0, TITLE)
    page.write_string(0, 0, words.text("title", language, title=form.title), title)
    steps = words.listed("steps", language, sheet=form.sheet)
    for row, step in enumerate(steps, 1):
        page.merge_range(row, 0, row, 4, f"{row}. {step}", body)
        page.set_row(row, 2 * LINE)
    first = len(steps) + 2
    for place, name in enumerate(words.listed("heads", language)):
        page.write_string(first, place, name, head)
    for row, column in enumerate(form.columns, first + 1):
        cells = (
            column.name,
            column.hint(language),
            words.text("needed", language) if column.needed else "",
            ", ".join(column.options),
            column.example_text(language),
        )
        page.set_row(row, height(list(zip(cells, _WIDTHS, strict=True))))
        for place, cell in enumerate(cells[:-1]):
            page.write_string(row, place, cell, body)
        page.write_string(row, 4, cells[4], from_left if _value_order(column, language) == _LEFT else body)
