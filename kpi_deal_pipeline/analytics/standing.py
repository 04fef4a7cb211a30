"""Time for which deals had been open at a moment, from the changes of that state."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Changes:
    """Moments at which deals were opened, decided, cancelled or opened again.

    Arrays of one length, by deal and then by time; times in days since 1970, by the
    clocks of the company.

    :ivar agent: whose deal it is
    :ivar opened: when the deal was opened, the same in each of its rows
    :ivar at: since when it is as the row says
    :ivar is_open, is_decided: how it is; neither = cancelled
    """

    deal: np.ndarray
    agent: np.ndarray
    opened: np.ndarray
    at: np.ndarray
    is_open: np.ndarray
    is_decided: np.ndarray

    def where(self, holds: np.ndarray) -> "Changes":
        return Changes(*(column[holds] for column in vars(self).values()))


def durations_at(
    changes: Changes, moment: float, cohort_days: float
) -> tuple[np.ndarray, np.ndarray]:
    """Days that deals had been open by ``moment``, and whether they were decided.

    What happened from ``moment`` on is not known. A deal that was opened again lasts
    until it was closed last.

    :param cohort_days: only deals opened in as many days before
    :return: two arrays with an entry per deal
    """
    known = changes.where(
        (changes.at < moment)
        & (changes.opened < moment)
        & (changes.opened >= moment - cohort_days)
    )
    if not len(known.deal):
        return np.array([]), np.array([], dtype=bool)
    last = known.where(np.append(known.deal[1:] != known.deal[:-1], True))
    until = np.where(last.is_open, moment, last.at)
    # Where clocks are set back, a deal may be closed before it was opened.
    return np.maximum(until - last.opened, 0.0), last.is_decided
