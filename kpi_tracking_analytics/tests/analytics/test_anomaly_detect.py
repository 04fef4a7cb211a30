"""Odd values: planted ones are found, known ones are not, and nothing looks ahead."""

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...analytics.anomaly import KINDS, detect, list_events
from ...analytics.forecast.limits import (
    LEAST_BAR,
    MOST_BAR,
    RISE,
    WIDER,
    measure_falls,
    measure_margins,
    next_bar,
    tail_quantile,
)
from ...analytics.forecast.runs import follow_runs
from .awkward import MATRIX, PERIODS, ROWS, SEAMS

NAN = np.nan
RNG = np.random.default_rng(23)
START = RNG.bit_generator.state
WEEK = np.array([400, 420, 430, 440, 425, 60, 40.0])
NO_MARKS = np.zeros(MATRIX.shape, bool)


@pytest.fixture(autouse=True)
def _same_numbers():
    """Each test draws the same numbers, whichever ran before."""
    RNG.bit_generator.state = START


pytestmark = pytest.mark.filterwarnings("error")


def _weeks(series=30, weeks=20, noise=10.0):
    rows = np.tile(WEEK, weeks) + RNG.normal(size=(series, weeks * 7)) * noise
    return np.round(rows, 1)


def _mark(shape, *places):
    mask = np.zeros(shape, bool)
    mask[:, list(places)] = True
    return mask


SCORES = st.lists(st.one_of(st.floats(0, 100), st.just(NAN)), min_size=1, max_size=60)


@given(SCORES, st.sampled_from([0.01, 0.1, 0.3]), st.integers(1, 9))
def test_the_quantile_is_that_of_the_sorted_scores(row, rate, above):
    known = sorted(score for score in row if not math.isnan(score))
    result = tail_quantile(np.array([row]), rate, 5, above, 0.9)[0]
    count = len(known)
    if count < 5:
        assert math.isnan(result)
        return
    share = min(max(above / count, rate), max(0.25, rate))
    rank = min(math.ceil((count + 1) * (1 - share)), count)
    drawn = (math.log(1 / rate) / math.log(1 / share)) ** 0.9
    assert result == pytest.approx(known[rank - 1] * drawn)


def test_of_enough_scores_none_is_drawn_on():
    scores = np.arange(1.0, 200.0)[None]  # of 199 the 190th at 1 in 20
    assert tail_quantile(scores, 0.05, 8, 8, 0.9)[0] == 190


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("shape", ["normal", "laplace", "standard_t"])
def test_as_many_leave_the_margins_as_should(rate, shape):
    draw = getattr(np.random.default_rng(1), shape)
    size = {"size": (300, 150)}
    errors = draw(3, **size) if shape == "standard_t" else draw(**size)
    nothing = np.full(errors.shape, NAN)
    margins = measure_margins(errors, nothing, np.zeros(errors.shape), 1, rate)
    share = (np.abs(errors) > margins)[:, 30:].mean()
    assert 0.6 * rate < share < 1.5 * rate
    assert np.isnan(margins[:, :8]).all()


def test_margins_follow_the_weekday():
    """Tuesdays vary ten times as much as the other days."""
    errors = RNG.normal(size=(50, 210))
    errors[:, 1::7] *= 10
    nothing = np.full(errors.shape, NAN)
    past = errors, nothing, np.zeros(errors.shape)
    margins = measure_margins(*past, 7, 0.02)
    assert (margins[:, 203 + 1] > 2.5 * margins[:, 203 + 2]).mean() > 0.95


def test_one_large_error_does_not_widen_the_margins():
    errors = RNG.normal(size=(50, 60))
    outlier = errors.copy()
    outlier[:, 5] = 1e4
    margins = [
        measure_margins(rows, rows * NAN, np.zeros(rows.shape), 1, 0.05)[:, -1]
        for rows in (errors, outlier)
    ]
    assert np.median(margins[1] / margins[0]) < 1.5


