from datetime import datetime, timedelta

import pytest

from ...engine.routing import Decision, Known, decide

NOW = datetime(2026, 3, 2, 12, 0)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=5)
PAST, FAR = NOW - timedelta(minutes=1), NOW + timedelta(days=300)
TOMORROW = NOW + timedelta(days=1)
TELL, DROP = Decision("tell"), Decision("drop")


def hold(reason, due_at):
    return Decision("hold", reason, due_at)


def fired(**values):
    return Known(
        **{"change": "fired", "severity": "warning", "state": "firing", **values}
    )


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (fired(), TELL),
        # somebody has seen to it, or it is over
        (fired(state="acknowledged"), DROP),
        (fired(state="resolved"), DROP),
        (fired(change="escalated", state="acknowledged"), DROP),
        (fired(change="escalated", state="resolved"), DROP),
        (fired(change="reminded", state="acknowledged"), TELL),
        (fired(change="reminded", state="resolved"), DROP),
        # what waits, and for how long
        (fired(is_muted=True), hold("muted", TOMORROW)),
        (fired(state="snoozed", snoozed_until=SOON), hold("snoozed", SOON)),
        (fired(state="snoozed"), hold("snoozed", TOMORROW)),
        (fired(silenced_until=LATER), hold("silence", LATER)),
        (fired(silenced_until=PAST), TELL),
        (fired(cooldown_until=SOON), hold("cooldown", SOON)),
        (fired(cooldown_until=PAST), TELL),
        (fired(is_part=True), hold("part_of", TOMORROW)),
        (fired(quiet_until=LATER), hold("quiet", LATER)),
        # a moment that a wrong clock has set is looked at again within a day
        (fired(silenced_until=FAR), hold("silence", TOMORROW)),
        # what lasts longest is not guessed: the first hold, and then the next
        (fired(silenced_until=SOON, quiet_until=LATER), hold("silence", SOON)),
        # urgent ones wake people, and no other hold gives way
        (fired(severity="urgent", quiet_until=LATER), TELL),
        (fired(severity="critical", quiet_until=LATER), hold("quiet", LATER)),
        (fired(severity="urgent", silenced_until=SOON), hold("silence", SOON)),
        (fired(severity="urgent", is_part=True), hold("part_of", TOMORROW)),
        # one message says that it keeps changing, even within the cooldown
        (fired(flapping_until=LATER, cooldown_until=SOON), TELL),
        (
            fired(flapping_until=LATER, knows_flapping=True),
            hold("flapping", LATER),
        ),
        (fired(flapping_until=PAST, knows_flapping=True), TELL),
        # the end is told through silences, mutes and families
        (
            fired(
                change="resolved",
                state="resolved",
                is_muted=True,
                silenced_until=LATER,
                cooldown_until=LATER,
                is_part=True,
            ),
            TELL,
        ),
        (
            fired(change="resolved", state="resolved", quiet_until=LATER),
            hold("quiet", LATER),
        ),
        # an end wakes nobody, however bad it was
        (
            fired(
                change="resolved",
                state="resolved",
                severity="urgent",
                quiet_until=LATER,
            ),
            hold("quiet", LATER),
        ),
        (
            fired(change="resolved", state="resolved", flapping_until=SOON),
            hold("flapping", SOON),
        ),
        (
            fired(change="resolved", state="resolved", flapping_until=PAST),
            TELL,
        ),
        (
            fired(
                change="resolved",
                state="resolved",
                flapping_until=PAST,
                has_newer=True,
            ),
            DROP,
        ),
        # of a KPI that is calm each end is told
        (fired(change="resolved", state="resolved", has_newer=True), TELL),
    ],
)
def test_decision(known, expected):
    assert decide(known, NOW) == expected


def test_what_is_held_is_due_after_now():
    """So that a sweep never meets the same message again at once."""
    ends = ("snoozed_until", "silenced_until", "cooldown_until", "quiet_until")
    for end in ends:
        for moment in (PAST, NOW, SOON, FAR):
            state = "snoozed" if end == "snoozed_until" else "firing"
            decision = decide(fired(state=state, **{end: moment}), NOW)
            assert decision.verdict != "hold" or decision.due_at > NOW
