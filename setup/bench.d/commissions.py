"""The return on commission of 200,000 deals, and a plan that changes after 200, 4,000
and 20,000 deals were won, beside what people wait for."""

import time
from collections.abc import Iterator
from typing import Any

from _commissions_rows import PLANS, RATE
from _harness import Bench, DifferentResults, Figure, case
from _kpis import as_admin, undo

MOST_SECONDS = 1.0
# Name of a plan → seconds of the preview of its change, and of the job.
MOST_OF_CHANGE = {"small": (1.0, 1.0), "usual": (4.0, 4.5), "large": (20.0, 22.5)}
BLOCK = 1_000  # commissions that share the same statements
STATEMENTS_PER_BLOCK = 25
MEASURES = (
    "value_won:sum commission_cost:sum value_per_cost:avg value_change:avg"
    " cost_change:avg return_change:avg __count"
).split()
SHOWN = "agent_id commission_cost currency_id date deal_id value_per_cost value_won"


@case("commissions")
def returns_first_page(bench: Bench) -> Iterator[Figure]:
    """The first page of *Return on Commission*, and its list, as browsers ask."""
    env = bench.env
    admin = env.ref("base.user_admin")
    role = env.ref("kpi_deal_pipeline.kpi_deal_pipeline_group_admin")
    admin.group_ids |= role
    env.flush_all()
    rows = as_admin(env["kpi.deal.roi"])
    domain = [("date", ">=", env.cr.now().date().replace(month=1, day=1))]
    shown = {name: {} for name in SHOWN.split()}
    pages = {
        "pivot": lambda: rows.formatted_read_grouping_sets(
            domain, [[], ["agent_id"]], MEASURES
        ),
        "list": lambda: rows.web_search_read(domain, shown, limit=80),
    }
    for name, page in pages.items():
        (seconds,) = bench.measure(page, before=env.invalidate_all)
        yield Figure(f"returns_{name}", seconds, "s", MOST_SECONDS, "<= 1")


@case("commissions")
def plan_change(bench: Bench) -> Iterator[Figure]:
    """What people see of a plan's new rate, and the job that applies it."""
    env, counted = bench.env, {}
    for name, most in MOST_OF_CHANGE.items():
        undo(env)
        plan = env["kpi.commission.plan"].search([("name", "=", name)])
        plan.rate = RATE + 0.01
        dialogs = env["kpi.commission.change"]
        dialog, *preview = _timed(env, lambda: dialogs._open(plan))  # noqa: B023  # called at once
        if dialog.commission_count != PLANS[name]:
            raise DifferentResults(f"{dialog.commission_count} are changed")
        plan.change_job_id = job = env["kpi.job"]._enqueue_commission_plan(
            plan, dialog.date_from, env["res.users"]
        )
        _nothing, *applied = _timed(env, lambda: plan._apply_changes(job))  # noqa: B023  # called at once
        for part, (seconds, statements), limit in zip(
            ("preview", "job"), (preview, applied), most, strict=True
        ):
            metric = f"plan_change_{part}_{PLANS[name]}"
            yield Figure(metric, seconds, "s", limit, "<= 1")
            first = counted.setdefault(part, statements)
            blocks = PLANS[name] // BLOCK
            yield Figure(
                f"{metric}_statements",
                statements,
                "queries",
                first + blocks * STATEMENTS_PER_BLOCK,
                "<= 1",
            )


def _timed(env: Any, act: Any) -> tuple[Any, float, float]:
    """What an act returns, its seconds, and its statements."""
    env.flush_all()
    env.cr.precommit.run()
    env.invalidate_all()
    before, start = env.cr.sql_log_count, time.perf_counter()
    result = act()
    env.flush_all()
    seconds = time.perf_counter() - start
    return result, seconds, float(env.cr.sql_log_count - before)
