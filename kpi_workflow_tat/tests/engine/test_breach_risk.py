"""Breach risk: calibrated on simulated levels, silent where nothing can be learned."""

import numpy as np
import pytest

from odoo.addons.kpi_tracking_analytics.analytics.reliability import reliability

from ...engine.breach_risk import (
    ENOUGH_AT_RISK,
    PastLevels,
    draw_curve,
    find_cutoff,
    learn_risk,
    predict_risk,
)

HOUR = 3600
ALLOWED = 8 * HOUR


def make_levels(elapsed, step=HOUR, allowed=ALLOWED):
    """Levels that began one ``step`` after the other, on a clock that never pauses."""
    elapsed = np.asarray(elapsed, float)
    start = np.arange(len(elapsed)) * step
    now = start[-1]
    cutoff = find_cutoff(start)
    return PastLevels(
        start=start,
        elapsed=np.minimum(elapsed, now - start),
        is_over=start + elapsed <= now,
        allowed=np.full(len(elapsed), allowed),
        is_ripe=start + allowed <= now,
        elapsed_then=np.minimum(elapsed, np.maximum(cutoff - start, 0)),
        was_over=start + elapsed <= cutoff,
        was_known=np.full(len(elapsed), True),
    )


def draw_weibull(rng, count):
    """Most are decided soon; what has waited is likely to wait on."""
    return 6 * HOUR * rng.weibull(0.7, count)


def true_risk(elapsed):
    """P(T > 8 h | T > e) of :func:`draw_weibull`: exp((e/6)^0.7 − (8/6)^0.7)."""
    hours = np.asarray(elapsed) / HOUR
    return np.exp((hours / 6) ** 0.7 - (8 / 6) ** 0.7)


def test_by_hand():
    # Of 20 levels 4 each took 1, 2, 3, 4 and 5 hours; 4 hours are allowed: 4 were late.
    curve = draw_curve(np.repeat([1, 2, 3, 4, 5], 4) * HOUR, np.full(20, True))
    elapsed = np.array([0, 1, 2, 2.5, 4.1]) * HOUR
    risk = predict_risk(curve, elapsed, np.full(5, 4 * HOUR))
    # 4/20; of 16 that took longer than 1 hour 4; of 12 that took longer than 2 hours 4
    assert risk == pytest.approx([0.2, 0.25, 1 / 3, 1 / 3, 1.0])
    # 8 past levels lasted longer than 3 hours: too few to say anything
    assert ENOUGH_AT_RISK > 8
    assert np.isnan(predict_risk(curve, [3 * HOUR], [4 * HOUR])[0])


def test_open_levels_are_not_taken_for_decided():
    # 10 of 20 decided after 1 hour; 10 are open since 2 hours and may take any time.
    elapsed = np.repeat([1, 2], 10) * HOUR
    curve = draw_curve(elapsed, np.repeat([True, False], 10))
    assert predict_risk(curve, [0], [4 * HOUR])[0] == pytest.approx(0.5)
    # Nobody was seen to be decided after so long.
    assert np.isnan(predict_risk(curve, [1.5 * HOUR], [4 * HOUR])[0])


def test_close_to_the_truth_and_better_than_the_base_rate():
    levels = make_levels(draw_weibull(np.random.default_rng(1), 4000))
    learned = learn_risk(levels)
    assert learned.reason == "better"
    assert learned.brier < learned.base_brier
    elapsed = np.array([0, 1, 2, 4, 6, 7.5]) * HOUR
    risk = predict_risk(learned.curve, elapsed, np.full(6, ALLOWED))
    assert risk == pytest.approx(true_risk(elapsed), abs=0.04)


def test_calibrated_on_levels_that_it_has_not_seen():
    rng = np.random.default_rng(2)
    curve = learn_risk(make_levels(draw_weibull(rng, 4000))).curve
    taken = draw_weibull(rng, 4000)
    seen = rng.uniform(0, ALLOWED, 4000)
    is_open = taken > seen
    risk = predict_risk(curve, seen[is_open], np.full(is_open.sum(), ALLOWED))
    bands = reliability(risk, taken[is_open] > ALLOWED)
    # What is told lies in the interval of what came, but for the error of the curve.
    assert len(bands) > 5
    for band in bands:
        assert band.observed_low - 0.04 < band.predicted < band.observed_high + 0.04