def test_the_bar_is_steady_at_the_wanted_rate():
    bar = np.ones(1)
    for place in range(4000):
        bar = next_bar(bar, np.array([place % 50 == 0]), np.array([True]), 1 / 50)
    assert bar[0] == pytest.approx(1, abs=0.25)
    always = next_bar(np.array([MOST_BAR / RISE**0.5]), *np.ones((2, 1), bool), 0.01)
    assert always[0] == MOST_BAR
    never = np.array([False]), np.array([True])
    assert next_bar(np.array([LEAST_BAR]), *never, 0.01)[0] == LEAST_BAR
    unjudged = np.array([False]), np.array([False])
    assert next_bar(np.array([1.5]), *unjudged, 0.01)[0] == 1.5


def test_a_spike_is_odd_and_the_day_after_is_not():
    rows = _weeks()
    rows[:, 120] = 190.0  # a Tuesday, usually 420
    found = detect(rows, season_length=7)
    assert np.array(KINDS)[found.kind[:, 120]].tolist() == ["spike"] * 30
    assert (found.score[:, 120] < -2).all()
    np.testing.assert_allclose(found.expected[:, 120], WEEK[1], atol=25)
    assert found.kind[:, 121:128].mean() < 0.03
    # The spike is not learned from: Tuesdays are expected as before.
    assert np.abs(found.expected[:, 127] - WEEK[1]).mean() < 10


def test_false_alarms_come_as_often_as_wanted():
    found = detect(_weeks(200, 30), season_length=7, rate=1 / 100)
    share = (found.kind > 0).sum() / (~np.isnan(found.margin)).sum()
    assert 1 / 200 < share < 1 / 65


@pytest.mark.parametrize(("known", "least"), [(9, 0.5), (12, 0.8), (21, 0.9)])
@pytest.mark.parametrize("season_length", [1, 12])
def test_a_fall_to_0_is_odd_though_values_vary(known, least, season_length):
    values = RNG.normal(69, 14, (300, known))
    values[:, -1] = 0
    kind = detect(values, season_length=season_length).kind
    assert (kind[:, -1] > 0).mean() >= least


def test_a_0_that_chance_brings_is_not_odd():
    values = RNG.poisson(RNG.uniform(2, 6, (900, 1)), (900, 40)).astype(float)
    found = detect(values, season_length=12)
    is_first = (values == 0) & (np.cumsum(values == 0, axis=1) == 1)
    is_judged = ~np.isnan(found.margin) & (values >= 0)
    assert (found.kind[is_first] > 0).sum() < is_judged.sum() / 1000


def test_after_a_0_that_is_usual_no_0_is_a_fall():
    values = RNG.normal(69, 14, (300, 22))
    values[:, [5, -1]] = 0
    dismissed = _mark(values.shape, 5)
    found = detect(values, dismissed=dismissed)
    assert (found.kind[:, -1] > 0).mean() < 0.1


def test_falls_are_those_calculated_by_hand():
    # Nine errors of 1 and the fall of 10: √(5.298 · 109 / 10) = 7.60. The second 0
    # knows of the first.
    values = np.array([[11.0] * 10 + [0, 0]])
    usual = np.array([[NAN] + [1.0] * 9 + [NAN, NAN]])
    errors = np.where(values == 0, -10.0, usual)
    margins = measure_falls(values, usual, errors, 1 / 200)[0, 10:]
    np.testing.assert_allclose(margins, [7.5993, NAN], rtol=1e-4)


def test_a_new_level_is_named_at_its_third_day_and_then_learned():
    rows = _weeks()
    rows[:, 100:] += 200
    found = detect(rows, season_length=7)
    names = np.array(KINDS)[found.kind[:, 100:103]]
    assert (names == ["spike", "spike", "level_shift"]).all(axis=1).mean() > 0.95
    # From the fourth on it is what is expected, by margins that one alarm has raised,
    # and a tail that has one large error more.
    assert 1.1 < np.median(found.margin[:, 106] / found.margin[:, 99]) < 1.5
    assert (found.kind[:, 103:130] > 0).mean() < 0.05
    assert np.abs(found.expected[:, 104] - rows[:, 104]).mean() < 25
    events = [event for event in list_events(rows, found) if event.start == 100]
    assert {event.kind for event in events} <= {"level_shift", "spike"}
    assert [event.kind for event in events].count("level_shift") > 28


