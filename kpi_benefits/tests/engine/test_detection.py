import numpy as np
import pytest

from ...engine.detection import find_leaks, find_turnings
from ...engine.history import History
from ...engine.simulation import KINDS, simulate

NAN = float("nan")
WITHIN = 6  # months from the onset on
TRIED_ON = (201, 202)  # thresholds were chosen on others


def history(planned, realised, **known):
    return History(np.array(planned, float), np.array(realised, float), **known)


def leaks(planned, realised, **known):
    (found,) = find_leaks([history(planned, realised, **known)])
    return found


def find_first_months(portfolio):
    """The month after which each benefit is said to leak first; −1 = never."""
    count, months = portfolio.planned.shape
    first = np.full(count, -1)
    for closed in range(1, months + 1):
        rows = zip(portfolio.planned, portfolio.realised, strict=True)
        found = find_leaks([History(plan, done[:closed]) for plan, done in rows])
        is_found = np.array([bool(one) for one in found])
        first = np.where((first < 0) & is_found, closed - 1, first)
    return first


def test_most_leaks_are_found_within_six_months_and_few_others():
    hits, alarms = [], []
    for seed in TRIED_ON:
        portfolio = simulate(np.random.default_rng(seed))
        first, leaking = find_first_months(portfolio), portfolio.kind >= 0
        after = first - portfolio.onset
        # Who was said to leak before it did is not found.
        hits += list(((first >= 0) & (0 <= after) & (after < WITHIN))[leaking])
        alarms += list((first >= 0)[~leaking])
    assert np.mean(hits) >= 0.80
    assert np.mean(alarms) <= 0.05


def test_simulated_benefits_are_what_they_are_said_to_be():
    portfolio = simulate(np.random.default_rng(7))
    rate = np.nansum(portfolio.realised, axis=1) / portfolio.planned.sum(1)
    assert (portfolio.kind >= 0).mean() == pytest.approx(0.4, abs=0.03)
    assert np.median(rate[portfolio.kind < 0]) == pytest.approx(1, abs=0.01)
    for kind in range(len(KINDS)):
        assert rate[portfolio.kind == kind].mean() < 0.9


def test_what_comes_as_planned_does_not_leak():
    steady = [100, 104, 97, 101, 99, 103, 96, 100]
    assert leaks([100] * 24, steady) == []
    assert leaks([100] * 24, [130] * 8) == []  # better than planned
    assert leaks([100] * 24, []) == []
    assert leaks([100] * 24, [40]) == []  # one month may be chance
    assert leaks([0] * 5, [0] * 3) == []


def test_a_fall_at_once():
    (found,) = leaks([100] * 24, [100, 102, 99, 101, 60, 62, 59, 61])
    assert (found.kind, found.first, found.months) == ("shortfall", 4, 4)
    assert (found.planned, found.realised, found.lost) == (400, 242, 158)
    assert found.coming == pytest.approx(1600 * 158 / 400)


def test_a_fall_little_by_little():
    realised = [100 * 0.92 ** max(month - 3, 0) for month in range(12)]
    (found,) = leaks([100] * 24, realised)
    assert found.kind == "decay"
    assert found.decay == pytest.approx(0.08)
    assert abs(found.first - 4) <= 1
    # The months to come lose more than the last one did.
    assert found.coming > 12 * (100 - realised[-1])


def test_late_is_not_less():
    planned, late = [100] * 24, [0] * 4 + [100] * 6
    (found,) = leaks(planned, late)
    assert (found.kind, found.first, found.months) == ("delay", 0, 4)
    assert (found.lost, found.coming) == (400, 0)
    delay, fall = leaks(planned, [0] * 4 + [100, 99, 101, 60, 59, 61, 60, 58])
    assert (delay.kind, fall.kind, fall.first) == ("delay", "shortfall", 7)


def test_nothing_reported_before_the_go_live_is_a_delay():
    nothing = [NAN] * 3
    assert [one.kind for one in leaks([100] * 12, nothing)] == ["silence"]
    found = leaks([100] * 12, nothing, late=3)
    assert [one.kind for one in found] == ["delay"]


def test_two_silent_months():
    assert leaks([100] * 12, [100, 98, NAN]) == []
    (found,) = leaks([100] * 12, [100, 98, NAN, NAN])
    assert (found.kind, found.first, found.months, found.lost) == ("silence", 2, 2, 200)
    # A single month that has been over for long.
    assert leaks([500], [NAN]) == []
    (found,) = leaks([500], [NAN], overdue=1)
    assert (found.kind, found.lost) == ("silence", 500)
    # Nothing said of a disbenefit does not mean a loss.
    (found,) = leaks([-100] * 12, [NAN, NAN])
    assert (found.kind, found.lost) == ("silence", 0)


def test_a_month_nobody_reported_is_no_fall():
    assert leaks([100] * 24, [100, 101, NAN, 99, 100, 102, NAN, 98, 99]) == []


def test_adoption_that_stalls():
    planned = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100] + [100] * 14
    realised = [10, 20, 31, 39, 41, 40, 39, 41, 40, 40]
    (found,) = leaks(planned, realised)
    assert found.kind == "adoption_stall"
    assert found.coming == pytest.approx(14 * 60, rel=0.05)


def test_more_of_a_disbenefit_is_a_loss():
    (found,) = leaks([-100] * 24, [-100, -99, -101, -150, -149, -152, -150])
    assert (found.kind, found.first) == ("shortfall", 3)
    assert found.lost == pytest.approx(201)
    assert leaks([-100] * 24, [-50] * 8) == []


def test_a_long_life_is_read_from_its_last_years():
    months = 120
    realised = [100.0] * 90 + [60.0] * 10
    (found,) = leaks([100] * months, realised)
    assert (found.kind, found.first) == ("shortfall", 90)


def test_many_months_without_a_fall_explain_more_than_few():
    few, many = (np.ones((1, count)) for count in (3, 30))
    assert find_turnings(many).evidence[0] < find_turnings(few).evidence[0] < 0
