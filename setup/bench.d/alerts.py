"""Alert rules over all KPIs, beside the engine's full recompute of their values."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _kpis import vacuum
from engine_company import prepare, recompute

RULES, REPORTS_OF_A_RULE = 500, 200  # 100,000 pairs over 10,000 reports
TRENDS, ANOMALIES = 60, 40  # of these rules; the others are thresholds
FEW, MANY = 50, 5_000
FIRING = 50  # of so many KPIs one breaks what half of the rules compare
MOST_STATEMENTS = 20
CHANGED_SHARE = 97  # of so many KPIs one is looked at again
CHANGES = 100  # values that change one after the other, and escalations, for lags
SPREAD = 12  # seconds that escalations are due in
MOST_LAG = 2.0
PAUSE, STEP = 0.05, 0.002  # seconds between changes, and between looks
COMPARED = ("value", "target", "achievement", "previous", "last_year", "baseline")


@case("rows")
def alerts(bench: Bench) -> Iterator[Figure]:
    """500 rules, each over 200 of 10,000 KPIs, after their values were computed."""
    env = bench.env
    company = prepare(env)
    recompute(company)
    _judge_by_targets(env)
    _analyse(env)
    env["kpi.report"].search([]).owner_id = env.ref("base.user_admin")
    quiet, firing = {}, {}
    for count in (FEW, MANY, RULES):
        _make_rules(env, count)
        _evaluate(env)  # what a new day changes is looked at once
        _start_anew(env)
        firing[count] = _count_statements(env, "kpi.alert.notice", "_sweep_due")
        _mark(env)
        quiet[count] = _count_statements(env)
    share = _count_open(env) / (RULES * REPORTS_OF_A_RULE)
    if not 0.005 < share < 0.02:
        raise DifferentResults(f"{share:.1%} of the pairs have an open alert")
    for name, counted in (
        ("alert_statements", quiet),
        ("alert_statements_firing", firing),
    ):
        yield Figure(name, counted[RULES], "queries", MOST_STATEMENTS, "<= 1")
        most, least = max(counted.values()), min(counted.values())
        yield Figure(f"{name}_by_rules", most, "queries", least, "<= 1")
    (whole,) = bench.measure(lambda: _evaluate(env), before=lambda: _start_anew(env))
    (computed,) = bench.measure(
        lambda: recompute(company, force=True), before=env.cr.commit
    )
    yield Figure("alerts_vs_recompute", whole, "s", computed, "<= 0.25")
    few = _time_few(bench)
    yield Figure("alerts_incremental_share", few, "s", whole, "<= 0.1")
    yield from _measure_lags(bench)


def _judge_by_targets(env: Any) -> None:
    """Targets that nearly all KPIs reach in all months."""
    env.cr.execute(
        """
        INSERT INTO kpi_target_value
               (report_id, grain, period_start, period_stop, target, baseline,
                judged_value, achievement, status, judged_at)
        SELECT fact.report_id, fact.grain, fact.period_start,
               (fact.period_start + interval '1 month')::date,
               CASE WHEN fact.report_id %% %(firing)s = 0
                    THEN 2 * fact.value ELSE fact.value / 2 END,
               CASE WHEN fact.report_id %% %(firing)s = 0
                    THEN 2 * fact.value ELSE fact.value / 2 END,
               fact.value, 100, 'on_target', now()
          FROM kpi_measurement AS fact
         WHERE fact.grain = 'month' AND fact.value > 0
        """,
        {"firing": FIRING},
    )


def _analyse(env: Any) -> None:
    """Trends and unusual values, as an analysis leaves them."""
    env.cr.execute(
        """
        INSERT INTO kpi_trend_analysis (kpi_id, course, trend_periods, period_count)
        SELECT id, CASE WHEN id %% %(rare)s = 0 THEN 'worse' ELSE 'steady' END, 1, 12
          FROM kpi_report;
        INSERT INTO kpi_anomaly
               (report_id, period_start, period_last, oddest_start, kind, value,
                expected, margin, score_size, state)
        SELECT report_id, max(period_start), max(period_start), max(period_start),
               'spike', 1, 2, 0.5, 3, 'new'
          FROM kpi_measurement
         WHERE report_id %% %(rare)s = 0 AND grain = 'month'
      GROUP BY report_id
        """,
        {"rare": 2 * FIRING},
    )
    vacuum(env)


def _make_rules(env: Any, count: int) -> None:
    """As many rules as asked for, each with its share of the KPIs."""
    env["kpi.alert.event"].search([]).unlink()
    env["kpi.smart.alert"].search([]).unlink()
    first = env["kpi.report"].search([], limit=1)
    rules = env["kpi.smart.alert"].create(
        [
            {
                "name": f"Rule {number}",
                "company_id": False,
                "report_ids": [(6, 0, first.ids)],
                **_get_condition(number * RULES // count),
            }
            for number in range(count)
        ]
    )
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO kpi_smart_alert_report_rel (kpi_smart_alert_id, kpi_report_id)
        SELECT rule.id, report.id
          FROM unnest(%s) WITH ORDINALITY AS rule(id, place)
          JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place,
                       count(*) OVER () AS every
                  FROM kpi_report) AS report
            ON (report.place + rule.place * 7919) %% report.every < %s
            ON CONFLICT DO NOTHING;
        UPDATE kpi_smart_alert SET state = 'on', turned_on_at = now()
        """,
        (rules.ids, REPORTS_OF_A_RULE),
    )
    env.invalidate_all()
    _start_anew(env)
    vacuum(env)


