"""Values beside targets over periods; the expected ones are worked out by hand."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.periods import Period

from ...engine.series import (
    SeriesQuery,
    SeriesRows,
    as_json_numbers,
    make_series,
    stack_series,
)
from ...engine.status import Judged
from ...engine.targets import Targets, align_targets

NAN = np.nan
TODAY = date(2026, 4, 16)  # half of April is over


class Kpi(NamedTuple):
    direction: str = "higher"
    aggregation_time: str = "sum"
    computation: str = "records"
    change_days: tuple[str, ...] = ()


def month(number):
    return Period("month", date(2026, number, 1), date(2026, number + 1, 1))


MONTHS = [month(number) for number in range(1, 7)]
QUARTERS = [
    Period("quarter", date(2026, 1, 1), date(2026, 4, 1)),
    Period("quarter", date(2026, 4, 1), date(2026, 7, 1)),
]
SALES, SHARE = 7, 4
ONE = (Kpi(),)


def query(periods=MONTHS[:4], fine=None, kpis=ONE, ids=(SALES,)):
    return SeriesQuery(list(ids), kpis, periods, fine or periods, TODAY)


def fact(report_id, number, value, weight=None):
    return report_id, date(2026, number, 1), value, weight


def target(report_id, number, value, **more):
    columns = {"baseline": None, "stretch": None, "low": None, "high": None}
    columns |= more
    return (
        *(report_id, date(2026, number, 1), "number", None, None, None),
        *(value, *columns.values(), 0, 95.0, 80.0, None, None),
    )


def stored(report_id, numbers, value, judgement=(None,) * 4):
    starts = [date(2026, number, 1) for number in numbers]
    return (
        *(report_id, starts, value, None, None, None, None),
        *(0, 95.0, 80.0, None, None, *judgement),
    )


def series(asked, facts=(), targets=(), stored=(), basis="stored"):
    rows = SeriesRows(asked.report_ids, list(facts), list(targets), list(stored))
    placed, _rules = align_targets(rows.targets, asked.report_ids, asked.fine)
    return make_series(asked, rows, placed, basis)


def test_values_stand_beside_their_targets():
    found = series(
        query(),
        [fact(SALES, 1, 90, 3), fact(SALES, 2, 120)],
        [target(SALES, 1, 100, stretch=110)],
    )
    np.testing.assert_array_equal(found.values, [[90, 120, NAN, NAN]])
    np.testing.assert_array_equal(found.weights, [[3, NAN, NAN, NAN]])
    np.testing.assert_array_equal(found.targets.target, [[100] * 4])
    np.testing.assert_array_equal(found.achievements, [[90, 120, NAN, NAN]])
    assert found.statuses.tolist() == [["at_risk", "on_target", "no_data", "no_data"]]
    assert found.is_stretched.tolist() == [[False, True, False, False]]


def test_a_running_period_is_judged_by_what_is_due():
    kpis = Kpi(), Kpi(aggregation_time="average")
    found = series(
        query(kpis=kpis, ids=(SALES, SHARE)),
        [fact(SALES, 4, 45), fact(SHARE, 4, 45)],
        [target(SALES, 1, 100), target(SHARE, 1, 100)],
    )
    np.testing.assert_array_equal(found.elapsed, [1, 1, 1, 0.5])
    np.testing.assert_array_equal(found.due[0], [[1, 1, 1, 0.5], [1, 1, 1, 1]])
    np.testing.assert_array_equal(found.achievements[:, 3], [90, 45])
    np.testing.assert_array_equal(found.targets.target[:, 3], [100, 100])


def test_nothing_is_judged_before_a_day_is_over():
    asked = replace(
        query(kpis=(Kpi(), Kpi()), ids=(SALES, SHARE)), today=date(2026, 4, 1)
    )
    facts = [fact(SALES, 4, 0), fact(SHARE, 4, 0)]
    found = series(asked, facts, [target(SALES, 1, 100)])
    assert found.statuses[:, 3].tolist() == ["not_due", "no_target"]


def test_few_are_no_success_before_the_period_is_over():
    kpis = (Kpi(direction="lower"),)
    facts = [fact(SALES, 3, 2), fact(SALES, 4, 2)]
    found = series(query(kpis=kpis), facts, [target(SALES, 1, 10, stretch=5)])
    assert found.is_stretched.tolist() == [[False, False, True, False]]


def test_closed_periods_are_shown_on_three_bases():
    then = stored(SALES, [1], 100, (80.0, 80.0, "at_risk", ""))
    facts = [fact(SALES, 1, 90)]  # corrected since from 80
    today = [target(SALES, 1, 60)]  # lowered since from 100
    asked = query(MONTHS[:1])
    shown = {}
    for basis, kept in (
        ("judged", [then]),
        ("stored", [then[:-4]]),
        ("today", []),
    ):
        found = series(asked, facts, today, kept, basis)
        shown[basis] = (
            found.values[0, 0],
            found.targets.target[0, 0],
            found.achievements[0, 0],
            found.statuses[0, 0],
        )
    assert shown == {
        "judged": (80, 100, 80, "at_risk"),
        "stored": (90, 100, 90, "at_risk"),
        "today": (90, 60, 150, "on_target"),
    }


def test_the_judgement_of_then_stays_whatever_the_thresholds_are_now():
    then = stored(SALES, [1], 100, (80.0, 80.0, "on_target", ""))
    found = series(query(MONTHS[:1]), [], [], [then], "judged")
    assert found.statuses.tolist() == [["on_target"]]


def test_a_period_that_is_still_open_has_no_judgement():
    open_one = stored(SALES, [4], 100)
    found = series(query(), [fact(SALES, 4, 45)], [], [open_one], "judged")
    np.testing.assert_array_equal(found.values[0], [NAN, NAN, NAN, 45])
    np.testing.assert_array_equal(found.targets.target[0], [NAN, NAN, NAN, 100])
    assert found.achievements[0, 3] == 90


def test_periods_that_have_the_same_target_stored_are_one_row():
    kept = [stored(SHARE, [1, 3], 50)[:-4], stored(SALES, [2], 80)[:-4]]
    kpis = Kpi(), Kpi()
    found = series(query(kpis=kpis, ids=(SALES, SHARE)), stored=kept)
    np.testing.assert_array_equal(
        found.targets.target, [[NAN, 80, NAN, NAN], [50, NAN, 50, NAN]]
    )


def test_quarters_are_rolled_up_as_each_kpi_declares():
    ids, kpis = zip(
        (1, Kpi()),
        (2, Kpi(aggregation_time="average")),
        (3, Kpi(aggregation_time="average", computation="manual")),
        (4, Kpi(aggregation_time="last")),
        (5, Kpi(aggregation_time="none")),
        strict=True,
    )
    facts = [
        row
        for report_id in ids
        for row in (fact(report_id, 1, 10, 1), fact(report_id, 3, 40, 2))
    ]
    targets = [target(report_id, 1, 20) for report_id in ids]
    found = series(query(QUARTERS, MONTHS, kpis, ids), facts, targets)
    # 10 + 40; (10 + 2 × 40) / 3, with whatever weight there is
    np.testing.assert_array_equal(found.values[:, 0], [50, 30, 30, 40, NAN])
    np.testing.assert_array_equal(found.values[:, 1], [NAN] * 5)
    np.testing.assert_array_equal(found.weights, [[3, NAN]] * 4 + [[NAN, NAN]])
    np.testing.assert_array_equal(found.targets.target[:, 0], [60, 20, 20, 20, 20])


def test_entries_without_weights_count_the_same():
    kpis = (Kpi(aggregation_time="average", computation="manual"),)
    facts = [fact(SALES, 1, 10), fact(SALES, 3, 40)]
    found = series(query(QUARTERS, MONTHS, kpis), facts)
    np.testing.assert_array_equal(found.values, [[25, NAN]])
    np.testing.assert_array_equal(found.weights, [[NAN, NAN]])


def test_values_alone_have_neither_targets_nor_status():
    rows = SeriesRows([SALES], [fact(SALES, 1, 5)], [], [])
    found = make_series(query(), rows)
    np.testing.assert_array_equal(found.values, [[5, NAN, NAN, NAN]])
    np.testing.assert_array_equal(found.targets.target, [[NAN] * 4])
    assert found.statuses is None
    assert found.list_values() == {SALES: {date(2026, 1, 1): 5}}


def test_lists_leave_out_what_is_unknown():
    kpis = (Kpi(), Kpi(direction="range"))
    found = series(
        query(MONTHS[:2], kpis=kpis, ids=(SALES, SHARE)),
        [fact(SALES, 1, 5)],
        [target(SHARE, 2, None, low=4.0)],
    )
    assert found.list_judged() == {
        SALES: {date(2026, 1, 1): Judged(5, status="no_target")},
        SHARE: {date(2026, 2, 1): Judged(low=4, status="no_data")},
    }


def test_rows_are_found_for_some_of_the_kpis():
    rows = SeriesRows([1, 2, 3], [(1, "a"), (3, "b"), (1, "c")], [(2, "d")], [])
    assert rows.of([1, 2, 3]) is rows
    some = rows.of([3, 1])
    assert (some.facts, some.targets) == ([(3, "b"), (1, "a"), (1, "c")], [])


def test_series_of_the_same_periods_are_stacked():
    first = series(query(), [fact(SALES, 1, 5)], [target(SALES, 1, 10)])
    second = series(query(ids=(SHARE,)), [fact(SHARE, 2, 6)])
    both = stack_series([first, second])
    assert both.row_of == {SALES: 0, SHARE: 1}
    assert both.index_of[date(2026, 2, 1)] == 1
    np.testing.assert_array_equal(both.values[:, :2], [[5, NAN], [NAN, 6]])
    np.testing.assert_array_equal(both.targets.target[:, 0], [10, NAN])
    assert both.statuses.shape == (2, 4)
    assert stack_series([first]) is first


def test_a_narrowed_kpi_has_no_target():
    found = series(query(), [fact(SALES, 1, 90)], [target(SALES, 1, 10, stretch=1)])
    found.narrow(0, [3, NAN, 0, NAN])
    np.testing.assert_array_equal(found.values, [[3, NAN, 0, NAN]])
    assert np.isnan(found.targets.columns).all()
    assert found.statuses.tolist() == [["no_target", "no_data", "no_target", "no_data"]]
    assert not found.is_stretched.any()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([1.5, NAN], [1.5, None]), ([[NAN], [2.0]], [[None], [2.0]])],
)
def test_numbers_for_json(numbers, expected):
    assert as_json_numbers(np.array(numbers)) == expected


def test_without_kpis_there_are_no_targets():
    assert Targets.empty(0, 3).target.shape == (0, 3)


def test_a_change_of_the_definition_is_marked_where_it_begins():
    changed = Kpi(change_days=("2026-03-01",))
    seams = query(kpis=[changed, Kpi()], ids=(SALES, SHARE)).find_seams()
    assert seams.tolist() == [["", "", "new", ""], ["", "", "", ""]]


def test_a_longer_period_says_whether_it_mixes_both_ways():
    days = ("2026-02-01", "2026-04-01")
    rolled_up = query(QUARTERS, MONTHS, [Kpi(change_days=days)]).find_seams()
    assert rolled_up.tolist() == [["mixed", "new"]]
    own = Kpi(aggregation_time="none", change_days=days)
    assert query(QUARTERS, kpis=[own]).find_seams().tolist() == [["whole", "new"]]
    formula = Kpi("higher", "formula", "formula", days)
    assert query(QUARTERS, kpis=[formula]).find_seams().tolist() == [["within", "new"]]


def test_changes_outside_of_what_is_shown_are_no_seams():
    changed = Kpi(change_days=("2025-06-01", "2026-07-01"))
    assert not (query(kpis=[changed]).find_seams() != "").any()


def test_each_judged_period_knows_its_seam():
    asked = query(kpis=[Kpi(change_days=("2026-02-01",))])
    facts = [fact(SALES, 1, 10), fact(SALES, 2, 20)]
    series = make_series(asked, SeriesRows([SALES], facts, [], []), Targets.empty(1, 4))
    found = series.list_judged()[SALES]
    assert [judged.seam for judged in found.values()] == ["", "new"]
