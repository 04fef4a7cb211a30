import pytest

from odoo.addons.kpi_base.engine.worktime import WorkTimeError

from ...engine.clock import parse_thresholds


@pytest.mark.parametrize(
    "text, percents",
    [
        ("50, 75", (50, 75)),
        ("90,25 , 50%", (25, 50, 90)),
        ("1, 99", (1, 99)),
        ("", ()),  # only when it is overdue
        (" ", ()),
        (None, ()),
        (False, ()),
    ],
)
def test_percentages_are_read(text, percents):
    assert parse_thresholds(text) == percents


@pytest.mark.parametrize(
    "text",
    ["0", "100", "-5", "50,,75", "50 75", "half", "7.5", "50, 50", "²", "1e1", "٥",
     "1,2,3,4,5,6,7,8,9,10,11"],
)  # fmt: skip
def test_what_is_no_percentage_is_refused(text):
    with pytest.raises(WorkTimeError):
        parse_thresholds(text)
