"""Achievements of a month, for everybody, beside SQL by hand and Odoo's goals; streaks
and a board beside window queries."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from _gamification_rows import KPIS, MONTHS, judge
from _harness import Bench, Figure, case, check_equal, count_statements
from _kpis import undo, vacuum

STREAK, GREEN, BETTER = 3, 2, 40
LONG = 60  # months of history
GOAL_PEOPLE = 250


def _month(back: int = 1) -> date:
    return date.today().replace(day=1) - relativedelta(months=back)


def _period(env: Any, back: int = 1) -> Any:
    calendar = env["kpi.calendar"]._company_default(env.company)
    return calendar._period("month", _month(back))


def _refresh(env: Any, back: int = 1) -> None:
    # SQL by hand knows no freezes
    env.company.write({"gamification_days": 0, "gamification_freeze_every": 0})
    asked = env["kpi.gamification.outcome"]._ask(env.company, _period(env, back), "now")
    env["kpi.performance.streak"]._refresh(asked)


@case("gamification")
def award(bench: Bench) -> Iterator[Figure]:
    """Four kinds of conditions, with the ledger and heads of points."""
    env = bench.env
    for table in ("kpi_user_achievement", "kpi_points_entry", "kpi_points_balance"):
        env.cr.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
    kpi = env["kpi.definition"].search([("name", "=", "Own 0")])
    of_kpi = {"definition_id": kpi.id}
    achievements = env["kpi.achievement"].create(
        [
            {
                "name": each["kind"],
                "date_from": _month(),
                "condition_ids": [(0, 0, each)],
            }
            for each in (
                {"kind": "streak", "least": STREAK, **of_kpi},
                {"kind": "green", "least": GREEN},
                {"kind": "better", "least": BETTER, **of_kpi},
                {"kind": "first", "within": "team", **of_kpi},
            )
        ]
    )
    _refresh(env)
    env.cr.commit()
    values = dict(zip(achievements.mapped("name"), achievements.ids, strict=True))
    values |= {"company": env.company.id, "definition": kpi.id, "least": STREAK}
    values |= {"month": _month(), "before": _month(2), "all": GREEN, "percent": BETTER}

    def decide() -> None:
        env["kpi.achievement.closing"]._decide(achievements, _period(env))

    def list_awards(table: str) -> list[tuple]:
        query = (
            "SELECT user_id, achievement_id FROM %s ORDER BY user_id, achievement_id"
        )
        return env.execute_query(SQL(query, SQL.identifier(table)))

    decide()
    env.cr.execute(_BY_HAND, values)
    check_equal(
        *map(list_awards, ("kpi_user_achievement", "bench_kpi_user_achievement"))
    )
    seconds, by_hand = bench.measure(
        decide,
        lambda: env.cr.execute(_BY_HAND, values),
        before=lambda: undo(env),
    )
    undo(env)
    yield Figure("award_close_vs_sql", seconds, "s", by_hand, "<= 1.5")
    count = count_statements(env, lambda: (undo(env), decide()))
    yield Figure("award_statements", count, "queries", 100, "<= 1")
    undo(env)
    people = env["res.users"].search([("login", "=like", "person\\_%")], order="id")
    read = seconds / len(people) / KPIS
    for is_batch, target in ((False, ">= 60"), (True, ">= 15")):
        goals = _make_goals(env, people[1 : 1 + GOAL_PEOPLE], is_batch)
        env.cr.commit()
        goals.update_goal()
        streaks = {
            (streak.user_id, streak.kpi_id.definition_id.name): streak.current_streak
            for streak in env["kpi.performance.streak"].search(
                [("user_id", "in", goals.user_id.ids)]
            )
        }
        check_equal(
            [goal.current for goal in goals],
            [streaks[goal.user_id, goal.definition_id.name] for goal in goals],
        )
        (theirs,) = bench.measure(
            lambda goals=goals: (goals.update_goal(), env.flush_all()),
            before=lambda: undo(env),
        )
        undo(env)
        name = "award_vs_goals_batch" if is_batch else "award_vs_goals"
        yield Figure(name, 1e6 * theirs / len(goals), "µs", 1e6 * read, target)
    judge(env, LONG - MONTHS, before=MONTHS)
    vacuum(env)
    _refresh(env)
    env.cr.commit()
    (longer,) = bench.measure(decide, before=lambda: undo(env))
    undo(env)
    yield Figure("award_growth", longer, "s", seconds, "<= 1.2")


def _make_goals(env: Any, people: Any, is_batch: bool) -> Any:
    """Goals of Odoo's own, one for each KPI of some people."""

    def get_field(name: str) -> int:
        return env["ir.model.fields"]._get("kpi.performance.streak", name).id

    values = {
        "computation_mode": "sum",
        "model_id": env["ir.model"]._get_id("kpi.performance.streak"),
        "field_id": get_field("current_streak"),
        "field_date_id": get_field("period_start"),
        "batch_mode": is_batch,
        "batch_distinctive_field": get_field("user_id"),
        "batch_user_expression": "user.id",
    }
    whose = "" if is_batch else ", ('user_id', '=', user.id)"
    definitions = env["gamification.goal.definition"].create(
        [
            {
                **values,
                "name": kpi.name,
                "domain": f"[('kpi_id.definition_id', '=', {kpi.id}){whose}]",
            }
            for kpi in env["kpi.definition"].search([("name", "=like", "Own %")])
        ]
    )
    month = {"start_date": _month(), "end_date": _month(), "state": "inprogress"}
    return env["gamification.goal"].create(
        [
            {"definition_id": each.id, "user_id": person.id, "target_goal": 99, **month}
            for each in definitions
            for person in people
        ]
    )


