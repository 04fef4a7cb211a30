"""Staffing what-if: by hand, against Erlang's formulas, and over closed hours."""

import math

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.worktime import Timeline

from ...engine.staffing import Arrivals, estimate_handling, replay_queue, serve_queue
from .hours import ALWAYS, HOUR, WEEK, at


def erlang_c(servers, load):
    """Probability to wait in M/M/c; ``load`` = arrival rate / service rate."""
    waiting = load**servers / math.factorial(servers) * servers / (servers - load)
    idle = sum(load**number / math.factorial(number) for number in range(servers))
    return waiting / (idle + waiting)


def share_longer(time, servers, load, rate):
    """P(T > t), T from arrival to departure in M/M/c (Gross & Harris, ch. 2.3)."""
    waits, rest = erlang_c(servers, load), servers - 1 - load
    decay = math.exp(-rate * time)
    if abs(rest) < 1e-9:
        return decay * (1 + waits * rate * time)
    return decay * (1 + waits * (1 - math.exp(-rate * time * rest)) / rest)


def find_quantile(share, servers, load, rate):
    low, high = 0.0, 200.0 * HOUR
    for _ in range(60):
        middle = (low + high) / 2
        if share_longer(middle, servers, load, rate) > 1 - share:
            low = middle
        else:
            high = middle
    return low


def test_known_value_of_erlang_c():
    # 4 servers, load 3: 0.5094 (tables of the Erlang C formula)
    assert erlang_c(4, 3) == pytest.approx(0.5094, abs=5e-5)
    assert erlang_c(1, 0.8) == pytest.approx(0.8)  # M/M/1: the load itself


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (2, 1.5), (4, 3.0), (8, 6.0)])
def test_the_mean_wait_is_that_of_erlang_c_within_six_percent(servers, load):
    rng, count, rate = np.random.default_rng(11), 30_000, 1 / HOUR
    asked = np.cumsum(rng.exponential(1 / (load * rate), count))
    handling = rng.exponential(1 / rate, (20, count))
    decided = serve_queue(asked, handling, servers)
    waits = (decided - handling - asked)[:, 1000:].mean()
    expected = erlang_c(servers, load) / (servers * rate - load * rate)
    assert waits == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(("servers", "load"), [(2, 1.4), (3, 2.0), (4, 3.0)])
def test_quantiles_and_share_are_those_of_the_formula_within_five_percent(
    servers, load
):
    rng, rate = np.random.default_rng(5), 1 / HOUR
    gaps = rng.exponential(1 / (load * rate), 10_000)
    asked = (at("2026-01-01 00:00") + np.cumsum(gaps)).astype(np.int64)
    arrivals = Arrivals(asked, np.full(10_000, 3 * HOUR), np.zeros(10_000, dtype=bool))
    handling = rng.exponential(1 / rate, 10_000)
    (found,) = replay_queue(Timeline(ALWAYS), arrivals, handling, [servers], rng)
    for value, share in ((found.median, 0.5), (found.p90, 0.9)):
        expected = find_quantile(share, servers, load, rate)
        assert value == pytest.approx(expected, rel=0.05)
    assert found.in_time == pytest.approx(
        1 - share_longer(3 * HOUR, servers, load, rate), abs=0.02
    )
    assert found.busy == pytest.approx(load / servers, rel=0.03)
    assert found.median_low <= found.median <= found.median_high


def test_by_hand():
    # Three requests at 0, 1 and 2 that take 4 each.
    asked, handling = np.array([0.0, 1.0, 2.0]), np.full((1, 3), 4.0)
    for approvers, decided in [
        (1, [4, 8, 12]),
        (2, [4, 5, 8]),  # the third waits for whoever is done at 4
        (3, [4, 5, 6]),
    ]:
        assert serve_queue(asked, handling, approvers).tolist() == [decided]
    with pytest.raises(ValueError, match="at least one"):
        serve_queue(asked, handling, 0)


def test_handling_begins_when_request_and_approver_are_free():
    # Approver 7 decides at 10 and at 12 on what was asked at 0 and 3; 8 at 20.
    asked = np.array([0.0, 3.0, 15.0, 2.0])
    decided = np.array([10.0, 12.0, 20.0, 12.0])
    approver = np.array([7, 7, 8, 7])
    handling = estimate_handling(asked, decided, approver)
    # 0 to 10; 10 to 12; 15 to 20; decided together with the second one
    assert sorted(handling.tolist()) == [0.0, 2.0, 5.0, 10.0]
    assert handling[0] == 10.0
    assert handling[2] == 5.0


def test_a_queue_that_is_replayed_with_its_own_people_takes_as_long():
    """What is measured in a queue of two gives the queue of two back."""
    rng, count = np.random.default_rng(3), 4000
    asked = np.cumsum(rng.exponential(0.7 * HOUR, count))
    true = rng.gamma(2.0, 0.5 * HOUR, count)
    free, decided, approver = [0.0, 0.0], np.empty(count), np.empty(count, int)
    for number in range(count):
        who = int(np.argmin(free))
        free[who] = decided[number] = max(free[who], asked[number]) + true[number]
        approver[number] = who
    handling = estimate_handling(asked, decided, approver)
    assert handling == pytest.approx(true, abs=1e-6)
    start = at("2026-01-01 00:00")
    arrivals = Arrivals(
        (start + asked).astype(np.int64), np.full(count, HOUR), np.zeros(count, bool)
    )
    two, three = replay_queue(Timeline(ALWAYS), arrivals, handling, [2, 3], rng)
    assert two.median == pytest.approx(np.median(decided - asked), rel=0.05)
    assert three.median < two.median
    assert three.in_time > two.in_time


def test_closed_hours_count_for_express_requests_only():
    # Asked on Friday at 16:00; 2 h of work are done on Monday at 9:00.
    asked = np.array([at("2026-03-27 16:00")] * 2)
    for is_express, hours in [(False, 2), (True, 65)]:
        arrivals = Arrivals(asked[:1], np.array([8 * HOUR]), np.array([is_express]))
        (found,) = replay_queue(
            Timeline(WEEK),
            arrivals,
            np.array([2.0 * HOUR]),
            [1],
            np.random.default_rng(0),
        )
        # Daylight saving begins on that Sunday: 64 hours of the clock instead of 65.
        assert found.median == (hours - is_express) * HOUR
        assert found.in_time == (0.0 if is_express else 1.0)


def test_the_same_seed_gives_the_same_answer():
    asked = np.arange(50) * HOUR + at("2026-01-05 08:00")
    arrivals = Arrivals(asked, np.full(50, HOUR), np.zeros(50, dtype=bool))
    answers = [
        replay_queue(
            Timeline(ALWAYS),
            arrivals,
            np.array([600.0, 5000.0]),
            [1, 2],
            np.random.default_rng(19),
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
