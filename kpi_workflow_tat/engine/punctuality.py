"""What may be said of shares of decisions in time: nothing that chance explains.

Shares differ where their 95% intervals (Wilson 1927) have nothing in common.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, NamedTuple

from odoo.addons.kpi_tracking_analytics.analytics.reliability import (
    are_apart,
    wilson_interval,
)


class Share(NamedTuple):
    """How many of ``count`` decisions were in time."""

    met: int
    count: int

    @property
    def ratio(self) -> float:
        return self.met / self.count


def find_late(shares: Mapping[Hashable, Share]) -> list[Hashable]:
    """Those clearly less often in time than all others together, worst first.

    :param shares: each of at least one decision
    """
    met = sum(share.met for share in shares.values())
    count = sum(share.count for share in shares.values())
    found = []
    for key, share in shares.items():
        rest = Share(met - share.met, count - share.count)
        if rest.count and is_lower(share, rest):
            found.append(key)
    return sorted(found, key=lambda key: shares[key].ratio)


def is_lower(share: Share, other: Share) -> bool:
    """Whether a share is clearly lower than another one; each of at least one."""
    apart = are_apart(wilson_interval(*share), wilson_interval(*other))
    return apart and share.ratio < other.ratio


def compare_ends(shares: Sequence[Share]) -> Literal["fewer", "more", "same"] | None:
    """Late decisions of the last period against the first one, both with decisions.

    :param shares: of periods, oldest first; those without decisions are passed over
    :return: ``same`` where chance explains the difference; None: of fewer than two
    """
    known = [share for share in shares if share.count]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    if is_lower(first, last):
        return "fewer"
    return "more" if is_lower(last, first) else "same"