def _get_condition(number: int) -> dict[str, Any]:
    """What a rule looks at, by its number among 500."""
    if number < TRENDS:
        return {"alert_type": "trend_deterioration"}
    if number < TRENDS + ANOMALIES:
        return {"alert_type": "anomaly_detected"}
    compared = COMPARED[number % len(COMPARED)]
    values = {"compared": compared, "periods": 1 + number % 3, "recent_periods": 1}
    # These are broken by one of fifty KPIs, the others by none.
    limit = {"target": 0.9, "achievement": 90.0, "baseline": -10.0}.get(compared)
    if limit:
        return {**values, "condition": "below", "threshold": limit}
    if number % 2:
        return {**values, "condition": "above", "threshold": 1e12}
    between = {"threshold": -1e12, "threshold_high": 1e12}
    return {**values, "condition": "outside", **between}


def _mark(env: Any, share: int = 1) -> None:
    """Have rules look at all KPIs, or at one of so many."""
    env.cr.execute("TRUNCATE kpi_alert_mark")
    env.cr.execute(
        "INSERT INTO kpi_alert_mark (report_id)"
        " SELECT id FROM kpi_report WHERE id %% %s = 0",
        (share,),
    )
    env.cr.commit()


def _start_anew(env: Any) -> None:
    env.cr.execute("DELETE FROM kpi_alert_event")
    env.invalidate_all()
    _mark(env)


def _evaluate(env: Any) -> None:
    env["kpi.smart.alert"]._sweep_marks()
    env.cr.commit()


def _count_statements(env: Any, *then: str) -> int:
    """Statements of a pass over the KPIs that are marked, until it is committed.

    :param then: model and method of the sweep after it
    """
    counted = 0
    for model, method in filter(None, (("kpi.smart.alert", "_sweep_marks"), then)):
        env.invalidate_all()
        before = env.cr.sql_log_count
        getattr(env[model], method)()
        env.cr.flush()
        counted += env.cr.sql_log_count - before
        env.cr.commit()
    return counted


def _count_open(env: Any) -> int:
    return env["kpi.alert.event"].search_count([("state", "!=", "resolved")])


def _time_few(bench: Bench) -> float:
    env = bench.env
    (seconds,) = bench.measure(
        lambda: _evaluate(env), before=lambda: _mark(env, CHANGED_SHARE)
    )
    return seconds


