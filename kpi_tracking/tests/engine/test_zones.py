import numpy as np
import pytest

from ...engine.status import StatusError
from ...engine.zones import check_thresholds, judge, status_and_band_sql

NAN = np.nan


@pytest.mark.parametrize(
    ("percent", "status", "band"),
    [
        (120, "on_target", "excellent"),
        (95, "on_target", "excellent"),
        (94, "on_target", "good"),
        (80, "on_target", "good"),
        (79, "at_risk", "fair"),
        (69, "off_target", "poor"),
        (49, "off_target", "critical"),
        (NAN, "no_target", ""),
    ],
)
def test_five_bands_are_counted_as_three_statuses(percent, status, band):
    found = judge([percent], [1], [True], [[95], [80], [70], [50]])
    assert [str(each[0]) for each in found] == [status, band]


def test_zones_differ_from_row_to_row():
    thresholds = [[95, 60, NAN], [80, 40, NAN], [70, NAN, NAN], [50, NAN, NAN]]
    statuses, bands = judge([75, 59, 85], [1, 1, 1], [True, False, False], thresholds)
    assert list(statuses) == ["at_risk", "at_risk", "at_risk"]
    assert list(bands) == ["fair", "", ""]


@pytest.mark.parametrize(
    ("zones", "thresholds", "words"),
    [
        ("rag", [80, 95, None, None], "must descend"),
        ("rag", [95, None, None, None], "Enter 2 thresholds"),
        ("five", [95, 80, 70, None], "Enter 4 thresholds"),
        ("five", [95, 80, 80, 50], "must descend"),
        ("rag", [1000, 80], "from 0 to 999"),
        ("rag", [95, -1], "from 0 to 999"),
        ("rag", [NAN, 80], "from 0 to 999"),
    ],
)
def test_impossible_thresholds_are_refused(zones, thresholds, words):
    with pytest.raises(StatusError, match=words):
        check_thresholds(zones, thresholds)


def test_thresholds_may_be_as_low_and_as_high_as_the_message_says():
    check_thresholds("rag", [999, 0, None, None])


def test_unused_thresholds_do_not_matter():
    check_thresholds("rag", [95, 80, 90, None])


def test_sql_needs_no_escaping():
    for text in status_and_band_sql("p", "v", "z", ["a", "b", "c", "d"]):
        assert "%" not in text
