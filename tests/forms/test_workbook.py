"""The workbook for manual entry as it looks when it is opened again, in each language."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from crm_etl.forms import LANGUAGES, Language, form_of, standard_source, words, write
from crm_etl.migration import FIELD_TYPES, ManualSource

ENTITIES = tuple(FIELD_TYPES)
CARDS: dict[str, Any] = {
    "name": "cards",
    "connector": "manual",
    "path": "cards.xlsx",
    "sheet": "карточки",
    "required": ["ФИО"],
    "key": "Карточка",
    "ignore": ["Служебное"],
    "exclude": [{"column": "Удалено", "values": ["да"]}],
    "fields": {
        "name": "ФИО",
        "kind": {"column": "Тип", "map": {"чел": "person", "орг": "organization"}},
        "sex": "Пол",
        "branch": {"column": "Отделение", "map": {"Мск": "Moscow"}},
        "birth_date": {"column": "Рождение", "format": "%d.%m.%Y"},
        "created_at": {"column": "ثبت", "format": "%Y/%m/%d", "calendar": "jalali"},
        "phones": ["Телефон", "Ещё телефон"],
        "identifiers": {"column": "ИНН", "type": "ru_inn"},
        "emails": "Почта",
        "postal_code": "Индекс",
        "balance": "Баланс",
        "consent_email": "Рассылка",
        "status": {"constant": "active"},
    },
}


def opened(folder: Path, language: Language, **changes: Any) -> tuple[openpyxl.Workbook, Worksheet]:
    source = ManualSource.model_validate({**CARDS, **changes})
    path = write(form_of(source, language), folder / "form.xlsx", language)
    book = openpyxl.load_workbook(path)
    return book, book[source.sheet]


def validations(sheet: Worksheet, header_row: int = 1) -> dict[str, Any]:
    """Column name -> its validation."""
    found = {}
    for one in sheet.data_validations.dataValidation:
        (span,) = one.sqref.ranges
        assert (span.min_row, span.max_row) == (header_row + 1, 1_048_576)
        found[str(sheet.cell(header_row, span.min_col).value)] = one
    return found


def test_the_columns_are_those_of_the_mapping(tmp_path: Path) -> None:
    book, sheet = opened(tmp_path, "ru")
    assert book.sheetnames == ["карточки", "Инструкция", "Instructions", "راهنما", "lists"]
    assert book["lists"].sheet_state == "hidden"
    assert [cell.value for cell in sheet[1]] == [
        "Карточка", "ФИО", "Тип", "Пол", "Отделение", "Рождение", "ثبت", "Телефон", "Ещё телефон", "ИНН", "Почта",
        "Индекс", "Баланс", "Рассылка", "Удалено",
    ]  # fmt: skip
    assert sheet.max_row == 1
    assert sheet.freeze_panes == "B2"


def test_texts_keep_their_zeros_and_typed_columns_their_types(tmp_path: Path) -> None:
    _, sheet = opened(tmp_path, "ru")
    formats = {
        str(cell.value): sheet.column_dimensions[cell.column_letter].number_format or "General" for cell in sheet[1]
    }
    assert {formats[name] for name in ("Карточка", "ФИО", "Телефон", "ИНН", "Индекс", "ثبت")} == {"@"}
    assert (formats["Рождение"], formats["Баланс"]) == ("dd.mm.yyyy", "0.00")


def test_lists_stop_what_the_mapping_does_not_know(tmp_path: Path) -> None:
    book, sheet = opened(tmp_path, "ru")
    found = validations(sheet)

    def options(name: str) -> list[Any]:
        title, _, cells = found[name].formula1.partition("!")
        return [cell.value for (cell,) in book[title.strip("'")][cells.replace("$", "")]]

    assert options("Тип") == ["чел", "орг"]
    assert options("Пол") == ["f", "m"]
    assert options("Рассылка") == ["да", "нет"]
    assert {found[name].errorStyle or "stop" for name in ("Тип", "Пол", "Рассылка", "Баланс", "Карточка")} == {"stop"}
    assert {found[name].errorStyle for name in ("Отделение", "Рождение", "ИНН", "Почта", "ثبت")} == {"warning"}
    assert found["Рождение"].type == "date"
    assert found["Баланс"].type == "decimal"
    assert (found["ИНН"].type, found["ИНН"].formula1, found["ИНН"].formula2) == ("textLength", "10", "12")
    assert found["Карточка"].formula1 == "SUMPRODUCT(--($A$2:$A$10001=A2))<=1"


def test_every_column_says_what_to_enter_and_which_are_needed(tmp_path: Path) -> None:
    _, sheet = opened(tmp_path, "en")
    comments = {str(cell.value): cell.comment.text for cell in sheet[1] if cell.comment is not None}
    assert set(comments) == {cell.value for cell in sheet[1]}
    assert "needed: yes" in comments["ФИО"]
    assert "needed" not in comments["Телефон"]
    assert "7707083893" in comments["ИНН"]
    assert {cell.value for cell in sheet[1] if cell.fill.fgColor.rgb == "FF1F4E79"} == {"Карточка", "ФИО"}
    assert all(one.promptTitle and one.prompt for one in validations(sheet).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_instructions_stand_in_all_languages_and_read_from_the_right_side(tmp_path: Path, language: Language) -> None:
    book, sheet = opened(tmp_path, language)
    pages = {one: book[str(words.conventions(one)["sheet"])] for one in LANGUAGES}
    assert {one: bool(page.sheet_view.rightToLeft) for one, page in pages.items()} == {
        "en": False, "ru": False, "fa": True
    }  # fmt: skip
    assert bool(sheet.sheet_view.rightToLeft) == (language == "fa")
    assert book.active is sheet
    assert book.sheetnames[1] == pages[language].title
    for page in pages.values():
        names = [cell.value for (cell,) in page.iter_rows(max_col=1)]
        assert names[-15:] == [cell.value for cell in sheet[1]]
        assert any("карточки" in str(name) for name in names[1:7])


def test_every_text_reads_from_its_own_side(tmp_path: Path) -> None:
    """Office programs do not all find out by themselves which one that is."""
    book, sheet = opened(tmp_path, "fa", header_row=3)
    assert sheet["A1"].alignment.readingOrder == 2
    orders = {str(cell.value): sheet.cell(2, cell.column).alignment.readingOrder for cell in sheet[3]}
    assert {name for name, order in orders.items() if order == 1} == {
        "Карточка", "Рождение", "ثبت", "Телефон", "Ещё телефон", "ИНН", "Почта", "Индекс", "Баланс",
    }  # fmt: skip
    assert set(orders.values()) == {1, 2}
    for language in LANGUAGES:
        page = book[str(words.conventions(language)["sheet"])]
        side = (2, "right") if language == "fa" else (1, "left")
        looks = {(cell.alignment.readingOrder, cell.alignment.horizontal) for row in page["A2:D24"] for cell in row}
        assert side in looks
        assert looks <= {side, (0, None)}
        assert page["E14"].alignment.readingOrder == side[0]
    assert book["راهنما"]["E17"].value == "09121234567"
    assert book["راهنما"]["E17"].alignment.readingOrder == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_instructions_are_seen_whole_and_printed_on_pages_as_wide_as_they_are(
    tmp_path: Path, language: Language
) -> None:
    source, _ = standard_source("client", language, "form.xlsx", None)
    book = openpyxl.load_workbook(write(form_of(source, language), tmp_path / "form.xlsx", language))
    for one in LANGUAGES:
        page = book[str(words.conventions(one)["sheet"])]
        widths = [page.column_dimensions[letter].width for letter in "ABCDE"]
        assert page.row_dimensions[1].height > 20
        for row in page.iter_rows(min_row=2):
            height = page.row_dimensions[row[0].row].height or 15
            merged = row[0].row < 8
            for cell, width in zip(row, [sum(widths)] if merged else widths, strict=False):
                assert len(str(cell.value or "")) <= width * height / 15
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToHeight, page.page_setup.orientation) == (0, "landscape")
    assert book.worksheets[0].print_title_rows == "$3:$3"
    assert book.worksheets[0].print_title_cols == "$A:$A"


def test_the_example_stands_above_the_names_where_no_reader_looks(tmp_path: Path) -> None:
    _, sheet = opened(tmp_path, "fa", header_row=3)
    example = {sheet.cell(3, cell.column).value: cell.value for cell in sheet[2]}
    assert (example["ФИО"], example["Рождение"], example["ثبت"], example["Баланс"]) == (
        "زهرا محمدی", dt.datetime(1984, 3, 21), "1363/01/01", 12500
    )  # fmt: skip
    assert words.text("example_row", "fa") in str(sheet["A1"].value)
    assert sheet.max_row == 3
    _, sheet = opened(tmp_path, "fa", header_row=2)
    assert sheet["B1"].value == "زهرا محمدی"


def test_a_sheet_that_is_called_like_an_instruction_keeps_its_name(tmp_path: Path) -> None:
    book, sheet = opened(tmp_path, "en", sheet="instructions")
    assert book.sheetnames[:2] == ["instructions", "Instructions_"]
    assert sheet["A1"].value == "Карточка"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entity", ENTITIES)
def test_all_fields_are_offered_and_excel_takes_every_message(tmp_path: Path, entity: str, language: Language) -> None:
    """XlsxWriter leaves out a validation whose texts are too long, with a warning only."""
    source, _ = standard_source(entity, language, "form.xlsx", None if entity == "client" else "shop")
    form = form_of(source, language)
    assert {column.field for column in form.columns} >= set(FIELD_TYPES[entity])
    assert len({column.name for column in form.columns}) == len(form.columns)
    sheet = openpyxl.load_workbook(write(form, tmp_path / "form.xlsx", language))[source.sheet]
    assert set(validations(sheet, 3)) == {column.name for column in form.columns}
