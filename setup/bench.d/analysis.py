"""What it costs to analyse all KPIs in Odoo, beside the functions alone."""

import time
from collections.abc import Iterator
from typing import Any

from _harness import Bench, DifferentResults, Figure, case, count_statements
from dashboard_data import fill_months

DEFINITIONS, USERS = 250, 40  # 10,000 reports
MONTHS = 36
FEW = 500


@case("engine", group="forecast")
def analyse(bench: Bench) -> Iterator[Figure]:
    """Ten thousand KPIs with three years of months, chunk by chunk as the job does.

    The functions are what a run spends in ``analytics.judged.analyse``.
    """
    env = bench.env
    reports = _make_reports(env)
    few = _count_statements(env, reports[:FEW])
    chunk = _count_statements(env, reports[: _chunk_size()])
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


def _make_reports(env: Any) -> Any:
    users = env["res.users"].create(
        [{"name": f"Seller {n}", "login": f"seller_{n}"} for n in range(USERS)]
    )
    definitions = env["kpi.definition"].create(
        [
            {
                "name": f"Analysed {n}",
                "code": f"analysed_{n}",
                "computation": "manual",
                "aggregation_time": "sum",
                "history_start": "2020-01-01",
            }
            for n in range(DEFINITIONS)
        ]
    )
    definitions._track_for("user", users)
    reports = definitions.report_ids
    env.flush_all()
    fill_months(env, definitions, MONTHS)
    env.cr.commit()
    env.cr.execute("ANALYZE")
    return reports


def _chunk_size() -> int:
    from odoo.addons.kpi_tracking_analytics.models.kpi_job import CHUNK

    return CHUNK


def _count_statements(env: Any, reports: Any) -> float:
    analytics = env["kpi.predictive.analytics"]
    return count_statements(env, lambda: analytics._analyse(reports))


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
