"""Which channels customers met before they bought: several ways to share out successes.

None of them shows that a channel caused anything: people who would have bought anyway
meet channels, too. Several ways side by side show how much depends on the way chosen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

HALF_LIFE_DAYS = 7.0
ENDS_SHARE = 0.4  # of position-based credit: to the first and to the last channel
# of more, the rarest are one: what few people met says little
MOST_CHANNELS = 12
OTHER = "other"
# of the design of a regression that leaves no effect open: its smallest singular value
# relative to the largest, of columns of length 1
MIN_SINGULAR = 0.1


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

    :ivar lead: the method to begin with: ``last`` where most people met one channel, so
        that there is nothing to share, otherwise ``markov``; empty without a success
    :ivar single_share: of people, those who met one channel
    :ivar unidentified: methods without credits, as the paths leave them open
    """

    credits: dict[str, dict[str, float]]
    lead: str = ""
    single_share: float = 0.0
    unidentified: tuple[str, ...] = ()

    @property
    def spread(self) -> dict[str, float]:
        """By channel: how far the methods are apart, highest less lowest."""
        ways = [*self.credits.values()]
        return {
            channel: max(one[channel] for one in ways)
            - min(one[channel] for one in ways)
            for channel in (ways and ways[0])
        }


def attribute(paths: Iterable[Path]) -> Attribution:
    """Credit by every method of ``METHODS`` that these paths identify."""
    paths = _merge_rare([path for path in paths if path.channels])
    if not sum(path.successes for path in paths):
        return Attribution({})
    people = sum(path.people for path in paths)
    single = sum(path.people for path in paths if len({*path.channels}) == 1)
    unidentified = () if is_exposure_identified(paths) else ("exposure",)
    return Attribution(
        {
            name: share(paths)
            for name, share in METHODS.items()
            if name not in unidentified
        },
        "last" if 2 * single > people else "markov",
        single / people,
        unidentified,
    )


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


def exposure(paths: list[Path]) -> dict[str, float]:
    """Least squares of success on the channels that were met, weighted by people.

    What people would buy who met no channel at all is the constant, and nobody's
    credit. See ``is_exposure_identified``.
    """
    channels = _channels(paths)
    people, seen, design = _build_design(paths)
    rate = np.array([path.successes for path in paths]) / people
    found = np.linalg.lstsq(design, rate * np.sqrt(people), rcond=None)[0][1:]
    credit = np.maximum(found, 0) * (people @ seen)
    return _shares(paths, dict(zip(channels, credit.tolist(), strict=True)))


def is_exposure_identified(paths: list[Path]) -> bool:
    """Whether who met which channels separates the effects of these.

    Where each met one channel, the channels add up to the constant: any credit fits as
    well as another (the design has not full rank; Belsley, Kuh & Welsch 1980 on columns
    that nearly add up).
    """
    _people, _seen, design = _build_design(paths)
    sizes = np.linalg.svd(design / np.linalg.norm(design, axis=0), compute_uv=False)
    is_full = len(design) >= design.shape[1]
    return bool(is_full and sizes[-1] >= MIN_SINGULAR * sizes[0])


def _build_design(paths: list[Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People of each path, which channels they met, and the design of least squares:
    a constant and the channels, weighted by people."""
    channels = _channels(paths)
    seen = np.array(
        [[channel in path.channels for channel in channels] for path in paths]
    )
    people = np.array([path.people for path in paths], dtype=float)
    design = np.column_stack([np.ones(len(paths)), seen]) * np.sqrt(people)[:, None]
    return people, seen, design


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
    "first": partial(_weigh, first_touch),
    "last": partial(_weigh, last_touch),
    "linear": partial(_weigh, linear),
    "position": partial(_weigh, position_based),
    "time_decay": partial(_weigh, time_decay),
    "markov": markov,
    "exposure": exposure,  # where it is identified
}