def _measure_lags(bench: Bench) -> Iterator[Figure]:
    """Lateness of the timer, which runs as in a server, in a thread of its own."""
    from odoo.addons.kpi_base.timer import ensure_timer

    env = bench.env
    env["kpi.alert.level"].create(
        [
            {"alert_id": rule_id, "after_minutes": 10, "whom": "owner"}
            for rule_id in env["kpi.smart.alert"].search([]).ids
        ]
    )
    env.flush_all()
    while True:
        moment = env["kpi.alert.notice"]._sweep_due()
        env.cr.commit()
        if not moment or moment > datetime.now(UTC).replace(tzinfo=None):
            break
    timer = ensure_timer(env.cr.dbname)
    try:
        yield _measure_evaluation_lag(env)
        yield _measure_due_lag(env)
    finally:
        timer.end()
        env["kpi.timer"]._notify()
        env.cr.commit()
        timer.join(MOST_LAG)


def _measure_evaluation_lag(env: Any) -> Figure:
    """From the commit of a value to the end of the evaluation that has read it."""
    seconds = []
    for report in env["kpi.report"].search([], limit=CHANGES):
        time.sleep(PAUSE)
        env["kpi.smart.alert"]._mark(report.ids)
        env.cr.commit()
        start = time.perf_counter()
        while _has_marks(env):
            time.sleep(STEP)
        seconds.append(time.perf_counter() - start)
    worst = _find_p99(seconds)
    return Figure("alert_evaluation_lag_p99_s", worst, "s", MOST_LAG, "<= 1")


def _measure_due_lag(env: Any) -> Figure:
    """From the moment of an escalation to the commit of its message.

    What is part of another KPI with an alert is decided by then, and held back.
    """
    env.cr.execute(
        """
        UPDATE kpi_alert_event AS event
           SET fired_at = planned.due_at - interval '10 minutes', severity = 'urgent',
               escalates_from = NULL, next_step_at = planned.due_at
          FROM (
            SELECT id, date_trunc('second', now() AT TIME ZONE 'UTC')
                       + interval '3 seconds'
                       + (row_number() OVER (ORDER BY id) * %(seconds)s / %(count)s)
                       * interval '1 second' AS due_at
              FROM kpi_alert_event
             WHERE state = 'firing'
          ORDER BY id
             LIMIT %(count)s
          ) AS planned
         WHERE planned.id = event.id
     RETURNING event.id, event.next_step_at
        """,
        {"count": CHANGES, "seconds": SPREAD},
    )
    due = dict(env.cr.fetchall())
    env["kpi.timer"]._notify()
    env.cr.commit()
    seen: dict[int, float] = {}
    end = time.monotonic() + SPREAD + 30
    while len(seen) < len(due) and time.monotonic() < end:
        env.cr.execute(
            "SELECT event_id FROM kpi_alert_notice"
            " WHERE change = 'escalated' AND event_id = ANY(%s)"
            "   AND (state = 'told' OR hold_reason = 'part_of')",
            [list(due)],
        )
        now = time.time()
        for (event_id,) in env.cr.fetchall():
            seen.setdefault(event_id, now)
        env.cr.commit()
        time.sleep(STEP)
    if len(seen) < len(due):
        raise DifferentResults(f"{len(seen)} of {len(due)} escalations were told")
    lags = [
        seen[event_id] - moment.replace(tzinfo=UTC).timestamp()
        for event_id, moment in due.items()
    ]
    return Figure("alert_due_lag_p99_s", _find_p99(lags), "s", MOST_LAG, "<= 1")


def _find_p99(seconds: list[float]) -> float:
    return sorted(seconds)[-1 - len(seconds) // 100]


def _has_marks(env: Any) -> bool:
    env.cr.execute("SELECT EXISTS (SELECT FROM kpi_alert_mark)")
    (has_any,) = env.cr.fetchone()
    env.cr.commit()
    return has_any