@pytest.mark.parametrize("size", [3, -3])
def test_a_new_level_within_what_single_values_do_is_named_by_three(size):
    rows = RNG.normal(size=(200, 60))
    before = detect(rows, season_length=12)
    rows[:, 48:] += size
    found = detect(rows, season_length=12)
    is_level = found.kind[:, 48:51] == KINDS.index("level_shift")
    assert is_level.any(axis=1).mean() > 0.65
    is_odd = found.kind[:, 48:51] > 0
    assert (np.abs(found.score[:, 48:51][is_odd]) > 1).all()
    rows[:, 48:] -= size
    rows[:, 48] += 4 * size  # alone it is none
    spiked = detect(rows, season_length=12).kind[:, 48:52]
    assert (spiked[:, 0] == KINDS.index("spike")).mean() > 0.9
    assert (spiked == KINDS.index("level_shift")).any(axis=1).mean() < 0.1
    np.testing.assert_array_equal(before.kind[:, :48], found.kind[:, :48])


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ("normal", ()),
        ("laplace", ()),
        ("standard_t", (3,)),
        ("poisson", (4,)),
        ("poisson", (0.3,)),
    ],
)
def test_the_rate_holds_for_heavy_tails(shape, arguments):
    rows = getattr(RNG, shape)(*arguments, size=(300, 60)) * 1.0
    found = detect(rows, season_length=12)
    share = (found.kind > 0).sum() / (~np.isnan(found.margin)).sum()
    assert 1 / 450 < share < 1 / 90


@pytest.mark.parametrize("shape", ["trend", "season", "both", "heavy"])
def test_the_rate_holds_along_trends_and_seasons(shape):
    months, rows = np.arange(60), RNG.normal(size=(150, 60))
    if shape in ("trend", "both"):
        rows += 0.1 * months
    if shape in ("season", "both"):
        rows += 3 * np.sin(2 * np.pi * (months + RNG.uniform(0, 12, (150, 1))) / 12)
    if shape == "heavy":
        rows = RNG.standard_t(3, rows.shape)
    found = detect(rows, season_length=12)
    share = (found.kind > 0).sum() / (~np.isnan(found.margin)).sum()
    # of 7,500 values the rate is known to a quarter or so
    assert 1 / 500 < share < 1 / 90


@pytest.mark.parametrize(("size", "least"), [(3, 0.82), (4, 0.94), (5, 0.97)])
def test_steps_are_found_within_three_months(size, least):
    rows = RNG.normal(size=(300, 60))
    rows[:, 48:] += size
    kind = detect(rows, season_length=12).kind[:, 48:51]
    assert (kind > 0).any(axis=1).mean() >= least


def test_a_step_at_a_seam_is_never_odd_nor_learned_as_a_spike():
    rows = _weeks()
    rows[:, 100:] += 300
    found = detect(rows, season_length=7, seams=_mark(rows.shape, 100))
    assert not found.kind[:, 100:103].any()
    assert np.isnan(found.margin[:, 100:103]).all()
    assert (found.kind[:, 103:] > 0).mean() < 0.05
    assert 0.8 < np.median(found.margin[:, 106] / found.margin[:, 99]) < 1.45
    rows[:, 120] -= 250
    again = detect(rows, season_length=7, seams=_mark(rows.shape, 100))
    assert (again.kind[:, 120] > 0).all()


def test_known_events_are_not_judged_nor_learned_from():
    rows = _weeks()
    plain = detect(rows, season_length=7)
    closed = rows.copy()
    closed[:, 120:123] = 0.0
    found = detect(closed, season_length=7, skipped=_mark(rows.shape, 120, 121, 122))
    assert not found.kind[:, 120:123].any()
    assert np.isnan(found.margin[:, 120:123]).all()
    assert np.abs(found.expected[:, 123] - plain.expected[:, 123]).max() < 20
    missing = closed.copy()
    missing[:, 120:123] = NAN
    found = detect(missing, season_length=7, skipped=_mark(rows.shape, 120, 121, 122))
    assert not found.kind[:, 120:123].any()  # nor is it a gap


