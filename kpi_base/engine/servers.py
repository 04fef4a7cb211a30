"""What is amiss with servers that share a database, from what each says of itself."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

MOST_SILENCE = 150.0  # seconds; each says something once a minute
MOST_CLOCK = 2.0  # seconds off the database's clock
MOST_BEHIND = 30.0  # seconds of a replica


def find_problems(
    servers: Sequence[dict[str, Any]], lanes: int
) -> dict[str, list[str]]:
    """What to do something about, the most urgent first.

    :param servers: as ``kpi.server`` lists them
    :param lanes: computations at once that somebody has asked for
    :return: what is amiss → names of the servers that it is about
    """
    living = [each for each in servers if each["silence"] <= MOST_SILENCE]
    releases = Counter(each["release"] for each in living)
    # of two that are equally frequent the later one is right
    usual = max(releases, key=lambda name: (releases[name], name), default=None)
    workers = sum(each["workers"] for each in living)
    amiss = {
        "pooled": lambda server: not server["has_locks"],
        "files": lambda server: not server["has_files"],
        "release": lambda server: server["release"] != usual,
        "clock": lambda server: abs(server["clock"]) > MOST_CLOCK,
        "replica": lambda server: server["replica"] and _is_behind(server),
        "workers": lambda _server: workers < lanes,
        "sessions": lambda server: not server["has_sessions"],
    }
    silent = [each["name"] for each in servers if each not in living]
    found = {"silent": silent} if living or silent else {"nobody": [""]}
    for code, is_amiss in amiss.items():
        found[code] = [each["name"] for each in living if is_amiss(each)]
    return {code: names for code, names in found.items() if names}


def _is_behind(server: dict[str, Any]) -> bool:
    """Whether the replica is late, or was not reached."""
    behind = server["replica_behind"]
    return behind is None or behind > MOST_BEHIND