def test_better_nearly_always_where_there_is_something_to_know():
    shown = [
        learn_risk(make_levels(draw_weibull(np.random.default_rng(seed), 800))).reason
        for seed in range(50)
    ]
    assert shown.count("better") >= 48


def draw_noise(rng, count):
    """Decided at a random moment of the last fifth, or late: waiting tells nothing.

    A few are decided early, at random, so that curves are not flat.
    """
    taken = ALLOWED * rng.uniform(0.8, 1.2, count)
    early = rng.random(count) < 0.01
    return np.where(early, ALLOWED * rng.random(count), taken)


def test_pure_noise_is_not_shown():
    shown = [
        learn_risk(make_levels(draw_noise(np.random.default_rng(seed), 400))).reason
        for seed in range(200)
    ]
    assert set(shown) <= {"better", "not_better"}
    # One-sided 95%: 10 of 200 by chance, and hardly ever twice as many.
    assert shown.count("better") <= 20


def test_the_past_of_other_habits_is_not_shown():
    rng = np.random.default_rng(3)
    # Earlier what had waited for long was late; later it was decided just in time.
    earlier = draw_weibull(rng, 750)
    later = np.where(
        rng.random(250) < 0.5, ALLOWED * rng.uniform(0.8, 0.99, 250), 2 * ALLOWED
    )
    later = np.where(later > ALLOWED, ALLOWED * 0.1 * rng.random(250), later)
    learned = learn_risk(make_levels(np.append(earlier, later), step=8 * HOUR))
    assert learned.reason == "not_better"
    assert learned.curve is None
    assert learned.brier > learned.base_brier


def test_what_is_judged_knew_nothing_later():
    levels = make_levels(draw_weibull(np.random.default_rng(4), 1000))
    known = levels.start < find_cutoff(levels.start)
    changed = levels.elapsed.copy()
    changed[known & ~levels.was_over] *= 50  # what came after the cutoff
    other = PastLevels(**{**vars(levels), "elapsed": changed})
    assert learn_risk(other).brier == learn_risk(levels).brier


def test_what_was_not_known_at_the_cutoff_is_not_learned_from():
    levels = make_levels(draw_weibull(np.random.default_rng(4), 400))
    was_known = np.arange(400) % 10 > 0
    shown = np.where(was_known, levels.elapsed_then, 50 * ALLOWED)  # of later
    other = PastLevels(
        **{**vars(levels), "elapsed_then": shown, "was_known": was_known}
    )
    earlier = levels.start < find_cutoff(levels.start)
    known, later = earlier & was_known, ~earlier & levels.is_ripe
    curve = draw_curve(levels.elapsed_then[known], levels.was_over[known])
    base = np.append(1.0, curve.survival)[
        np.searchsorted(np.asarray(curve.times), ALLOWED, side="right")
    ]
    is_late = levels.elapsed[later] > ALLOWED
    seen = np.outer(levels.allowed[later], (0.0, 0.25, 0.5, 0.75))
    cases = ((levels.elapsed[later][:, None] > seen) | (seen == 0)).sum(axis=1)
    errors = (base - np.repeat(is_late, cases)) ** 2
    assert learn_risk(other).base_brier == pytest.approx(errors.mean())


@pytest.mark.parametrize("count", [0, 1, 39, 100])
def test_few_levels_say_so(count):
    elapsed = draw_weibull(np.random.default_rng(5), count)
    learned = learn_risk(make_levels(elapsed)) if count else learn_risk(_nothing())
    assert (learned.reason, learned.curve) == ("few", None)
    assert learned.level_count == count


def _nothing():
    empty = np.empty(0)
    none = empty > 0
    return PastLevels(empty, empty, none, empty, none, empty, none, none)


def test_a_curve_of_many_levels_stays_small_and_true():
    taken = draw_weibull(np.random.default_rng(6), 50_000)
    curve = draw_curve(taken, np.full(50_000, True))
    assert len(curve.times) <= 400
    elapsed = np.array([0, 1, 4]) * HOUR
    risk = predict_risk(curve, elapsed, np.full(3, ALLOWED))
    assert risk == pytest.approx(true_risk(elapsed), abs=0.02)
