"""Months of a benefit are worked out by a process that is killed at it."""

from datetime import date

import pytest
from fault_processes import kill, killed_at_last, start, wait_for

SHARES_DATABASE = True
VALUES = {date(2025, month, 1): 20.0 - month for month in range(1, 7)}
REALIZED = [100.0 * month for month in range(1, 7)]


@pytest.fixture(scope="module")
def benefit_id(registry):
    """A benefit with a value in each month, of which the database lost all."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if "kpi.baseline" not in env:
            pytest.skip("kpi_benefits is not installed")
        benefit = make_benefit(env)
        assert read_months(env, benefit.id) == (REALIZED, sum(REALIZED), REALIZED)
        cr.execute("UPDATE kpi_benefit_period SET realized = NULL, is_measured = FALSE")
        cr.execute("UPDATE benefit_realizations SET realized_value = 0")
        return benefit.id


def make_benefit(env):
    """Hours fall from 20 by one a month, each of them worth 100."""
    definition = env["kpi.definition"].create(
        {
            "name": "Hours per invoice",
            "computation": "manual",
            "frequency": "month",
            "direction": "lower",
            "aggregation_time": "average",
            "history_start": "2025-01-01",
        }
    )
    report = definition._track_for("company", env.company)
    initiative = env["kpi.initiative"].create(
        {"name": "Invoices", "owner_id": env.ref("base.user_admin").id}
    )
    baseline = env["kpi.baseline"].create(
        {
            "initiative_id": initiative.id,
            "report_id": report.id,
            "baseline_value": 20,
            "baseline_date": "2024-12-31",
            "target_value": 10,
            "unit_value": 100,
        }
    )
    baseline.share_ids.date_from = "2025-01-01"
    rows = [(report.id, day, value) for day, value in VALUES.items()]
    env["kpi.measurement"]._upsert("month", rows, source="import")
    return env["kpi.benefit.realization"].create(
        {
            "name": "Fewer hours",
            "initiative_id": initiative.id,
            "benefit_type": "cost_reduction",
            "baseline_id": baseline.id,
            "amount": 500,
            "is_recurring": True,
            "date_from": "2025-01-01",
            "date_to": "2025-06-30",
        }
    )


def read_months(env, benefit_id):
    """Values of its months, its own sum, and those of its initiative's months."""
    benefit = env["kpi.benefit.realization"].browse(benefit_id)
    months = benefit.period_ids.sorted("period_start")
    sums = env["kpi.initiative.month"].search(
        [("initiative_id", "=", benefit.initiative_id.id)], order="period_start"
    )
    realized = [None if one is False else one for one in months.mapped("realized")]
    return realized, benefit.realized_value, sums.mapped("realized")


def test_a_rebuild_that_is_killed_leaves_all_or_nothing(registry, benefit_id):
    from odoo import SUPERUSER_ID, api

    with killed_at_last(start(registry.db_name, "step_measure")) as process:
        wait_for(process, "written")
        kill(process)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        assert read_months(env, benefit_id) == ([None] * 6, 0.0, [0.0] * 6)
        # Nothing is left that would hold the next one up.
        assert env["kpi.baseline"]._rebuild_measured() == 6
        assert read_months(env, benefit_id) == (REALIZED, sum(REALIZED), REALIZED)
        assert env["kpi.baseline"]._rebuild_measured() == 0
        cr.rollback()
