"""Who is told now, who later and who not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SEVERITY_RANKS = {"info": 0, "warning": 1, "critical": 2, "urgent": 3}
URGENT_RANK = SEVERITY_RANKS["urgent"]
LOOK_AGAIN = timedelta(
    days=1
)  # what waits is decided anew as often, whatever it is for

Change = Literal["fired", "escalated", "reminded", "resolved"]
State = Literal["firing", "acknowledged", "snoozed", "resolved"]
Hold = Literal[
    "muted", "snoozed", "silence", "flapping", "cooldown", "part_of", "quiet"
]


@dataclass(frozen=True)
class Known:
    """What is known of an alert and one person who is to be told of a change of it.

    Moments are UTC; None = does not apply.

    :param is_muted: the person wants nothing of the rule
    :param silenced_until: end of the last silence that holds now
    :param cooldown_until: so long after the alert before of the same KPI
    :param flapping_until: when the KPI counts as calm, of one that keeps changing
    :param knows_flapping: the person was told that it keeps changing
    :param has_newer: the rule has fired for the KPI again since
    :param quiet_until: end of the person's quiet hours
    :param is_part: the person knows of an alert, at least as bad, of a KPI that this
        one is part of
    """

    change: Change
    severity: str
    state: State
    is_muted: bool = False
    snoozed_until: datetime | None = None
    silenced_until: datetime | None = None
    cooldown_until: datetime | None = None
    flapping_until: datetime | None = None
    knows_flapping: bool = False
    has_newer: bool = False
    quiet_until: datetime | None = None
    is_part: bool = False


@dataclass(frozen=True)
class Decision:
    """What becomes of a message.

    :param verdict: ``tell`` now, ``hold`` until ``due_at``, ``drop`` for good
    :param reason: what it waits for
    """

    verdict: Literal["tell", "hold", "drop"]
    reason: Hold | None = None
    due_at: datetime | None = None


TELL, DROP = Decision("tell"), Decision("drop")


def decide(known: Known, now: datetime) -> Decision:
    """Decide whether somebody is told of a change of an alert at this moment.

    The end of an alert is told to whoever knows of it, through silences and mutes: only
    quiet hours put it off, and a KPI that keeps changing until it is calm.

    :param now: UTC
    """
    if known.change == "resolved":
        if known.flapping_until and known.has_newer:
            return DROP  # what has fired since is told, or ends, by itself
        return _hold_until(now, flapping=known.flapping_until) or _rest(known, now)
    if known.state == "resolved":
        return DROP
    if known.change != "reminded" and known.state == "acknowledged":
        return DROP  # somebody has seen to it
    if known.is_muted:
        return Decision("hold", "muted", now + LOOK_AGAIN)
    held = _hold_until(now, snoozed=_end_of_snooze(known, now))
    held = held or _hold_until(now, silence=known.silenced_until)
    if held:
        return held
    flapping = _hold_until(now, flapping=known.flapping_until)
    if flapping and known.knows_flapping:
        return flapping
    cooldown = _hold_until(now, cooldown=known.cooldown_until)
    if cooldown and not flapping:
        return cooldown
    if known.is_part:
        return Decision("hold", "part_of", now + LOOK_AGAIN)
    return _rest(known, now)


def _end_of_snooze(known: Known, now: datetime) -> datetime | None:
    if known.state != "snoozed":
        return None
    return known.snoozed_until or now + LOOK_AGAIN


def _rest(known: Known, now: datetime) -> Decision:
    """Leave people alone in their quiet hours, but for what is urgent."""
    is_urgent = SEVERITY_RANKS[known.severity] >= URGENT_RANK
    if is_urgent and known.change != "resolved":
        return TELL
    return _hold_until(now, quiet=known.quiet_until) or TELL


def _hold_until(now: datetime, **ends: datetime | None) -> Decision | None:
    ((reason, end),) = ends.items()
    if not end or end <= now:
        return None
    return Decision("hold", reason, min(end, now + LOOK_AGAIN))
