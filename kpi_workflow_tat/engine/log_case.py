"""Outcome of a case, by what was done in it."""

from collections.abc import Collection, Sequence


def judge_case(
    activities: Sequence[str],
    approving: Collection[str] = (),
    rejecting: Collection[str] = (),
) -> str:
    """``approved``, ``rejected`` or ``pending``: the last activity that decides counts.

    :param activities: of the case, in their order, in lower case
    :param approving: activities that complete a case; none named: every case that is
        not rejected is complete
    :param rejecting: activities that end a case without success
    """
    for activity in reversed(activities):
        if activity in rejecting:
            return "rejected"
        if activity in approving:
            return "approved"
    return "pending" if approving else "approved"


def split_names(text: str | None) -> frozenset[str]:
    """Names in a text, parted by semicolons, in lower case."""
    parts = (part.strip().casefold() for part in (text or "").split(";"))
    return frozenset(filter(None, parts))
