"""The eight views of requests over a month, beside SQL written for that month."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from _harness import Bench, Figure, case, check_equal
from _tat_by_hand import QUERIES

DAYS, DAYS_AGO = 30, 60


@case("requests")
def tat_views(bench: Bench) -> Iterator[Figure]:
    """Each view over 30 days, of 200,000 requests in a year."""
    env = bench.env
    today = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for view, query in QUERIES.items():
        # What is open is young.
        ago = DAYS if view == "vw_workflow_aging" else DAYS_AGO
        start = today - timedelta(days=ago)
        period = {"start": start, "stop": start + timedelta(days=DAYS)}
        yield bench.compare(
            f"view_vs_sql_{view.removeprefix('vw_')}",
            ours=lambda view=view, period=period: _query_view(env, view, period),
            reference=lambda query=query, period=period: _query(env, query, period),
            same=check_equal,
            target="<= 2",
        )


def _query_view(env: Any, view: str, period: dict[str, datetime]) -> list[tuple]:
    env.cr.execute(
        "SELECT set_config('kpi_tat.date_from', %(start)s, true),"
        " set_config('kpi_tat.date_to', %(stop)s, true)",
        {name: str(moment) for name, moment in period.items()},
    )
    return _query(env, f"SELECT * FROM {view}", None)


def _query(env: Any, query: str, period: dict[str, datetime] | None) -> list[tuple]:
    env.cr.execute(query, period)
    return sorted(env.cr.fetchall())
