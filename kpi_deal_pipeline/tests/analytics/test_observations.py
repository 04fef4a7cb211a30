import numpy as np
import pytest

from ...analytics.observations import Spells, sample_spells


def _spells(*rows):
    names = tuple(Spells.__dataclass_fields__)
    return Spells(
        **dict(zip(names, map(np.array, zip(*rows, strict=True)), strict=True))
    )


def test_deals_are_seen_on_the_same_days_as_they_stood_then():
    rows = sample_spells(
        _spells(
            # deal, stage, start, stop, confidence, known from, opened, decided, won
            (1, 0, 3.5, 14.0, 0.2, 3.5, 3.5, 30.5, True),
            (1, 2, 14.0, 30.5, 0.9, 25.0, 3.5, 30.5, True),  # recorded later
            (2, 1, 8.0, 13.9, 0.5, 8.0, 8.0, 13.9, False),  # between two looks
            (3, 1, 21.0, 21.0, 0.5, 8.0, 8.0, 21.0, False),  # no time at all
        ),
        step=7,
    )
    assert rows.deal.tolist() == [1, 1, 1, 1]
    assert rows.day.tolist() == [7, 14, 21, 28]
    assert rows.stage.tolist() == [0, 2, 2, 2]  # [start, stop)
    assert rows.age.tolist() == [3.5, 10.5, 17.5, 24.5]
    np.testing.assert_equal(rows.confidence, [0.2, np.nan, np.nan, 0.9])
    assert (rows.day < rows.decided).all()


def test_every_look_is_as_counting_by_hand_says():
    rng = np.random.default_rng(1)
    start = rng.uniform(0, 400, 300)
    stop = start + rng.exponential(30, 300)
    number = np.arange(300)
    rows = sample_spells(
        Spells(number, number, start, stop, start, start, start, stop, start > 9), 7
    )
    expected = [
        (deal, day)
        for deal in range(300)
        for day in range(0, 1400, 7)
        if start[deal] <= day < stop[deal]
    ]
    assert list(zip(rows.deal.tolist(), rows.day.tolist(), strict=True)) == expected


def test_a_step_of_no_days_is_refused():
    with pytest.raises(ValueError, match="step"):
        sample_spells(_spells((1, 0, 0.0, 1.0, 0.5, 0.0, 0.0, 1.0, True)), 0)
