"""Alert rules over all KPIs, beside the engine's full recompute of their values; and
the messages of the outbox, beside plain smtplib."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any

from _beside import BODY, Child, run_all
from _company import prepare, recompute
from _harness import Bench, DifferentResults, Figure, case
from _kpis import make_people, vacuum
from _timer import measure_lag, running_timer

RULES, REPORTS_OF_A_RULE = 500, 200  # 100,000 pairs over 10,000 reports
TRENDS, ANOMALIES = 60, 40  # of these rules; the others are thresholds
FIRING = 50  # of so many KPIs one breaks what half of the rules compare
MOST_STATEMENTS = 20
CHANGED_SHARE = 97  # of so many KPIs one is looked at again
ESCALATIONS, SPREAD, MOST_LAG = 100, 12, 2.0  # number; seconds that they are due in
COMPARED = ("value", "target", "achievement", "previous", "last_year", "baseline")
# Targets that nearly all KPIs reach in all months; trends and unusual values, as an
# analysis leaves them.
JUDGED = """
    INSERT INTO kpi_target_value
           (report_id, grain, period_start, period_stop, target, baseline,
            rated_value, achievement, status, rated_at)
    SELECT report_id, grain, period_start,
           (period_start + interval '1 month')::date, aim, aim, value, 100,
           'on_target', now()
      FROM kpi_measurement
CROSS JOIN LATERAL (
            SELECT value * CASE WHEN report_id %% %(firing)s = 0 THEN 2 ELSE 0.5 END
                   AS aim
           ) AS wanted
     WHERE grain = 'month' AND value > 0;
    INSERT INTO kpi_trend_analysis (kpi_id, course, trend_periods, period_count)
    SELECT id, CASE WHEN id %% (2 * %(firing)s) = 0 THEN 'worse' ELSE 'steady' END, 1,
           12
      FROM kpi_report;
    INSERT INTO kpi_anomaly
           (report_id, period_start, period_last, oddest_start, kind, value,
            expected, margin, score_size, state)
    SELECT report_id, max(period_start), max(period_start), max(period_start),
           'spike', 1, 2, 0.5, 3, 'new'
      FROM kpi_measurement
     WHERE report_id %% (2 * %(firing)s) = 0 AND grain = 'month'
  GROUP BY report_id
"""
LINKED = """
    INSERT INTO kpi_smart_alert_report_rel (kpi_smart_alert_id, kpi_report_id)
    SELECT rule.id, report.id
      FROM unnest(%(rules)s) WITH ORDINALITY AS rule(id, place)
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place,
                   count(*) OVER () AS every
              FROM kpi_report) AS report
        ON (report.place + rule.place * 7919) %% report.every < %(share)s
        ON CONFLICT DO NOTHING;
    UPDATE kpi_smart_alert SET state = 'on', turned_on_at = now()
"""
ESCALATED = """
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
"""
# What is part of another KPI with an alert is decided by then, and held back.
TOLD = """
    SELECT DISTINCT event_id FROM kpi_alert_notice
     WHERE change = 'escalated' AND event_id = ANY(%(ids)s)
       AND (state = 'told' OR hold_reason = 'part_of')
