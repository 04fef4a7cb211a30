"""Runs of odd periods as events, with the pieces of a sentence about each."""

from dataclasses import dataclass

import numpy as np

from ..forecast.detection import GAP, KINDS, Detection


@dataclass(frozen=True)
class Event:
    """One run of odd periods of a series, told by its oddest value.

    “Tuesday is usually 420 ± 35, was 190” has period, expected, margin and value.

    :ivar row: of the series in the matrix
    :ivar start, stop: its periods, half-open
    :ivar kind: of :data:`..forecast.detection.KINDS`, as it was at the end of the run
    :ivar period: of the oddest value; of a gap its first
    :ivar value, expected, margin, score: in that period; None = not known
    """

    row: int
    start: int
    stop: int
    kind: str
    period: int
    value: float | None
    expected: float | None
    margin: float | None
    score: float | None


def list_events(values: np.ndarray, detection: Detection) -> list[Event]:
    """One event for each run, by series and then by time.

    A run ends where nothing is odd, where a gap begins or ends, and where the values
    cross to the other side of what was expected.

    :param values: those that were searched, shape (series, periods)
    """
    side = np.where(detection.kind == GAP, 2.0, np.sign(detection.score))
    is_odd = detection.kind > 0
    begins, ends = is_odd.copy(), is_odd.copy()
    goes_on = is_odd[:, 1:] & is_odd[:, :-1] & (side[:, 1:] == side[:, :-1])
    begins[:, 1:] &= ~goes_on
    ends[:, :-1] &= ~goes_on
    rows, starts = np.nonzero(begins)
    stops = np.nonzero(ends)[1] + 1
    return [
        _describe(values, detection, (int(row), int(start), int(stop)))
        for row, start, stop in zip(rows, starts, stops, strict=True)
    ]


def _describe(
    values: np.ndarray, detection: Detection, run: tuple[int, int, int]
) -> Event:
    row, start, stop = run
    scores = np.nan_to_num(np.abs(detection.score[row, start:stop]))
    period = start + int(scores.argmax())
    arrays = (values, detection.expected, detection.margin, detection.score)
    numbers = (float(array[row, period]) for array in arrays)
    return Event(
        *run,
        KINDS[detection.kind[row, stop - 1]],
        period,
        *(None if np.isnan(number) else number for number in numbers),
    )
