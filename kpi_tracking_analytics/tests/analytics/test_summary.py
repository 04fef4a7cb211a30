from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta

from ...analytics.summary import Past, summarise

RNG = np.random.default_rng(5)
MONTHS = 48
STARTS = [date(2022, 1, 1) + relativedelta(months=at) for at in range(MONTHS)]


def past_of(values, **changed):
    values = np.atleast_2d(np.asarray(values, float))
    nothing = np.full(values.shape, np.nan)
    days = np.array([day.toordinal() for day in STARTS[: values.shape[1]]])
    past = Past(
        grain="month",
        days=days,
        values=values,
        weights=nothing,
        seams=np.zeros(values.shape, bool),
        statuses=np.full(values.shape, "no_target", object),
        range_low=nothing,
        range_high=nothing,
        directions=np.array(["higher"] * len(values)),
        is_additive=np.ones(len(values), bool),
        errors=nothing,
        ignored=np.zeros(values.shape, bool),
    )
    return replace(past, **changed)


RISING = 100 + 3.0 * np.arange(MONTHS) + RNG.normal(0, 2, MONTHS)


@pytest.mark.parametrize(
    ("direction", "values", "course"),
    [
        ("higher", RISING, 1),
        ("higher", -RISING, -1),
        ("lower", RISING, -1),
        ("lower", -RISING, 1),
        ("higher", np.tile([1.0, -1.0], MONTHS // 2), 0),
    ],
)
def test_the_course_follows_the_direction(direction, values, course):
    summary = summarise(past_of(values, directions=np.array([direction])))
    assert summary.course[0] == course


def test_of_a_range_the_distance_counts():
    """Rising towards a range is better, rising away from it is worse."""
    low, high = np.full((1, MONTHS), 400.0), np.full((1, MONTHS), 500.0)
    ranges = {"directions": np.array(["range"]), "range_low": low, "range_high": high}
    assert summarise(past_of(RISING, **ranges)).course[0] == 1
    assert summarise(past_of(RISING + 600, **ranges)).course[0] == -1
    assert summarise(past_of(RISING / 10 + 420, **ranges)).course[0] == 0


def test_three_periods_against_three():
    values = [*RISING[:-6], 10, 10, 10, 12, 12, 12]
    assert summarise(past_of(values)).change_periods[0] == pytest.approx(20)
    assert np.isnan(summarise(past_of(RISING[:5])).change_periods[0])
    values[-5] = np.nan
    assert np.isnan(summarise(past_of(values)).change_periods[0]), "no whole sum"


def test_months_have_no_trend_of_days():
    summary = summarise(past_of(RISING))
    assert np.isnan(summary.change_7_days[0])
    assert np.isnan(summary.change_30_days[0])


def test_weeks_have_one_of_thirty_days():
    values = [5.0] * 20 + [10.0] * 4 + [15.0] * 4
    days = np.arange(28) * 7 + 738_000
    summary = summarise(past_of(values, grain="week", days=days))
    assert np.isnan(summary.change_7_days[0])
    assert summary.change_30_days[0] == pytest.approx(50)


def test_a_new_level_and_its_size():
    values = np.where(np.arange(MONTHS) < 36, 100.0, 160.0) + RNG.normal(0, 2, MONTHS)
    summary = summarise(past_of(values))
    assert summary.shift[0] == pytest.approx(36, abs=2)
    assert summary.shift_size[0] == pytest.approx(60, abs=5)
    flat = summarise(past_of(RNG.normal(0, 1, MONTHS)))
    assert flat.shift[0] == -1
    assert np.isnan(flat.shift_size[0])


def test_a_change_of_the_definition_is_no_level():
    values = np.where(np.arange(MONTHS) < 36, 100.0, 160.0) + RNG.normal(0, 2, MONTHS)
    seams = np.zeros((1, MONTHS), bool)
    seams[0, 36] = True
    summary = summarise(past_of(values, seams=seams))
    assert summary.shift[0] == -1
    assert summary.course[0] == 0


def test_streaks_count_judged_periods():
    statuses = np.full((1, MONTHS), "on_target", object)
    statuses[0, -5:] = ["off_target", "at_risk", "no_data", "off_target", "at_risk"]
    assert summarise(past_of(RISING, statuses=statuses)).streak[0] == -4
    statuses[0, -1] = "on_target"
    assert summarise(past_of(RISING, statuses=statuses)).streak[0] == 1


def test_nothing_known_says_nothing():
    summary = summarise(past_of(np.full((2, 6), np.nan)))
    for name in ("velocity", "volatility", "limit_low", "change_periods"):
        assert np.isnan(getattr(summary, name)).all(), name
    assert (summary.course == 0).all()
    assert (summary.streak == 0).all()
    assert (summary.season == 1).all()


def test_a_row_is_worked_out_as_if_it_were_alone():
    rows = np.array([RISING, -RISING, RNG.normal(0, 1, MONTHS)])
    together = summarise(past_of(rows))
    for at, row in enumerate(rows):
        alone = summarise(past_of(row))
        for name, numbers in vars(alone).items():
            np.testing.assert_allclose(
                getattr(together, name)[at], numbers[0], err_msg=name
            )
