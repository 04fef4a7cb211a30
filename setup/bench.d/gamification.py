"""Achievements of a month beside hand SQL, streaks beside a window query."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from _gamification_rows import MONTHS, judge
from _harness import Bench, Figure, case, check_equal, count_statements
from _kpis import undo, vacuum

STREAK, GREEN, BETTER = 3, 2, 40
LONG = 60  # months of history


def _month() -> date:
    return date.today().replace(day=1) - relativedelta(months=1)


def _achievements(env: Any) -> Any:
    """Four kinds, counted from the last closed month on."""
    # the hand SQL knows no freezes
    env.company.write({"gamification_days": 0, "gamification_freeze_every": 0})
    kpi = env["kpi.definition"].search(
        [("name", "=like", "Own %")], limit=1, order="id"
    )
    one = {"definition_id": kpi.id}
    conditions = {
        "streak": {"kind": "streak", "least": STREAK, **one},
        "green": {"kind": "green", "least": GREEN},
        "better": {"kind": "better", "least": BETTER, **one},
        "first": {"kind": "first", "within": "team", **one},
    }
    return env["kpi.achievement"].create(
        [
            {
                "name": name,
                "date_from": str(_month()),
                "condition_ids": [(0, 0, condition)],
            }
            for name, condition in conditions.items()
        ]
    )


def _period(env: Any) -> Any:
    calendar = env["kpi.calendar"]._company_default(env.company)
    return calendar._period("month", _month())


def _refresh(env: Any) -> int:
    asked = env["kpi.gamification.outcome"]._ask(env.company, _period(env), "now")
    return env["kpi.performance.streak"]._refresh(asked)


def _decide(env: Any, achievements: Any) -> None:
    env["kpi.achievement.closing"]._decide(achievements, _period(env))


def _by_hand(env: Any, achievements: Any) -> None:
    """The same awards, ledger and heads, as somebody writes who knows the tables."""
    streak, green, better, first = achievements.ids
    env.cr.execute(
        SQL(
            _HAND,
            streak=streak,
            green=green,
            better=better,
            first=first,
            definition=achievements[0].condition_ids.definition_id.id,
            month=_month(),
            before=_month() - relativedelta(months=1),
            since=_month() - relativedelta(months=STREAK - 1),
            company=env.company.id,
            least=STREAK,
            all=GREEN,
            percent=BETTER,
        )
    )


def _tables(env: Any) -> None:
    """Tables like those of the addon, which the hand SQL writes to."""
    env.cr.execute(
        """
        CREATE TABLE IF NOT EXISTS bench_award
               (LIKE kpi_user_achievement INCLUDING ALL);
        CREATE TABLE IF NOT EXISTS bench_entry (LIKE kpi_points_entry INCLUDING ALL);
        CREATE TABLE IF NOT EXISTS bench_balance
               (LIKE kpi_points_balance INCLUDING ALL)
        """
    )


_AWARDS = "SELECT user_id, achievement_id FROM %s ORDER BY user_id, achievement_id"


@case("gamification")
def award(bench: Bench) -> Iterator[Figure]:
    """One month of four achievements, for everybody."""
    env = bench.env
    _tables(env)
    achievements = _achievements(env)
    _refresh(env)
    env.cr.commit()
    _decide(env, achievements)
    _by_hand(env, achievements)
    ours, hand = (
        env.execute_query(SQL(_AWARDS, SQL.identifier(table)))
        for table in ("kpi_user_achievement", "bench_award")
    )
    check_equal(ours, hand)
    undo(env)
    seconds = bench.measure(
        lambda: _decide(env, achievements),
        lambda: _by_hand(env, achievements),
        before=lambda: undo(env),
    )
    undo(env)
    yield Figure("award_close_vs_sql", seconds[0], "s", seconds[1], "<= 1.5")
    yield Figure(
        "award_statements",
        count_statements(env, lambda: (undo(env), _decide(env, achievements))),
        "queries",
        100,
        "<= 1",
    )
    judge(env, LONG - MONTHS, before=MONTHS)
    env.cr.commit()
    vacuum(env)
    _refresh(env)
    env.cr.commit()
    longer = bench.measure(lambda: _decide(env, achievements), before=lambda: undo(env))
    undo(env)
    yield Figure("award_growth", longer[0], "s", seconds[0], "<= 1.2")


@case("gamification")
def streaks(bench: Bench) -> Iterator[Figure]:
    """The streaks of all KPIs, written, beside a query over windows, which is not."""
    env = bench.env
    env.company.gamification_freeze_every = 0
    _refresh(env)
    ours = env.execute_query(
        SQL(
            "SELECT kpi_id, current_streak, best_streak FROM kpi_performance_streak"
            " ORDER BY kpi_id"
        )
    )
    check_equal(ours, env.execute_query(SQL(_WINDOWS)))
    undo(env)
    seconds = bench.measure(
        lambda: _refresh(env),
        lambda: env.execute_query(SQL(_WINDOWS)),
        before=lambda: undo(env),
    )
    yield Figure("streaks_vs_sql", seconds[0], "s", seconds[1], "<= 0.5")


_HAND = """
    WITH won AS (
        SELECT %(streak)s AS achievement_id, report.user_id
          FROM kpi_target_value AS held
          JOIN kpi_report AS report ON report.id = held.report_id
         WHERE report.definition_id = %(definition)s
           AND report.scope_type = 'user'
           AND held.grain = 'month'
           AND held.period_start BETWEEN %(since)s AND %(month)s
      GROUP BY report.user_id
        HAVING count(*) FILTER (WHERE held.status = 'on_target') = %(least)s
         UNION ALL
        SELECT %(green)s, report.user_id
          FROM kpi_target_value AS held
          JOIN kpi_report AS report ON report.id = held.report_id
         WHERE report.scope_type = 'user'
           AND held.grain = 'month'
           AND held.period_start = %(month)s
      GROUP BY report.user_id
        HAVING bool_and(held.status = 'on_target') AND count(*) >= %(all)s
         UNION ALL
        SELECT %(better)s, report.user_id
          FROM kpi_target_value AS held
          JOIN kpi_target_value AS base
            ON base.report_id = held.report_id
           AND base.grain = held.grain
           AND base.period_start = %(before)s
          JOIN kpi_report AS report ON report.id = held.report_id
         WHERE report.definition_id = %(definition)s
           AND report.scope_type = 'user'
           AND held.grain = 'month'
           AND held.period_start = %(month)s
           AND base.judged_value > 0
           AND round((100 * (held.judged_value / base.judged_value - 1))::numeric, 6)
               >= %(percent)s
         UNION ALL
        SELECT %(first)s, user_id
          FROM (
            SELECT report.user_id, rank() OVER same AS place,
                   min(held.achievement) OVER (PARTITION BY member.scope_id)
                   < held.achievement AS has_others
              FROM kpi_target_value AS held
              JOIN kpi_report AS report ON report.id = held.report_id
              JOIN kpi_membership AS member
                ON member.user_id = report.user_id AND member.scope_type = 'team'
             WHERE report.definition_id = %(definition)s
               AND held.grain = 'month'
               AND held.period_start = %(month)s
            WINDOW same AS (PARTITION BY member.scope_id
                            ORDER BY held.achievement DESC)
          ) AS ranked
         WHERE place = 1 AND has_others
    ),
    awarded AS (
        INSERT INTO bench_award
               (user_id, company_id, achievement_id, version_id, grain, period_start,
                period_stop, earned_date, points_earned, state)
        SELECT user_id, %(company)s, achievement_id, achievement_id, 'month', %(month)s,
               %(month)s, now(), 10, 'earned'
          FROM won
            ON CONFLICT DO NOTHING
     RETURNING id, user_id, company_id, points_earned
    ),
    booked AS (
        INSERT INTO bench_entry (user_id, company_id, points, full_points, origin,
                                 res_id, reason, day, recorded_at)
        SELECT user_id, company_id, points_earned, points_earned, 'award', id, 'Award',
               now()::date, now()
          FROM awarded
     RETURNING user_id, company_id, points
    )
    INSERT INTO bench_balance AS head (user_id, company_id, balance)
    SELECT user_id, company_id, sum(points) FROM booked GROUP BY user_id, company_id
        ON CONFLICT (user_id, company_id) DO UPDATE
       SET balance = head.balance + excluded.balance
"""
_WINDOWS = """
    WITH coded AS (
        SELECT held.report_id, held.period_start, held.status = 'on_target' AS is_hit,
               count(*) FILTER (WHERE held.status <> 'on_target') OVER (
                 PARTITION BY held.report_id ORDER BY held.period_start) AS run
          FROM kpi_target_value AS held
          JOIN kpi_report AS report ON report.id = held.report_id
         WHERE report.scope_type = 'user' AND held.grain = 'month'
    ),
    counted AS (
        SELECT report_id, period_start,
               count(*) FILTER (WHERE is_hit) OVER (
                 PARTITION BY report_id, run ORDER BY period_start) AS streak
          FROM coded
    )
    SELECT DISTINCT ON (report_id) report_id,
           streak, max(streak) OVER (PARTITION BY report_id) AS best
      FROM counted
  ORDER BY report_id, period_start DESC
"""
