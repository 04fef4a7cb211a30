"""What the overview costs: as the administrator, at 5, 50 and 500 KPIs."""

from collections.abc import Iterator
from typing import Any

from _calls import caller, medians, server
from _harness import Bench, DifferentResults, Figure, case, count_statements
from _kpis import MONTHS, TARGET, track

COUNTS = (5, 50, 500)
MOST_STATEMENTS = 14


@case("engine")
def home(bench: Bench) -> Iterator[Figure]:
    """Statements and time of the overview, with stars, a dashboard and notes."""
    statements, seconds, made = {}, {}, 0
    board = bench.env["kpi.dashboard"].create({"name": "Bench"})
    for count in COUNTS:
        kpis = make_kpis(bench.env, made, count)
        made = count
        _show(board, kpis)
        bench.env.cr.commit()
        _check(bench.env, count)
        statements[count] = _statements(bench.env)
        seconds[count] = _time(bench)
    if len(set(statements.values())) > 1:
        raise DifferentResults(f"Statements by number of KPIs: {statements}")
    limit = float(MOST_STATEMENTS)
    yield Figure("home_statements", statements[500], "queries", limit, "<= 1")
    for name, count in (("home_vs_trivial", 50), ("home_500_vs_trivial", 500)):
        trivial, own = (1000 * each for each in seconds[count])
        yield Figure(name, own, "ms", trivial, "<= 6" if count == 50 else "")


def _time(bench: Bench) -> list[float]:
    """Median seconds of a trivial call and of the overview, over HTTP."""
    with server(bench.database) as url:
        call = caller(url)
        return medians(
            lambda: call("res.users", "has_group", [[2], "base.group_user"]),
            lambda: call("kpi.home", "get_summary", []),
        )


def make_kpis(env: Any, first: int, stop: int) -> Any:
    """More KPIs of the company, each with a target and values of three years."""
    summed = {"aggregation_time": "sum", "aggregation_scope": "sum"}
    more = {"first": first, "months": MONTHS, "target": TARGET}
    kpis = track(env, stop - first, "Bench", **more, **summed)
    kpis._refresh_current()
    env.cr.execute("ANALYZE")
    return kpis


def _show(board: Any, kpis: Any) -> None:
    """Tiles on the dashboard, a star and a note: all that the overview has."""
    card = board.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
    board.env["kpi.dashboard.tile"].create(
        [
            {
                "dashboard_id": board.id,
                "kind": "card",
                "card_id": card.id,
                "definition_ids": kpi.definition_id.ids,
            }
            for kpi in kpis[:4]
        ]
    )
    own = kpis.with_user(board.env.ref("base.user_admin"))
    own[:3].star()
    own.env["kpi.annotation"].create(
        {"report_id": own[0].id, "date": "2026-01-01", "text": "A note"}
    )


def _as_admin(env: Any) -> Any:
    admin = env.ref("base.user_admin")
    context = {"allowed_company_ids": env.company.ids, "lang": "en_US"}
    return env["kpi.home"].with_user(admin).with_context(context)


def _check(env: Any, count: int) -> None:
    """All KPIs are counted, and the cards have their values."""
    found = _as_admin(env).get_summary()
    cards = {card["report_id"]: card["value"] for card in found["cards"]}
    if sum(found["counts"].values()) != count or None in cards.values():
        raise DifferentResults(f"Of {count} KPIs: {found['counts']}, {cards}")


def _statements(env: Any) -> int:
    own = _as_admin(env)
    return count_statements(own.env, own.get_summary)
