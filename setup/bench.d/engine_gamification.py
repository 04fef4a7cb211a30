"""The engine beside Odoo's goals of gamification, one by one and in batch mode."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import Bench, DifferentResults, Figure, case
from _kpis import forget, vacuum

USERS, MONTHS = 250, 20  # times two measures: 10,000 goals


@case("rows")
def gamification_vs_recompute(bench: Bench) -> Iterator[Figure]:
    """Leads and confirmed sales of 250 users in 20 months, as goals and as KPIs."""
    env = bench.env
    stop = date.today().replace(day=1)
    months = [stop - relativedelta(months=n) for n in range(MONTHS, 0, -1)]
    users = env["res.users"].search(
        [("login", "like", "bench_user")], order="id", limit=USERS
    )
    _track_measures(env, users, months[0])

    def ours() -> None:
        env["kpi.source"]._recompute_all(months[0], stop - relativedelta(days=1))

    for name, is_batch, target in (
        ("gamification_vs_recompute", False, ">= 15"),
        ("gamification_batch_vs_recompute", True, ">= 3"),
    ):
        goals = _create_goals(env, users, months, is_batch)
        ours()
        vacuum(env)

        def theirs(goals: Any = goals) -> None:
            env["gamification.goal"].browse(goals.ids).update_goal()
            env.flush_all()

        theirs()
        _check_goals(_goal_values(env, goals), _fact_values(env))
        seconds = bench.measure(theirs, ours, before=lambda g=goals: _reset(env, g))
        yield Figure(name, seconds[0], "s", seconds[1], target)
        goals.unlink()


def _track_measures(env: Any, users: Any, first: date) -> None:
    common = {"computation": "records", "history_start": first}
    definitions = env["kpi.definition"].create(
        [
            {
                **common,
                "name": "Leads",
                "code": "leads",
                "measure": "count",
                "model_name": "crm.lead",
                "date_field": "date_open",
            },
            {
                **common,
                "name": "Sales",
                "code": "sales",
                "measure": "sum",
                "measure_field": "amount_total",
                "unit": "number",  # goals add amounts up as they are
                "domain": "[('state', '=', 'sale')]",
                "model_name": "sale.order",
                "date_field": "date_order",
            },
        ]
    )
    definitions.coarsest_grain = "month"
    definitions._track_for("user", users)
    env.flush_all()


def _create_goals(env: Any, users: Any, months: list[date], is_batch: bool) -> Any:
    field = env["ir.model.fields"]._get
    definitions = env["gamification.goal.definition"]
    for name, model, day, amount, domain in (
        ("leads", "crm.lead", "date_open", None, ""),
        ("sales", "sale.order", "date_order", "amount_total", "('state','=','sale'),"),
    ):
        own = "" if is_batch else "('user_id','=',user.id)"
        values = {
            "name": name,
            "condition": "higher",
            "display_mode": "progress",
            "computation_mode": "sum" if amount else "count",
            "model_id": env["ir.model"]._get_id(model),
            "field_id": amount and field(model, amount).id,
            "field_date_id": field(model, day).id,
            "domain": f"[{domain}{own}]",
            "batch_mode": is_batch,
        }
        if is_batch:
            values["batch_distinctive_field"] = field(model, "user_id").id
            values["batch_user_expression"] = "user.id"
        definitions |= definitions.create(values)
    return env["gamification.goal"].create(
        [
            {
                "definition_id": definition.id,
                "user_id": user.id,
                "start_date": month,
                # up to the last day's midnight: gamification compares moments so
                "end_date": month + relativedelta(months=1, days=-1),
                "target_goal": 1e9,
                "state": "inprogress",
            }
            for definition in definitions
            for month in months
            for user in users
        ]
    )


def _reset(env: Any, goals: Any) -> None:
    env.cr.execute(
        "UPDATE gamification_goal SET current = 0, state = 'inprogress', closed = false"
        " WHERE id = ANY(%s)",
        (goals.ids,),
    )
    forget(env)


def _goal_values(env: Any, goals: Any) -> dict[tuple, float]:
    env.cr.execute(
        """
        SELECT definition.name ->> 'en_US', goal.user_id, goal.start_date, goal.current
          FROM gamification_goal AS goal
          JOIN gamification_goal_definition AS definition
            ON definition.id = goal.definition_id
         WHERE goal.id = ANY(%s)
        """,
        (goals.ids,),
    )
    return {tuple(key): value for *key, value in env.cr.fetchall()}


def _fact_values(env: Any) -> dict[tuple, float]:
    env.cr.execute(
        """
        SELECT definition.code, report.user_id, fact.period_start, fact.value
          FROM kpi_measurement AS fact
          JOIN kpi_report AS report ON report.id = fact.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
        """
    )
    return {tuple(key): value for *key, value in env.cr.fetchall()}


def _check_goals(goals: dict[tuple, float], facts: dict[tuple, float]) -> None:
    for key, value in goals.items():
        if abs(facts.get(key, 0.0) - value) > 0.005:
            raise DifferentResults(f"{key}: goal {value}, fact {facts.get(key)}")
