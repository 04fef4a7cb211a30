"""Pairs of a KPI and its levers of 21 kinds, of which the truth is known."""

import numpy as np

# The first lever moves the KPI.
TRUE = (
    "same period",
    "beside five others",
    "one before",
    "four before",
    "two before, wandering",
    "two before, KPI lasting",
    "saturating",
)
# No lever says anything of the KPI.
FALSE = (
    "noise",
    "three of noise",
    "walks",
    "six walks",
    "walks with a season",
    "trends",
    "seasons",
    "seasons with a peak",
    "lasting",
    "follows",
    "follows a walk",
    "outlier",
    "counts",
    "level shift",
)
LENGTHS = ((60, 12), (156, 52))  # periods, season


def draw(  # noqa: C901 (a case for each kind)
    kind: str, rng: np.random.Generator, count: int, season: int
) -> tuple[np.ndarray, np.ndarray]:
    """A KPI, shape (periods,), and its levers, shape (levers, periods)."""
    at = np.arange(count)
    wave = np.sin(2 * np.pi * at / season)

    def noise(size: float, *shape: int) -> np.ndarray:
        return size * rng.normal(size=shape or count)

    def lasting(rate: float, length: int = count) -> np.ndarray:
        steps = rng.normal(size=length)
        for place in range(1, length):
            steps[place] += rate * steps[place - 1]
        return steps

    def walk(size: float = 1.0, length: int = count) -> np.ndarray:
        return size * rng.normal(size=length).cumsum()

    if kind == "same period":
        lever = 10 + noise(2)
        return 100 + 3 * lever + 5 * wave + noise(4), lever[None]
    if kind == "beside five others":
        levers = noise(2, 6, count)
        return 100 + 3 * levers[0] + 5 * wave + noise(4), levers
    if kind == "one before":
        lever = lasting(0.5, count + 1)
        return 100 + 4 * lever[:-1] + noise(3), lever[None, 1:]
    if kind == "four before":
        lever = noise(1, count + 4)
        return 100 + 4 * lever[:-4] + noise(3), lever[None, 4:]
    if kind == "two before, wandering":
        lever = walk(length=count + 2)
        return 100 + 4 * lever[:-2] + noise(6), lever[None, 2:]
    if kind == "two before, KPI lasting":
        lever = lasting(0.5, count + 2)
        return 100 + 3 * lever[:-2] + 3 * lasting(0.7), lever[None, 2:]
    if kind == "saturating":
        lever = rng.uniform(0, 10, count)
        return 100 + 20 * (1 - np.exp(-lever / 2)) + noise(3), lever[None]
    if kind == "noise":
        return 100 + 5 * wave + noise(4), noise(1, 1, count)
    if kind == "three of noise":
        return 100 + 5 * wave + noise(4), noise(1, 3, count)
    if kind == "walks":
        return 100 + walk(), walk()[None]
    if kind == "six walks":
        return 100 + walk(), noise(1, 6, count).cumsum(axis=1)
    if kind == "walks with a season":
        return 100 + 5 * wave + walk(), (10 + 3 * wave + walk())[None]
    if kind == "trends":
        return 100 + 0.5 * at + noise(4), (10 + 0.2 * at + noise(1))[None]
    if kind == "seasons":
        return 100 + 20 * wave + noise(4), (10 + 5 * wave + noise(1))[None]
    if kind == "seasons with a peak":
        peak = (at % season == season - 1).astype(float)
        return 100 + 30 * peak + noise(4), (10 + 8 * peak + noise(1))[None]
    if kind == "lasting":
        return 100 + 4 * lasting(0.8), lasting(0.8)[None]
    if kind == "follows":
        values = 100 + 10 * lasting(0.6, count + 1)
        return values[1:], (0.1 * values[:-1] + noise(0.2))[None]
    if kind == "follows a walk":
        values = 100 + walk(5, count + 1)
        return values[1:], (0.1 * values[:-1] + noise(0.2))[None]
    if kind == "outlier":
        values, lever = 100 + noise(4), noise(1)
        values[count // 2] += 80
        lever[count // 2] += 10
        return values, lever[None]
    if kind == "counts":
        values = rng.poisson(4, count).astype(float)
        return values, rng.poisson(3, (1, count)).astype(float)
    if kind == "level shift":
        late = at > count // 2 + 3
        values = 100 + 10.0 * (at > count // 2) + noise(4)
        return values, (10 + 3.0 * late + noise(1))[None]
    raise ValueError(kind)
