import pytest

from ...engine.standing import count_silent, find_miss, get_rate_limit, judge


def months(*realised, planned=100.0):
    """Plan of so many months, and what came in the first four, which are over."""
    return [planned] * len(realised), realised[:4]


@pytest.mark.parametrize(
    ("realised", "standing", "reason", "rate"),
    [
        ((100, 100, 100, 100, None), "in_progress", "as_planned", 1.0),
        ((80, 80, 80, 80, None), "in_progress", "as_planned", 0.8),
        ((100, 100, 40, 50, None), "at_risk", "behind", 0.725),
        ((200, 200, None, None, None), "at_risk", "silent", 1.0),
        ((200, 200, 100, None, None), "in_progress", "as_planned", 1.25),  # one only
        ((0, 0, 0, 0, None), "at_risk", "behind", 0.0),
        ((90, 90, 90, 90), "realized", "reached", 0.9),
        ((90, 90, 90, 80), "not_realized", "missed", 0.875),
        ((None, None, None, None), "not_realized", "missed", 0.0),
    ],
)
def test_standing(realised, standing, reason, rate):
    found = judge(*months(*realised))
    assert (found.standing, found.reason) == (standing, reason)
    assert found.rate == pytest.approx(rate)


@pytest.mark.parametrize(("silent", "reason"), [(3, "as_planned"), (4, "silent")])
def test_who_reports_once_a_quarter_is_silent_after_one(silent, reason):
    realised = [None, None, 300, None, None, 300, *[None] * silent]
    assert judge([100.0 * 6 / len(realised)] * 24, realised).reason == reason


@pytest.mark.parametrize("every", [6, 12])
def test_who_reports_once_a_year_is_not_silent_before(every):
    for first in range(every):
        realised = [None] * 48
        realised[first::every] = [100.0 * every] * len(realised[first::every])
        for closed in range(1, 48):
            assert judge([100.0] * 48, realised[:closed], every).reason != "silent"
            if closed > first + every:
                assert judge([100.0] * 48, realised[:closed]).reason != "silent"
        stopped = [*realised[: first + 1], *[None] * (every + 1)]
        assert judge([1.0] * 96, stopped, every).reason == "silent"


@pytest.mark.parametrize(
    ("realised", "silent"),
    [
        ([(100, 100, None, None), (100, None, None, None)], 2),
        ([(100, 100, None, None), (100, 100, 100, None)], 0),
        ([(100, 100, None, None), (None, None, 300, None)], 0),  # once a quarter
        ([(100, 100, None, None), ()], 2),  # the other one has not begun
        ([()], 0),
        ([], 0),
    ],
)
def test_several_are_silent_where_all_are(realised, silent):
    judged = [judge([100.0] * 6, each) for each in realised]
    assert count_silent(judged) == silent
    ended = judge([100.0] * 2, (None, None))
    assert count_silent([ended, *judged]) == silent


def test_before_its_first_month_is_over_a_benefit_is_planned():
    for planned in ([], [100.0]):
        assert judge(planned, []).standing == "planned"


@pytest.mark.parametrize(
    ("amount", "standing"),
    [(-50, "in_progress"), (-119, "in_progress"), (-120, "at_risk")],
)
def test_of_a_disbenefit_less_is_better(amount, standing):
    found = judge(*months(*(4 * [amount]), None, planned=-100.0))
    assert found.standing == standing
    assert found.rate == pytest.approx(amount / -100)


def test_a_disbenefit_not_reported_yet_is_as_planned():
    found = judge(*months(-100, -100, -150, None, None, planned=-100.0))
    assert found.rate == pytest.approx(450 / 400)


@pytest.mark.parametrize(
    ("realised", "standing", "reason"),
    [
        ((None, None), "at_risk", "unreported"),
        ((-100, None), "at_risk", "unreported"),
        ((-100, -110), "realized", "reached"),
        ((-100, -130), "not_realized", "overrun"),
    ],
)
def test_a_disbenefit_is_known_only_once_it_is_reported(realised, standing, reason):
    found = judge(*months(*realised, planned=-100.0))
    assert (found.standing, found.reason) == (standing, reason)


def test_sums_that_are_nearly_nothing_have_no_rate():
    assert judge((0.1, 0.2, -0.3), (5.0, 5.0, 5.0)).rate is None


def test_nothing_planned_has_no_rate():
    assert judge(*months(5, 5, planned=0.0)).rate is None


@pytest.mark.parametrize(
    ("planned", "realised", "miss"),
    [
        (100, 80, None),
        (100, 79.9, "behind"),
        (100, -5, "behind"),
        (-100, -119, None),  # of a disbenefit less is better
        (-100, -120, "above"),
        (0, -5, None),
        (0.1 + 0.2 - 0.3, 0, None),  # noise is no plan
    ],
)
def test_a_plan_is_missed_at_the_limit_of_its_rate(planned, realised, miss):
    assert find_miss(planned, realised) == miss
    if miss:
        limit, rate = get_rate_limit(planned), realised / planned
        assert (rate >= limit) if planned < 0 else (rate < limit)
