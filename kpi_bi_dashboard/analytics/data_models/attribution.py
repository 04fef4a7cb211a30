"""Which channels customers met before they bought: several ways to share out successes.

None of them shows that a channel caused anything: people who would have bought anyway
meet channels, too. Several ways side by side show how much depends on the way chosen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import combinations, pairwise
from math import factorial

import numpy as np

HALF_LIFE_DAYS = 7.0
ENDS_SHARE = 0.4  # of position-based credit: to the first and to the last channel
# coalitions double with each channel; of more the rarest are one
MOST_CHANNELS = 12
OTHER = "other"


@dataclass(frozen=True)
class Path:
    """What some people met on their way, in order.

    :ivar channels: at least one
    :ivar successes: how many of them bought, or what they bought for
    :ivar people: how many went this way, at least 1
    :ivar ages: days before the end at which each channel was met; empty = not known
    """

    channels: tuple[str, ...]
    successes: float
    people: int = 1
    ages: tuple[float, ...] = ()


@dataclass(frozen=True)
class Attribution:
    """Credit of each channel by each method; the credits of a method add up to 1.

    :ivar spread: by channel: how far the methods are apart, highest less lowest
    """

    credits: dict[str, dict[str, float]]

    @property
    def spread(self) -> dict[str, float]:
        ways = [*self.credits.values()]
        return {
            channel: max(one[channel] for one in ways)
            - min(one[channel] for one in ways)
            for channel in (ways and ways[0])
        }


def attribute(paths: Iterable[Path]) -> Attribution:
    """Credit by every method of ``METHODS``."""
    paths = _merge_rare([path for path in paths if path.channels])
    if not sum(path.successes for path in paths):
        return Attribution({})
    return Attribution({name: share(paths) for name, share in METHODS.items()})


def first_touch(path: Path) -> list[float]:
    """All credit to the first channel."""
    return [1.0] + [0.0] * (len(path.channels) - 1)


def last_touch(path: Path) -> list[float]:
    """All credit to the last channel."""
    return first_touch(path)[::-1]


def linear(path: Path) -> list[float]:
    """As much to each channel that was met, however often."""
    met = Counter(path.channels)
    return [1 / met[channel] / len(met) for channel in path.channels]


def position_based(path: Path) -> list[float]:
    """40% each to the first and the last channel, the rest to those between."""
    count = len(path.channels)
    if count <= 2:
        return [1 / count] * count
    middle = (1 - 2 * ENDS_SHARE) / (count - 2)
    return [ENDS_SHARE, *[middle] * (count - 2), ENDS_SHARE]


def time_decay(path: Path) -> list[float]:
    """Half as much for each week before the end; without days, for each place."""
    steps = np.array(path.ages) / HALF_LIFE_DAYS
    if not path.ages:
        steps = np.arange(len(path.channels))[::-1]
    raw = 0.5 ** (steps - steps.min())
    return (raw / raw.sum()).tolist()


def markov(paths: list[Path]) -> dict[str, float]:
    """By how much fewer would buy if a channel led nowhere.

    A chain of first order from channel to channel; Anderl et al. 2016 (International
    Journal of Research in Marketing 33, 457–474).
    """
    channels = _channels(paths)
    place = {channel: number for number, channel in enumerate(channels)}
    start, bought, lost = len(channels), len(channels) + 1, len(channels) + 2
    counts = np.zeros((len(channels) + 3,) * 2)
    for path in paths:
        steps = [start, *(place[channel] for channel in path.channels)]
        for one, other in pairwise(steps):
            counts[one, other] += path.people
        won = min(path.successes, path.people)
        counts[steps[-1], bought] += won
        counts[steps[-1], lost] += path.people - won
    rows = counts[:bought].sum(axis=1, keepdims=True)
    moves = counts[:bought] / np.where(rows > 0, rows, 1)

    def success(without: int | None = None) -> float:
        inner = moves[:, :bought].copy()
        if without is not None:
            inner[:, without] = 0
        solved = np.linalg.solve(np.eye(bought) - inner, moves[:, bought])
        return float(solved[start])

    whole = success()
    effects = {
        channel: 1 - success(number) / whole for channel, number in place.items()
    }
    return _shares(paths, effects)


def shapley(paths: list[Path]) -> dict[str, float]:
    """Shapley value of the rate at which people buy who met just these channels."""
    people: Counter[frozenset[str]] = Counter()
    won: Counter[frozenset[str]] = Counter()
    for path in paths:
        people[frozenset(path.channels)] += path.people
        won[frozenset(path.channels)] += path.successes
    rates = {group: won[group] / people[group] for group in people}
    values, met = shapley_values(_channels(paths), rates), _count_met(paths)
    # a channel's value is that of one person who met it
    return _shares(paths, {c: max(values[c], 0) * met[c] for c in values})


def shapley_values(
    players: list[str], worths: Mapping[frozenset[str], float]
) -> dict[str, float]:
    """What each player adds to a coalition on average (Shapley 1953).

    :param worths: of coalitions; one that is not given has the mean worth, weighted by
        size, of the given ones within it
    """

    @cache
    def worth(group: frozenset[str]) -> float:
        if group in worths:
            return worths[group]
        inner = [(len(one), worths[one]) for one in worths if one < group]
        weight = sum(size for size, _worth in inner)
        return sum(size * one for size, one in inner) / weight if weight else 0.0

    count = len(players)
    values = {}
    for player in players:
        others = [one for one in players if one != player]
        values[player] = sum(
            factorial(size) * factorial(count - size - 1) / factorial(count)
            * (worth(frozenset((*group, player))) - worth(frozenset(group)))
            for size in range(count)
            for group in combinations(others, size)
        )  # fmt: skip
    return values


def exposure(paths: list[Path]) -> dict[str, float]:
    """Least squares of success on the channels that were met, weighted by people.

    What people would buy who met no channel at all is the constant, and nobody's
    credit.
    """
    channels = _channels(paths)
    seen = np.array(
        [[channel in path.channels for channel in channels] for path in paths]
    )
    people = np.array([path.people for path in paths], dtype=float)
    rate = np.array([path.successes for path in paths]) / people
    design = np.column_stack([np.ones(len(paths)), seen]) * np.sqrt(people)[:, None]
    found = np.linalg.lstsq(design, rate * np.sqrt(people), rcond=None)[0][1:]
    credit = np.maximum(found, 0) * (people @ seen)
    return _shares(paths, dict(zip(channels, credit.tolist(), strict=True)))


def _channels(paths: list[Path]) -> list[str]:
    return sorted({channel for path in paths for channel in path.channels})


def _weigh(
    weights: Callable[[Path], list[float]], paths: list[Path]
) -> dict[str, float]:
    """By the ``weights`` of what was met on each path."""
    credit = dict.fromkeys(_channels(paths), 0.0)
    for path in paths:
        for channel, weight in zip(path.channels, weights(path), strict=True):
            credit[channel] += weight * path.successes
    return _shares(paths, credit)


def _shares(paths: list[Path], credit: Mapping[str, float]) -> dict[str, float]:
    """As parts of 1; where nothing stands out, by how often channels were met."""
    parts = credit if sum(credit.values()) > 0 else _count_met(paths)
    return {channel: parts[channel] / sum(parts.values()) for channel in credit}


def _count_met(paths: list[Path]) -> Counter[str]:
    """How many people met each channel."""
    met: Counter[str] = Counter()
    for path in paths:
        for channel in {*path.channels}:
            met[channel] += path.people
    return met


def _merge_rare(paths: list[Path]) -> list[Path]:
    met = _count_met(paths)
    if len(met) <= MOST_CHANNELS:
        return paths
    kept = sorted(met, key=lambda one: (-met[one], one))[: MOST_CHANNELS - 1]
    names = {channel: channel if channel in kept else OTHER for channel in met}
    return [
        replace(path, channels=tuple(map(names.get, path.channels))) for path in paths
    ]


METHODS: dict[str, Callable[[list[Path]], dict[str, float]]] = {
    "exposure": exposure,  # the nearest to known effects in simulated paths
    "first": partial(_weigh, first_touch),
    "last": partial(_weigh, last_touch),
    "linear": partial(_weigh, linear),
    "position": partial(_weigh, position_based),
    "time_decay": partial(_weigh, time_decay),
    "markov": markov,
    "shapley": shapley,
}
