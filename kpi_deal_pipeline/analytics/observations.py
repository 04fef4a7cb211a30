"""Deals of the past as somebody saw them then, on regular days."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spells:
    """Times during which a deal stayed as it was; arrays of one length.

    :ivar deal: numbers of the deals
    :ivar stage: index of the stage in the pipeline, from 0
    :ivar start, stop: days since 1970, ``[start, stop)``
    :ivar confidence: what the agent thought, 0 to 1; NaN = nothing
    :ivar known_from: day since which ``confidence`` was entered
    :ivar opened, decided: days since 1970 of the deal
    :ivar is_won: how the deal was decided
    """

    deal: np.ndarray
    stage: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    confidence: np.ndarray
    known_from: np.ndarray
    opened: np.ndarray
    decided: np.ndarray
    is_won: np.ndarray


@dataclass(frozen=True)
class Observations:
    """A row per deal and day on which it was open; arrays of one length.

    :ivar day: since 1970
    :ivar age: days since the deal was opened
    :ivar confidence: what the agent had entered by that day, NaN = nothing
    :ivar decided: day on which the deal was decided, after ``day``
    """

    deal: np.ndarray
    stage: np.ndarray
    day: np.ndarray
    age: np.ndarray
    confidence: np.ndarray
    decided: np.ndarray
    is_won: np.ndarray

    def where(self, holds: np.ndarray) -> "Observations":
        return Observations(*(column[holds] for column in vars(self).values()))

    @property
    def deal_count(self) -> int:
        return len(np.unique(self.deal))


def sample_spells(spells: Spells, step: int) -> Observations:
    """The deals on each day whose number is a multiple of ``step``.

    The same days for all deals: a deal that stays open longer is seen more often, as
    it is among those that are open on any day.

    :param step: days between two looks, at least 1
    """
    if step < 1:
        raise ValueError(f"step must be at least 1 day, got {step}")
    first = np.ceil(spells.start / step).astype(int)
    past = np.ceil(spells.stop / step).astype(int)
    counts = np.maximum(past - first, 0)
    row = np.repeat(np.arange(len(counts)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    day = (first[row] + np.arange(len(row)) - before) * step
    is_known = spells.known_from[row] <= day
    return Observations(
        deal=spells.deal[row],
        stage=spells.stage[row],
        day=day,
        age=day - spells.opened[row],
        confidence=np.where(is_known, spells.confidence[row], np.nan),
        decided=spells.decided[row],
        is_won=spells.is_won[row],
    )