def test_what_was_confirmed_as_usual_widens_the_margin_of_its_season():
    rows = _weeks()
    rows[:, 120] = 190.0
    before = detect(rows, season_length=7)
    marks = _mark(rows.shape, 120)
    found = detect(rows, season_length=7, dismissed=marks)
    assert not found.kind[:, 120].any()
    error = np.abs(rows - found.expected)[:, 120]
    assert (found.margin[:, 127] >= WIDER * error * 0.999).all()
    # Other weekdays are judged as they were, and so was this one before.
    assert (found.margin[:, 128] < error / 2).all()
    np.testing.assert_array_equal(found.margin[:, :120], before.margin[:, :120])
    rows[:, 127] = found.expected[:, 127] - error
    again = detect(rows, season_length=7, dismissed=marks)
    assert not again.kind[:, 127].any()


@pytest.mark.parametrize(
    ("missing", "season_length", "gaps"),
    [
        ([30], 1, [30]),
        ([30, 31, 32], 1, [30, 31, 32]),
        ([5], 1, []),  # nobody knows yet that there is always one
        ([30, 33], 1, [30]),
        (range(12), 1, []),  # before the series began
        ([*range(5, 40, 7), *range(6, 40, 7)], 7, []),  # weekends
        ([*range(5, 40, 7), *range(6, 40, 7), 30], 7, [30]),
        ([*range(5, 40, 7), *range(6, 40, 7), 30, 31, 32], 7, [30, 31, 32, 33, 34]),
    ],
)
def test_a_value_that_was_always_there_lacks(missing, season_length, gaps):
    row = np.full((1, 40), 8.0)
    row[0, list(missing)] = NAN
    found = detect(row, season_length=season_length)
    assert np.flatnonzero(found.kind[0]).tolist() == gaps
    assert {KINDS[kind] for kind in found.kind[0]} <= {"", "gap"}
    events = list_events(row, found)
    assert [(event.kind, event.value) for event in events] == [("gap", None)] * (
        1 if gaps else 0
    )


def test_runs_are_followed_value_by_value():
    nan = NAN
    errors = np.array([[1, 9, 8, nan, 7, 9, 0, -8, 9, 9, -9, -7, -8]], float)
    runs = follow_runs(np.abs(errors) > 5, errors, np.zeros(errors.shape, bool))
    assert runs.length[0].tolist() == [0, 1, 2, 0, 3, 4, 0, 1, 1, 2, 1, 2, 3]
    # medians of 9 8 7 and of −9 −7 −8
    assert runs.offset[0].tolist() == [0] * 4 + [8] * 8 + [0]


def test_the_level_after_a_seam_is_known_from_the_third_value_on():
    errors = np.array([[0, 0, 5, NAN, 4, 6, 1]], float)
    runs = follow_runs(errors > 99, errors, _mark(errors.shape, 2))
    assert runs.since_seam[0].tolist() == [0, 0, 1, 1, 2, 3, 4]
    assert runs.offset[0].tolist() == [0, 0, 0, 0, 0, 5, 5]


def test_events_have_the_pieces_of_their_sentence():
    rows = _weeks(1)
    rows[0, 120] = 190.0
    found = detect(rows, season_length=7)
    (event,) = (one for one in list_events(rows, found) if one.start == 120)
    assert (event.row, event.stop, event.kind, event.period) == (0, 121, "spike", 120)
    assert event.value == 190
    assert event.expected == pytest.approx(420, abs=25)
    assert event.margin < 120
    assert event.score == pytest.approx((190 - event.expected) / event.margin)


def test_a_run_is_one_event_and_its_other_side_another():
    rows = np.full((2, 60), 50.0) + RNG.normal(size=(2, 60))
    rows[0, 40:42] = 150.0
    rows[0, 42] = -50.0
    rows[1, 45] = NAN
    found = detect(rows)
    events = [(e.row, e.start, e.stop, e.kind) for e in list_events(rows, found)]
    assert (0, 40, 42, "spike") in events
    assert (0, 42, 43, "spike") in events
    assert (1, 45, 46, "gap") in events


