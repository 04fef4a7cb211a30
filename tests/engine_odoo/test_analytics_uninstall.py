"""Trends and forecasts leave alone, and dashboards and KPIs go on without them."""

import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

LEFT = """
    SELECT relname
      FROM pg_class
     WHERE relname ~ 'kpi_(trend|predictive|anomaly)'
     UNION
    SELECT model
      FROM ir_model
     WHERE model ~ '^kpi[.](trend|predictive|anomaly)'
     UNION
    SELECT name ->> 'en_US'
      FROM ir_ui_menu
     WHERE name ->> 'en_US' ~ 'Forecast|Unusual'
     UNION
    SELECT module || '.' || name
      FROM ir_model_data
     WHERE module = 'kpi_tracking_analytics'
     UNION
    SELECT kind
      FROM kpi_job
     WHERE kind = 'analyse'
"""


@pytest.fixture(scope="module")
def module_database():
    """A copy of a database with the part and what it depends on."""
    import databases
    from addons import our_addons
    from templates import template_alone

    part = our_addons()["kpi_tracking_analytics"]
    with databases.temporary_copy(template_alone(part).build()) as name:
        yield name


def test_analytics_leave_alone_and_kpis_go_on(env):
    kpi = env["kpi.definition"].create({"name": "Visits", "computation": "manual"})
    report = kpi._track_for("company", env.company)
    rows = [(report.id, date(2025, month, 1), 7.0 + month) for month in range(1, 13)]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    env["kpi.predictive.analytics"]._analyse(report)
    env["kpi.job"]._enqueue_analysis()
    assert env["kpi.predictive.point"].search_count([])
    env.cr.commit()

    module = env["ir.module.module"].search([("name", "=", "kpi_tracking_analytics")])
    module.button_immediate_uninstall()

    env.cr.execute(LEFT)
    assert env.cr.fetchall() == []
    _assert_kpis_work(env.cr.dbname)


def _assert_kpis_work(database):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with closing(Registry(database).cursor()) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        assert "kpi.predictive.analytics" not in env
        report = env["kpi.report"].search([("code", "=", "visits")])
        rows = [(report.id, date(2026, 1, 1), 8.0)]
        env["kpi.measurement"]._upsert("month", rows, source="manual")
        env["kpi.report"].get_views([(False, "form")])
        assert "expected" not in env["kpi.report"].get_history(report.id)["points"][-1]
        assert env["kpi.home"].get_summary()["cards"]
