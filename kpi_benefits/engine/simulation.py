"""Portfolios of benefits made up by rules: what forecasts begin with, and are tried on.

The rules are a deliberate picture of what happens to benefits, not measured anywhere:
six of ten come as planned, the others leak in one of five ways.
"""

from dataclasses import dataclass

import numpy as np

KINDS = ("level", "decay", "delay", "silence", "stall")
LEAKING = 0.4
HEALTHY_SPREAD = 0.03  # of the mean of a benefit that does not leak, around its plan
NOISE = (0.03, 0.20)
SEASON = (0.0, 0.2)  # a sine over twelve months that no plan knows of
YEAR = 12
RAMPS = (0, 3, 6)
LONG_RAMPS = (6, 9, 12)  # of benefits that stall on the way
ONSETS = (0, 19)
DROP = (0.15, 0.5)
DECAY = (0.03, 0.09)  # a month
DELAY = (3, 9)
STALLED_AT = (0.4, 0.85)
SILENT = (3, 25)  # months; what is not reported is not realised


@dataclass(frozen=True)
class Portfolio:
    """Benefits, one per row, and their months.

    :ivar planned: shape (benefits, months)
    :ivar realised: same shape; NaN = nobody reported
    :ivar kind: place in ``KINDS``; −1 = does not leak
    :ivar onset: the month from which on it leaks; −1 = never
    """

    planned: np.ndarray
    realised: np.ndarray
    kind: np.ndarray
    onset: np.ndarray


def simulate(
    rng: np.random.Generator, count: int = 2000, months: int = 24
) -> Portfolio:
    """Make up a portfolio of which ``LEAKING`` leak."""
    kind = np.where(
        rng.random(count) < LEAKING, rng.integers(len(KINDS), size=count), -1
    )
    place = np.arange(months)
    is_stall = kind == KINDS.index("stall")
    ramp = np.where(is_stall, rng.choice(LONG_RAMPS, count), rng.choice(RAMPS, count))
    size = rng.lognormal(10.0, 1.0, count)
    onset = rng.integers(*ONSETS, size=count)

    late = np.where(kind == KINDS.index("delay"), rng.integers(*DELAY, size=count), 0)
    level = _ramp(place[None] - late[:, None], ramp)
    stalled = rng.uniform(*STALLED_AT, count)
    level = np.where(is_stall[:, None], np.minimum(level, stalled[:, None]), level)
    since = np.maximum(place[None] - onset[:, None], -1) + 1
    drop = np.where(since > 0, 1 - rng.uniform(*DROP, count)[:, None], 1.0)
    decay = (1 - rng.uniform(*DECAY, count)[:, None]) ** since
    level = np.where((kind == KINDS.index("level"))[:, None], level * drop, level)
    level = np.where((kind == KINDS.index("decay"))[:, None], level * decay, level)

    mean = rng.normal(1.0, HEALTHY_SPREAD, (count, 1))
    turn = 2 * np.pi * (place[None] + rng.uniform(0, YEAR, (count, 1))) / YEAR
    season = 1 + rng.uniform(*SEASON, (count, 1)) * np.sin(turn)
    noise = rng.normal(0, 1, level.shape) * rng.uniform(*NOISE, (count, 1))
    realised = size[:, None] * level * mean * season * np.maximum(1 + noise, 0)
    silent = rng.integers(*SILENT, size=(count, 1))
    is_silent = (kind == KINDS.index("silence"))[:, None]
    is_silent = is_silent & (since > 0) & (since <= silent)
    realised[is_silent] = np.nan

    planned_level = _ramp(np.broadcast_to(place, level.shape), ramp)
    onset = np.where(kind == KINDS.index("delay"), 0, onset)
    onset = np.where(is_stall, (planned_level > stalled[:, None]).argmax(1), onset)
    return Portfolio(
        planned=size[:, None] * planned_level,
        realised=realised,
        kind=kind,
        onset=np.where(kind < 0, -1, onset),
    )


def _ramp(age: np.ndarray, ramp: np.ndarray) -> np.ndarray:
    """Mean level in each month of benefits that rise evenly over ``ramp`` months."""
    span = np.maximum(ramp, 1)[:, None]
    risen = np.clip((age + 0.5) / span, 0, 1)
    return np.where(age < 0, 0.0, np.where(ramp[:, None] > 0, risen, 1.0))