@pytest.mark.parametrize("season_length", [1, 4])
@pytest.mark.parametrize("seams", [None, SEAMS])
def test_nothing_looks_ahead(season_length, seams):
    skipped, dismissed = NO_MARKS.copy(), NO_MARKS.copy()
    skipped[:, 30], dismissed[:, [15, 27]] = True, True
    marks = {"seams": seams, "skipped": skipped, "dismissed": dismissed}
    whole = detect(MATRIX, season_length=season_length, rate=0.05, **marks)
    for stop in range(1, PERIODS, 6):
        past = {k: m if m is None else m[:, :stop] for k, m in marks.items()}
        part = detect(MATRIX[:, :stop], season_length=season_length, rate=0.05, **past)
        np.testing.assert_array_equal(part.kind, whole.kind[:, :stop])
        for field in fields(part):
            np.testing.assert_allclose(  # sums of more columns round otherwise
                getattr(part, field.name),
                getattr(whole, field.name)[:, :stop],
                rtol=1e-9,
                atol=1e-6 if field.name == "score" else 0,
                err_msg=f"{field.name} up to {stop}",
            )


def test_a_later_dismissal_changes_nothing_before():
    rows = _weeks(5)
    before = detect(rows, season_length=7)
    found = detect(rows, season_length=7, dismissed=_mark(rows.shape, 110))
    np.testing.assert_array_equal(found.kind[:, :110], before.kind[:, :110])


def test_each_series_is_judged_by_itself():
    rows = _weeks(6, 8)
    rows[2, 50] = 900.0
    whole = detect(rows, season_length=7)
    for place, row in enumerate(rows):
        alone = detect(row[None], season_length=7)
        np.testing.assert_array_equal(alone.kind[0], whole.kind[place])
        np.testing.assert_allclose(alone.margin[0], whole.margin[place])


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**-10, 2.0**900])
def test_the_unit_makes_no_difference(scale):
    rows = _weeks(10)
    plain = detect(rows, season_length=7)
    scaled = detect(rows * scale, season_length=7)
    np.testing.assert_array_equal(scaled.kind, plain.kind)


@pytest.mark.parametrize("season_length", [1, 4])
@pytest.mark.parametrize("seams", [None, SEAMS])
def test_awkward_rows_are_stood(season_length, seams):
    found = detect(MATRIX, season_length=season_length, seams=seams)
    assert np.isfinite(found.score[~np.isnan(found.score)]).all()
    for name in ("constant", "zero", "nothing"):
        assert not found.kind[list(ROWS).index(name)].any()
    if seams is not None:
        assert not found.kind[seams].any()
    else:
        kinds = found.kind[list(ROWS).index("other unit")]
        assert [KINDS[kind] for kind in kinds[25:28]] == [
            "spike",
            "spike",
            "level_shift",
        ]
    assert all(
        number is None or math.isfinite(number)
        for event in list_events(MATRIX, found)
        for number in (event.value, event.expected, event.margin, event.score)
    )


def test_rounding_is_not_odd():
    row = np.full((1, 60), 0.3)
    row[0, ::7] = 0.1 + 0.2
    assert not detect(row).kind.any()


def test_any_move_of_what_never_moved_is_odd():
    row = np.full((1, 30), 7.0)
    row[0, 25] = 7.1
    found = detect(row)
    assert np.flatnonzero(found.kind[0]).tolist() == [25]
    assert found.score[0, 25] == 999  # as far as a score goes


@pytest.mark.parametrize("shape", [(0, 20), (3, 0), (3, 1)])
def test_of_nothing_nothing_is_odd(shape):
    found = detect(np.ones(shape))
    assert found.kind.shape == shape
    assert not found.kind.any()
    assert list_events(np.ones(shape), found) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": 0}, "rate"),
        ({"rate": 0.5}, "rate"),
        ({"season_length": 0}, "season"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        detect(np.ones((1, 30)), **arguments)
