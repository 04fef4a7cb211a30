"""Who is told now, who later and who not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SEVERITY_RANKS = {"info": 0, "warning": 1, "critical": 2, "urgent": 3}
URGENT_RANK = SEVERITY_RANKS["urgent"]
# What waits is decided anew as often, whatever it is for.
LOOK_AGAIN = timedelta(days=1)

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
    quiet hours put it off, and a KPI that keeps changing until it is calm. Quiet hours
    leave people alone, but for what is urgent.

    :param now: UTC
    """
    later = now + LOOK_AGAIN
    if known.change == "resolved":
        if known.flapping_until and known.has_newer:
            return DROP  # what has fired since is told, or ends, by itself
        ends = {"flapping": known.flapping_until, "quiet": known.quiet_until}
    else:
        is_seen_to = known.state == "acknowledged" and known.change != "reminded"
        if known.state == "resolved" or is_seen_to:
            return DROP
        is_flapping = known.flapping_until and known.flapping_until > now
        is_urgent = SEVERITY_RANKS[known.severity] >= URGENT_RANK
        snoozed_until = known.snoozed_until or later
        ends = {  # one message says that it keeps changing, cooldown or not
            "muted": later if known.is_muted else None,
            "snoozed": snoozed_until if known.state == "snoozed" else None,
            "silence": known.silenced_until,
            "flapping": known.flapping_until if known.knows_flapping else None,
            "cooldown": None if is_flapping else known.cooldown_until,
            "part_of": later if known.is_part else None,
            "quiet": None if is_urgent else known.quiet_until,
        }
    for reason, end in ends.items():
        if end and end > now:
            return Decision("hold", reason, min(end, later))
    return TELL
