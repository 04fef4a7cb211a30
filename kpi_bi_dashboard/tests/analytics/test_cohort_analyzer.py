"""Triangles of cohorts."""

import numpy as np
import pytest

from ...analytics.cohort_analysis.cohort_analyzer import (
    CohortAnalyzer,
    build_cohorts,
    gross_revenue_retention,
)
from ...analytics.data_models.purchases import gather
from .public_data import cdnow, needs_data, read_rows

NAN = np.nan
ROWS = [
    {"customer": 1, "date": "2026-01-05", "amount": 100, "region": "North"},
    {"customer": 2, "date": "2026-01-20", "amount": 50, "region": "South"},
    {"customer": 1, "date": "2026-02-05", "amount": 40, "region": "North"},
    {"customer": 3, "date": "2026-02-10", "amount": 30, "region": "North"},
    {"customer": 2, "date": "2026-03-01", "amount": 80, "region": "South"},
    {"customer": 2, "date": "2026-03-02", "amount": -10, "region": "South"},
]


def _purchases():
    return gather(
        *([row[key] for row in ROWS] for key in ("customer", "date", "amount"))
    )


def test_months_that_are_not_over_are_in_no_mean():
    found = build_cohorts(_purchases(), np.datetime64("2026-03-30"))
    assert found.months.astype(str).tolist() == ["2026-01", "2026-02"]
    assert found.sizes.tolist() == [2, 1]
    np.testing.assert_equal(found.customers, [[2, 1], [1, NAN]])
    found = build_cohorts(_purchases(), np.datetime64("2026-03-31"))
    np.testing.assert_equal(found.customers, [[2, 1, 1], [1, 0, NAN]])
    np.testing.assert_equal(found.revenue, [[150, 40, 70], [30, 0, NAN]])
    # weighted: 1 of 3 customers, not the mean of 1/2 and 0
    np.testing.assert_allclose(found.mean_retention, [1, 1 / 3, 1 / 2])
    np.testing.assert_allclose(found.cumulative_value, [[75, 95, 130], [30, 30, NAN]])
    np.testing.assert_allclose(
        found.mean_cumulative_value, [60, 60 + 40 / 3, 60 + 40 / 3 + 35]
    )
    np.testing.assert_allclose(found.net_revenue_retention[0], [1, 40 / 150, 70 / 150])
    assert np.isnan(found.margin).all()


def test_gross_retention_counts_no_more_than_at_first():
    found = build_cohorts(_purchases(), np.datetime64("2026-03-31"))
    kept = gross_revenue_retention(_purchases(), np.datetime64("2026-03-31"), found)
    # in March customer 2 brings 70 net, but had 50 at first
    np.testing.assert_allclose(kept, [[1, 40 / 150, 50 / 150], [1, 0, NAN]])


def test_cohorts_of_one_customer_and_of_none():
    one = gather([1], ["2026-01-31"], [5.0])
    found = build_cohorts(one, np.datetime64("2026-02-28"))
    np.testing.assert_equal(found.retention, [[1, 0]])
    none = build_cohorts(gather([], [], []), np.datetime64("2026-02-28"))
    assert none.shape[0] == 0
    assert build_cohorts(one, np.datetime64("2025-12-31")).shape[0] == 0


@needs_data
def test_the_triangle_is_that_of_the_reference():
    found = build_cohorts(cdnow(), np.datetime64("1998-06-30"))
    rows = read_rows("transactions/cdnow_cohort_reference.csv")
    assert found.months.astype(str).tolist() == [row["cohort"] for row in rows]
    expected = [[float(row[str(month)]) for month in range(18)] for row in rows]
    np.testing.assert_equal(found.customers, np.where(found.is_over, expected, NAN))


def test_the_analyzer_takes_rows_and_gives_plain_values():
    analyzer = CohortAnalyzer({"cutoff": "2026-03-31", "group": "region"})
    found = analyzer.analyze_cohorts(ROWS)
    names = [(one["name"], one["month"], one["size"]) for one in found["cohorts"]]
    assert names == [
        ("North", "2026-01", 1),
        ("North", "2026-02", 1),
        ("South", "2026-01", 1),
    ]
    assert found["cohorts"][1]["customers"] == [1, 0, None]
    assert analyzer.analyze_cohorts([])["cohorts"] == []
    with pytest.raises(ValueError, match="amount"):
        analyzer.analyze_cohorts([{"customer": 1, "date": "2026-01-01"}])
