"""No spreadsheet takes a cell of ours for a formula, and numbers stay numbers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.web import csv_cells


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "＝1", "-", "+", "|x", "%x"])
def test_what_could_begin_a_formula_is_text(text: str) -> None:
    assert csv_cells.cell(text) == f"'{text}"


@pytest.mark.parametrize("number", [-3, -0.5, 12, 1e-9, "-7", "+4.25"])
def test_numbers_stay_numbers(number: object) -> None:
    assert csv_cells.cell(number) == str(number)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_a_line_reads_back_as_its_cells_and_none_begins_a_formula(values: list[str]) -> None:
    [row] = csv.reader(io.StringIO(csv_cells.line(values), newline=""))

    assert [cell.removeprefix("'") for cell in row] == [value.removeprefix("'") for value in values]
    assert all(not cell.lstrip().startswith(("=", "+", "-", "@")) or csv_cells._NUMBER.fullmatch(cell) for cell in row)
