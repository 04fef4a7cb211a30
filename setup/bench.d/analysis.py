"""What it costs to analyse all KPIs in Odoo, beside the functions alone."""

import time
from collections.abc import Iterator
from typing import Any

from _harness import Bench, DifferentResults, Figure, case, count_statements
from _kpis import track

DEFINITIONS, USERS = 250, 40  # 10,000 reports
MONTHS = 36
FEW = 500


@case("engine", group="forecast")
def analyse(bench: Bench) -> Iterator[Figure]:
    """Ten thousand KPIs with three years of months, chunk by chunk as the job does.

    The functions are what a run spends in ``analytics.judged.analyse``.
    """
    env = bench.env
    users = env["res.users"].create(
        [{"name": f"Seller {n}", "login": f"seller_{n}"} for n in range(USERS)]
    )
    more = {"months": MONTHS, "aggregation_time": "sum"}
    reports = track(env, DEFINITIONS, "Analysed", users, **more)
    env.cr.commit()
    analyse = env["kpi.predictive.analytics"]._analyse
    few, chunk = (
        count_statements(env, lambda count=count: analyse(reports[:count]))
        for count in (FEW, _chunk_size())
    )
    yield Figure("analyse_statements", chunk, "queries", few, "<= 1")
    env["kpi.predictive.point"].search([]).unlink()
    env["kpi.predictive.analytics"].search([]).unlink()
    whole, functions = _time(env, reports)
    yield Figure("analyse_vs_functions", whole, "s", functions, "<= 3")
    again, functions = _time(env, reports)
    yield Figure("analyse_unchanged_vs_functions", again, "s", functions)
    one = reports[0]
    last = env["kpi.measurement"].search([("report_id", "=", one.id)])[3]
    rows = [(one.id, last.period_start, last.value + 50)]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    analytics = env["kpi.predictive.analytics"]
    due = analytics._find_due()
    if due != one.ids:
        raise DifferentResults(f"{len(due)} KPIs are due, not one")
    started = time.perf_counter()
    analytics._analyse(env["kpi.report"].browse(due))
    yield Figure("analyse_one_changed_share", time.perf_counter() - started, "s", whole)


def _chunk_size() -> int:
    from odoo.addons.kpi_tracking_analytics.models.kpi_job import CHUNK

    return CHUNK


def _time(env: Any, reports: Any) -> tuple[float, float]:
    """Seconds of all chunks, and of these in the pure functions."""
    from odoo.addons.kpi_tracking_analytics.models import (
        kpi_predictive_analytics,
    )

    spent = []
    pure = kpi_predictive_analytics.analyse

    def timed(*arguments: Any) -> Any:
        started = time.perf_counter()
        found = pure(*arguments)
        spent.append(time.perf_counter() - started)
        return found

    kpi_predictive_analytics.analyse = timed
    try:
        started = time.perf_counter()
        size = _chunk_size()
        for at in range(0, len(reports), size):
            env["kpi.predictive.analytics"]._analyse(reports[at : at + size])
            env.cr.commit()
        whole = time.perf_counter() - started
    finally:
        kpi_predictive_analytics.analyse = pure
    return whole, sum(spent)
