"""setup/bench anomaly: how alarms in labelled streams are scored."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "setup" / "bench.d"))
ROWS = 10_000
WINDOW = (3000, 3099)


@pytest.fixture
def nab():
    import anomaly

    return anomaly


def _raw(nab, alarms, windows=(WINDOW,)):
    stream = nab.LabelledStream(np.zeros(ROWS), list(windows), 288)
    return nab.score(stream, alarms)


def _sigmoid(position):
    return 2 / (1 + math.exp(5 * position)) - 1


@pytest.mark.parametrize(
    ("alarms", "raw", "false_runs"),
    [
        ([3000], 1, 0),
        ([3050], _sigmoid(-0.5) / _sigmoid(-1), 0),
        ([3099], _sigmoid(-0.01) / _sigmoid(-1), 0),
        ([3000, 3001, 3060], 1, 0),  # the first one counts
        ([], -1, 0),
        ([1000], -1 - 0.11, 1),
        ([1000, 1090, 1180], -1 - 0.11, 1),  # closer than 1 % is one run
        ([1000, 1101], -1 - 0.22, 2),
        ([749], -1, 0),  # nothing counts before
        ([3000, 3149], 1 + 0.11 * _sigmoid(50 / 99), 1),
        ([3000, 9000], 1 - 0.11, 1),
        # a run that began before the window is a false one
        ([2950, 3000], -1 - 0.11, 1),
    ],
)
def test_alarms_earn_and_cost(nab, alarms, raw, false_runs):
    result = _raw(nab, alarms)
    assert result.raw == pytest.approx(raw)
    assert result.false_runs == false_runs


def test_the_perfect_detector_has_100_and_none_has_0(nab):
    windows = [WINDOW, (6000, 6200)]
    assert nab.normalise([_raw(nab, [3000, 6000], windows)]) == pytest.approx(100)
    assert nab.normalise([_raw(nab, [], windows), _raw(nab, [], [])]) == 0
