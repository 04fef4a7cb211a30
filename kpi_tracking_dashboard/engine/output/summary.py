"""What the head of a dashboard says of all its KPIs.

Says what ``static/src/screens/dashboard/board_summary.js`` says on a TV.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

WORST_FIRST = ("off_target", "at_risk", "on_target")
Body = dict[str, Any]


def is_judged(kpi: Body) -> bool:
    """Whether a KPI of an answer has a value that is compared with a target."""
    return bool(kpi["has_value"]) and kpi["status"] in WORST_FIRST


def list_kpis(answer: Body) -> Iterator[Body]:
    """All single KPIs that tiles show.

    :param answer: as ``kpi.dashboard.data`` gives it
    """
    for tile in answer["tiles"]:
        if tile.get("kpi"):
            yield tile["kpi"]
        yield from (tile.get("card") or {}).get("rows") or ()


def count_statuses(answer: Body) -> dict[str, int]:
    """How many KPIs have each status, best first, without statuses that none has.

    One that is shown twice counts once, by its worst status.
    """
    ranks: dict[int, int] = {}
    for kpi in filter(is_judged, list_kpis(answer)):
        rank, known = WORST_FIRST.index(kpi["status"]), kpi["report_id"]
        ranks[known] = min(rank, ranks.get(known, rank))
    counts = Counter(ranks.values())
    places = reversed(range(len(WORST_FIRST)))
    return {WORST_FIRST[at]: counts[at] for at in places if counts[at]}


def say_statuses(answer: Body, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The counts in words, such as “8 on track”, each after its status."""
    counts = count_statuses(answer)
    return [(status, words[f"count_{status}"] % counts[status]) for status in counts]


def main_period(answer: Body) -> tuple[str, bool]:
    """The label of the period that most KPIs have, and whether it runs.

    Without KPIs the label of what was asked for.
    """
    found = Counter(
        (period["label"], bool(kpi.get("is_running")))
        for kpi in list_kpis(answer)
        if kpi["has_value"] and (period := kpi.get("period") or {}).get("label")
    )
    if not found:
        return (answer.get("periods") or {}).get("label") or "", False
    return found.most_common(1)[0][0]