@case("gamification")
def streaks(bench: Bench) -> Iterator[Figure]:
    """The streaks of all KPIs, written when a month is over, beside a query over
    windows, which is not."""
    env = bench.env
    query = SQL(
        "SELECT kpi_id, current_streak, best_streak FROM kpi_performance_streak"
        " ORDER BY kpi_id"
    )
    _refresh(env, back=2)
    env.cr.commit()
    _refresh(env)
    check_equal(env.execute_query(query), env.execute_query(SQL(_WINDOWS)))

    def start_anew() -> None:
        """What was rolled back takes no room in the next run."""
        undo(env)
        vacuum(env, "kpi_performance_streak")

    seconds, by_windows = bench.measure(
        lambda: _refresh(env),
        lambda: env.execute_query(SQL(_WINDOWS)),
        before=start_anew,
    )
    yield Figure("streaks_vs_sql", seconds, "s", by_windows, "<= 0.5")


@case("gamification")
def board(bench: Bench) -> Iterator[Figure]:
    """Everybody's place in a month and the one before, beside bare ranks."""
    env = bench.env
    env.company.gamification_choice = "shown"
    values = {"name": "All", "leaderboard_type": "company_wide"}
    ranked = env["kpi.leaderboard"].create(values)
    periods = [_period(env), _period(env, back=2)]
    ranks = SQL(_RANKS, month=_month(), before=_month(2))
    yield bench.compare(
        "board_vs_window",
        ours=lambda: [
            (place["subject_id"], place["rank"], place["previous_rank"])
            for place in ranked._find_places(periods)
        ],
        reference=lambda: env.execute_query(ranks),
        target="<= 1.5",
    )


# The same awards, ledger and heads, as somebody writes who knows the tables.
_BY_HAND = """
    WITH held AS NOT MATERIALIZED (
        SELECT held.*, report.user_id, report.definition_id
          FROM kpi_target_value AS held
          JOIN kpi_report AS report ON report.id = held.report_id
         WHERE report.scope_type = 'user' AND held.grain = 'month'
    ),
    won AS (
        SELECT %(streak)s AS achievement_id, user_id
          FROM (SELECT user_id, count(*) FILTER (WHERE is_current) AS current
                  FROM (SELECT user_id, bool_and(status = 'on_target') OVER (
                                 PARTITION BY user_id ORDER BY period_start DESC)
                               AS is_current
                          FROM held WHERE definition_id = %(definition)s) AS coded
              GROUP BY user_id) AS counted
         WHERE current > 0 AND current %% %(least)s = 0
         UNION ALL
        SELECT %(green)s, user_id
          FROM held
         WHERE period_start = %(month)s
      GROUP BY user_id
        HAVING bool_and(status = 'on_target') AND count(*) >= %(all)s
         UNION ALL
        SELECT %(better)s, held.user_id
          FROM held
          JOIN kpi_target_value AS base
            ON base.report_id = held.report_id
           AND base.grain = held.grain
           AND base.period_start = %(before)s
         WHERE held.definition_id = %(definition)s
           AND held.period_start = %(month)s
           AND base.rated_value > 0
           AND round((100 * (held.rated_value / base.rated_value - 1))::numeric, 6)
               >= %(percent)s
         UNION ALL
        SELECT %(first)s, user_id
          FROM (
            SELECT held.user_id, rank() OVER (same ORDER BY achievement DESC) AS place,
                   min(achievement) OVER same < achievement AS has_others
              FROM held
              JOIN kpi_membership AS member
                ON member.user_id = held.user_id AND member.scope_type = 'team'
             WHERE definition_id = %(definition)s AND period_start = %(month)s
            WINDOW same AS (PARTITION BY member.scope_id)
          ) AS ranked
         WHERE place = 1 AND has_others
    ),
    awarded AS (
        INSERT INTO bench_kpi_user_achievement
               (user_id, company_id, achievement_id, version_id, grain, period_start,
                period_stop, earned_date, points_earned, state)
        SELECT user_id, %(company)s, achievement_id, achievement_id, 'month', %(month)s,
               %(month)s, now(), 10, 'earned'
          FROM won
            ON CONFLICT DO NOTHING
     RETURNING id, user_id, company_id, points_earned
    ),
    booked AS (
        INSERT INTO bench_kpi_points_entry
               (user_id, company_id, points, full_points, origin, res_id, reason, day,
                recorded_at)
        SELECT user_id, company_id, points_earned, points_earned, 'award', id, 'Award',
               now()::date, now()
          FROM awarded
     RETURNING user_id, company_id, points
    )
    INSERT INTO bench_kpi_points_balance AS head (user_id, company_id, balance)
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
_RANKS = """
    WITH scored AS (
        SELECT report.user_id, held.period_start,
               round(avg(least(120, greatest(0, held.achievement)))::numeric, 1)
                 AS score
          FROM kpi_target_value AS held
          JOIN kpi_report AS report ON report.id = held.report_id
         WHERE report.scope_type = 'user'
           AND held.grain = 'month'
           AND held.period_start IN (%(month)s, %(before)s)
      GROUP BY report.user_id, held.period_start
    ),
    ranked AS (
        SELECT scored.*, rank() OVER (PARTITION BY period_start ORDER BY score DESC)
                           AS rank
          FROM scored
    )
    SELECT now.user_id, now.rank, earlier.rank
      FROM ranked AS now
 LEFT JOIN ranked AS earlier
        ON earlier.user_id = now.user_id AND earlier.period_start = %(before)s
     WHERE now.period_start = %(month)s
  ORDER BY now.rank, now.user_id
"""