"""

MESSAGES, PEOPLE = 10_000, 100
LANES = ("urgent", "bulk")


@case("leads")
def alerts(bench: Bench) -> Iterator[Figure]:
    """500 rules, each over 200 of 10,000 KPIs, after their values were computed."""
    env = bench.env
    company = prepare(env)
    recompute(company)
    env.cr.execute(JUDGED, {"firing": FIRING})
    vacuum(env)
    env["kpi.report"].search([]).owner_id = env.ref("base.user_admin")
    _make_rules(env)
    _evaluate(env)  # what a new day changes is looked at once
    _mark(env)
    statements = _evaluate(env)
    share = env["kpi.alert.event"].search_count([("state", "!=", "resolved")])
    share /= RULES * REPORTS_OF_A_RULE
    if not 0.005 < share < 0.02:
        raise DifferentResults(f"{share:.1%} of the pairs have an open alert")
    yield Figure("alert_statements", statements, "queries", MOST_STATEMENTS, "<= 1")
    (whole,) = bench.measure(lambda: _evaluate(env), before=lambda: _start_anew(env))
    (computed,) = bench.measure(
        lambda: recompute(company, force=True), before=env.cr.commit
    )
    yield Figure("alerts_vs_recompute", whole, "s", computed, "<= 0.25")
    (few,) = bench.measure(
        lambda: _evaluate(env), before=lambda: _mark(env, CHANGED_SHARE)
    )
    yield Figure("alerts_incremental_share", few, "s", whole, "<= 0.1")
    level = {"after_minutes": 10, "whom": "owner"}
    rules = env["kpi.smart.alert"].search([])
    env["kpi.alert.level"].create([{"alert_id": one, **level} for one in rules.ids])
    env.flush_all()
    now = datetime.now(UTC).replace(tzinfo=None)
    while (moment := env["kpi.alert.notice"]._sweep_due()) and moment <= now:
        env.cr.commit()
    env.cr.commit()
    with running_timer(env):
        values = {"count": ESCALATIONS, "seconds": SPREAD}
        lag = measure_lag(env, ESCALATED, TOLD, **values)
    yield Figure("alert_due_lag_p99_s", lag, "s", MOST_LAG, "<= 1")


def _make_rules(env: Any) -> None:
    """The rules, each with its share of the KPIs."""
    first = env["kpi.report"].search([], limit=1)
    common = {"company_id": False, "report_ids": [(6, 0, first.ids)]}
    rules = env["kpi.smart.alert"].create(
        [
            {"name": f"Rule {number}", **common, **_get_condition(number)}
            for number in range(RULES)
        ]
    )
    env.flush_all()
    env.cr.execute(LINKED, {"rules": rules.ids, "share": REPORTS_OF_A_RULE})
    env.invalidate_all()
    _mark(env)
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


def _evaluate(env: Any) -> int:
    """Statements of a pass over the KPIs that are marked, until it is committed."""
    env.invalidate_all()
    before = env.cr.sql_log_count
    env["kpi.smart.alert"]._sweep_marks()
    env.cr.flush()
    statements = env.cr.sql_log_count - before
    env.cr.commit()
    return statements


@case("engine")
def outbox(bench: Bench) -> Iterator[Figure]:
    """Ten thousand messages in two lanes: both sides send the same from two processes
    to one mail server."""
    with ExitStack() as children:

        def start(*arguments: object) -> Child:
            return children.enter_context(Child(*arguments))

        sink = start("take")
        port = sink.started_with
        people = _make_people(bench.env, port)
        lanes = [start("lane", bench.database, lane) for lane in LANES]
        plain = [start("plain", port, MESSAGES // 2) for _lane in LANES]
        taken: list[Counter] = []

        def refill() -> None:
            sink.ask()
            taken.append(Counter(sink.answer()))
            _queue(bench.env, people)

        runs = partial(run_all, lanes), partial(run_all, plain)
        seconds = bench.measure(*runs, before=refill)
        refill()
    ours, theirs = taken[1::2], taken[2::2]  # they take turns
    if any(len(counts) != MESSAGES for counts in theirs):
        raise DifferentResults("plain smtplib did not send every message")
    lost = sum(MESSAGES - len(counts) for counts in ours)
    twice = sum(sum(counts.values()) - len(counts) for counts in ours)
    yield Figure("outbox_lost", lost, "messages", MESSAGES, "<= 0")
    yield Figure("outbox_double_sends", twice, "messages", MESSAGES, "<= 0")
    yield Figure("outbox_vs_smtplib", seconds[0], "s", seconds[1], "<= 9")


def _make_people(env: Any, port: int) -> Any:
    """Who gets the messages, by the mail server at a port of this machine."""
    env["ir.mail_server"].search([]).unlink()
    env["ir.mail_server"].create(
        {"name": "Bench", "smtp_host": "127.0.0.1", "smtp_port": port}
    )
    env.company.email = "kpi@example.com"
    group = [(4, env.ref("kpi_base.kpi_base_group_user").id)]
    people = make_people(env, PEOPLE, group_ids=group)
    env.cr.commit()
    return people


def _queue(env: Any, people: Any) -> None:
    """Put the messages into an outbox that is empty."""
    env.cr.execute("TRUNCATE kpi_delivery CASCADE")
    env.invalidate_all()
    env["kpi.delivery"]._queue(
        [
            {
                "key": f"bench {n}",
                "user_id": people[n % PEOPLE].id,
                "subject": f"KPI {n}",
                "body": BODY,
                "lane": LANES[n % 2],
            }
            for n in range(MESSAGES)
        ]
    )
    env.cr.commit()
    env.cr.execute("ANALYZE kpi_delivery")
    env.cr.commit()
