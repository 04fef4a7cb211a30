import random

import numpy as np
import pytest

from odoo.addons.kpi_tracking_analytics.analytics.trend import measure_streaks

from ...engine import streaks

HITS = {"h": 1.0, "m": 0.0, "x": np.nan, "p": np.nan}


def fold(texts, every=0, most=0):
    """Fold texts of one character for each period, all of one length."""
    columns = [np.array(column) for column in zip(*texts, strict=True)]
    periods = [(column == "h", column == "m") for column in columns]
    return streaks.fold(periods, len(texts), every, most)


def histories(count, width, seed=1):
    rng = random.Random(seed)
    return [
        "".join(rng.choices("hmxp", (6, 2, 1, 0.5), k=width))
        for _number in range(count)
    ]


def walk(text, every, most):
    """The same as a plain loop: current, best, start, last, freezes."""
    current = best = left = toward = 0
    start = last = -1
    for place, code in enumerate(text):
        if code == "h":
            last = place
            start = place if not current else start
            current += 1
            toward += 1
            best = max(best, current)
            if every and toward >= every:
                toward, left = 0, min(left + 1, most)
        elif code == "m" and left:
            left -= 1
        elif code == "m":
            current = toward = 0
            start = -1
    return current, best, start, last, left


@pytest.mark.parametrize("every, most", [(0, 0), (1, 1), (2, 1), (3, 2), (6, 2)])
def test_the_fold_is_the_plain_loop(every, most):
    texts = histories(600, 24)
    found = fold(texts, every, most)
    rows = zip(
        found.current, found.best, found.start, found.last, found.freezes, strict=True
    )
    for text, row in zip(texts, rows, strict=True):
        assert tuple(map(int, row)) == walk(text, every, most), text


def test_without_freezes_it_is_the_streak_of_charts():
    texts = histories(3000, 18)
    reached = np.array([[HITS[code] for code in text] for text in texts])
    expected = np.maximum(measure_streaks(reached)[:, -1], 0)
    assert (fold(texts).current == expected).all()


def test_a_corrected_miss_gives_its_freeze_back():
    spent, back = fold(["hhmh"], 2, 1), fold(["hhhh"], 2, 1)
    assert (spent.current[0], spent.freezes[0]) == (3, 0)
    assert (back.current[0], back.freezes[0]) == (4, 1)


@pytest.mark.parametrize(
    "text, current, best, start",
    [
        ("", 0, 0, -1),
        ("xxx", 0, 0, -1),  # leave only
        ("hxh", 2, 2, 0),  # leave ends nothing
        ("hmh", 1, 1, 2),
        ("hhm", 0, 2, -1),
    ],
)
def test_single_histories(text, current, best, start):
    found = fold([text])
    assert (found.current[0], found.best[0], found.start[0]) == (current, best, start)


def test_nobody():
    assert not fold([]).current.size


@pytest.mark.parametrize("every, most", [(0, 0), (1, 1), (2, 1), (3, 2), (6, 2)])
def test_a_trace_names_the_misses_that_the_fold_forgives(every, most):
    for text in histories(40, 30):
        marks = streaks.trace(text, every, most)
        assert "".join(marks).replace("f", "m") == text
        for length in range(1, len(text) + 1):
            freezes = fold([text[:length]], every, most).freezes[0]
            before = fold([text[: length - 1]], every, most).freezes
            spent = length > 1 and before[0] > freezes
            assert (marks[length - 1] == "f") == spent
