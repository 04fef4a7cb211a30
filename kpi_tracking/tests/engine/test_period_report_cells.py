from datetime import date

import pytest

from odoo.addons.kpi_base.engine.periods import Period

from ...engine.period_report import (
    KpiLine,
    PeriodColumn,
    build_figures,
    range_text,
)
from ...engine.status import Judged

MARCH = Period("month", date(2026, 3, 1), date(2026, 4, 1))
APRIL = Period("month", date(2026, 4, 1), date(2026, 5, 1))
COLUMNS = (
    PeriodColumn(MARCH, "Mar", False, {"previous": date(2026, 2, 1)}, (1.0, 1.0)),
    # 12 of 30 days are over
    PeriodColumn(APRIL, "Apr", True, {"previous": MARCH.start}, (0.4, 0.5)),
)


def line(judged, is_additive=True, compared=()):
    return KpiLine(
        digits=0,
        unit="number",
        direction="higher",
        is_additive=is_additive,
        judged=judged,
        to_date={MARCH.start: 250.0},
        compared=dict(compared),
    )


def test_a_running_period_is_due_as_far_as_it_has_passed():
    judged = {period.start: Judged(target=100) for period in (MARCH, APRIL)}
    for is_additive, due in ((True, [100, 40]), (False, [100, 100])):
        figures = [build_figures(line(judged, is_additive), each) for each in COLUMNS]
        assert [each["target"] for each in figures] == due


def test_figures_of_a_running_period_and_the_one_before():
    judged = {
        MARCH.start: Judged(value=90, target=100, achievement=90),
        APRIL.start: Judged(value=44, target=100, low=50, high=150),
    }
    # as many days of March as are over in April
    compared = {(MARCH.start, APRIL.start): (32, 40)}
    march, april = (
        build_figures(line(judged, compared=compared), column) for column in COLUMNS
    )
    assert (march["actual"], march["target"], march["previous"]) == (90, 100, None)
    assert (march["achievement"], march["ytd"]) == (90, 250)
    assert (april["actual"], april["target"], april["previous"]) == (44, 40, 32)
    assert april["previous_percent"] == 25, "40 beside 32, not 44 beside 90"
    assert (april["low"], april["high"], april["ytd"]) == (20, 75, None)


def test_without_a_value_all_is_missing():
    figures = build_figures(line({}), COLUMNS[0])
    assert (figures["actual"], figures["target"], figures["variance"]) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (4, 7, {"target": "4.0 – 7.0"}),
        (4, None, {"target": "≥ 4.0"}),
        (None, 7, {"target": "≤ 7.0"}),
        (0, 0, {"target": "0.0 – 0.0"}),  # zero is an end like any other
        (None, None, {}),
    ],
)
def test_a_range_is_written_in_place_of_a_target(low, high, expected):
    def write(number, digits):
        return f"{number:.{digits}f}"

    assert range_text(low, high, 1, write) == expected


def test_percentages_have_a_decimal_of_their_own():
    assert line({}).digits_of("actual") == 0
    assert line({}).digits_of("variance_percent") == 1


def test_a_column_is_headed_by_what_json_can_hold():
    assert COLUMNS[1].head == ("2026-04-01", "Apr", True, "")
