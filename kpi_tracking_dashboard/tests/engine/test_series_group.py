"""Numbers of tiles from series; the expected ones are worked out by hand."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.periods import CalendarSpec, Period
from odoo.addons.kpi_tracking.engine.series import SeriesQuery, SeriesRows, make_series
from odoo.addons.kpi_tracking.engine.targets import Targets
from odoo.addons.kpi_tracking.tests.engine.due_table import read_due_cases

from ...engine.series_group import SeriesGroup

NAN = np.nan
TODAY = date(2026, 4, 16)  # half of April
SPEC = CalendarSpec(tz="UTC")


class Kpi(NamedTuple):
    direction: str = "higher"
    aggregation_time: str = "sum"
    computation: str = "records"
    change_days: tuple[str, ...] = ()


def month(year, number):
    return Period("month", date(year, number, 1), date(year, number + 1, 1))


MONTHS = [month(2025, 4), *(month(2026, number) for number in range(1, 5))]


def group(kpis, facts, targets, periods=MONTHS, today=TODAY, shown=None):
    """Of KPIs 0, 1, …; ``targets``: column → number of each KPI."""
    ids = list(range(len(kpis)))
    held = Targets.empty(len(kpis), len(periods))
    for name, numbers in targets.items():
        getattr(held, name)[:] = np.array(numbers, float)[:, None]
    query = SeriesQuery(ids, kpis, periods, periods, today)
    return SeriesGroup(
        SPEC,
        make_series(query, SeriesRows(ids, facts, [], []), held),
        today,
        np.array(shown or [len(periods) - 1] * len(kpis)),
        lambda period: f"{period.start:%m/%Y}",
    )


def test_each_kpi_is_shown_in_its_own_period():
    facts = [
        (0, date(2026, 3, 1), 90, None),
        (0, date(2026, 4, 1), 45, None),
        (1, date(2026, 3, 1), 50, None),
    ]
    zones = {"is_five": [0, 1], "threshold_1": [95, 90], "threshold_2": [80, 60]}
    zones |= {"threshold_3": [NAN, 50], "threshold_4": [NAN, 30]}
    found = group([Kpi(), Kpi()], facts, {"target": [100, 80], **zones}, shown=[4, 3])
    assert found.grain == "month"
    assert found.values[0] == [None, None, None, 90, 45]
    assert found.targets[1] == [80] * 5
    assert found.achievements == [90, 62.5]
    assert found.bands == ["", "good"]
    assert found.statuses[1][3] == "on_target"
    assert [judged["due_target"] for judged in found.criteria] == [50, 80]
    assert [judged["target"] for judged in found.criteria] == [100, 80]
    assert [judged["zones"] for judged in found.criteria] == ["rag", "five"]
    assert found.criteria[0]["threshold_3"] is None
    assert found.criteria[0]["due_low"] is None


@pytest.mark.parametrize("case", read_due_cases(), ids=lambda case: case.note)
def test_every_case_of_a_due_share(case):
    kpi = Kpi(aggregation_time=case.aggregation, direction=case.direction)
    target = NAN if case.target is None else case.target
    found = group([kpi], [], {"target": [target]}, [case.period], case.today)
    assert found.criteria[0]["due_target"] == pytest.approx(case.due)


def test_periods_are_named_once():
    named = []

    def name(period):
        named.append(period.start)
        return f"{period.start:%m/%Y}"

    found = group([Kpi()], [], {})
    found = SeriesGroup(SPEC, found.series, TODAY, found.shown, name)
    assert found.labels_of(range(3, 5)) == ["03/2026", "04/2026"]
    assert found.labels_of(range(3, 5)) is found.labels_of(range(3, 5))
    assert found.label(4) == "04/2026"
    assert named == [date(2026, 3, 1), date(2026, 4, 1)]


def test_the_year_before_is_known_where_it_is_read():
    found = group([Kpi()], [], {})
    assert found.year_before(4) == 0
    assert found.year_before(3) is None
    assert found.current == month(2026, 4)
    assert found.find_period("day", TODAY).start == TODAY
    first = group(
        [Kpi()], [], {}, [Period("month", date(1900, 1, 1), date(1900, 2, 1))]
    )
    assert first.year_before(0) is None
