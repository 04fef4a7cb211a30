"""Which threshold is announced, of those that were passed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reminder:
    """The one threshold to announce.

    :ivar superseded: lower ones that were passed and never announced, ascending: the
        server was down, or the request came with most of its time used
    """

    percent: int
    superseded: tuple[int, ...] = ()


def find_reminder(
    moments: Mapping[int, int | None], announced: int, now: int
) -> Reminder | None:
    """The highest threshold that was passed, unless it or a higher one is announced.

    :param moments: percent → instant that it falls due, None = not foreseeable
    :param announced: highest percentage that was announced before; 0: none was
    """
    passed = sorted(
        percent
        for percent, moment in moments.items()
        if moment is not None and moment <= now and percent > announced
    )
    return Reminder(passed[-1], tuple(passed[:-1])) if passed else None


def find_next_moment(moments: Mapping[int, int | None], announced: int) -> int | None:
    """When a clock has to be looked at next; None = never, as it stands."""
    return min(
        (
            moment
            for percent, moment in moments.items()
            if moment is not None and percent > announced
        ),
        default=None,
    )
