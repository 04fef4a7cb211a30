"""Addons leave one after the other: what they take along, and what goes on.

In the order of the tests, in one database: whoever is above another leaves first.
"""

from contextlib import closing
from datetime import date

import pytest
from fault_processes import execute

# Odoo looks for what points to a field or model in all of them for each that it removes
POINTING = (
    ("ir_model_fields", "related_field_id"),
    ("ir_model_fields", "relation_field_id"),
    ("ir_model_fields", "serialization_field_id"),
    ("ir_model_inherit", "parent_field_id"),
    ("ir_model_inherit", "parent_id"),
)
LEFT_BEHIND = """
    SELECT relname
      FROM pg_class
     WHERE relname ~ '^(kpi|agent|audit)_'
     UNION
    SELECT nspname
      FROM pg_namespace
     WHERE nspname LIKE 'kpi\\_%'
     UNION
    SELECT proname
      FROM pg_proc
     WHERE proname LIKE 'kpi\\_%'
     UNION
    SELECT table_name || '.' || column_name
      FROM information_schema.columns
     WHERE column_name LIKE 'kpi\\_%'
       AND table_name <> 'digest_digest'  -- Odoo calls its figures so too
"""

LEFT_BY_DEALS = """
    SELECT relname
      FROM pg_class
     WHERE relname ~ '^(agent|kpi_deal|kpi_commission)_'
     UNION
    SELECT proname
      FROM pg_proc
     WHERE proname ~ '^kpi_(deal|commission)_'
     UNION
    SELECT table_name || '.' || column_name
      FROM information_schema.columns
     WHERE column_name LIKE 'kpi\\_deal%'
     UNION
    SELECT model
      FROM ir_model
     WHERE model ~ '^kpi[.](deal|commission)[.]'
"""


LEFT_BY_ANALYTICS = """
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
       AND id NOT IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.ui.menu')
     UNION
    SELECT module || '.' || name
      FROM ir_model_data
     WHERE module = 'kpi_tracking_analytics'
     UNION
    SELECT kind
      FROM kpi_job
     WHERE kind = 'analyse'
"""

LEFT_BY_DASHBOARDS = """
    SELECT relname
      FROM pg_class
     WHERE relname ~ 'kpi_(dashboard|annotation|gallery_dashboard)'
     UNION
    SELECT table_name || '.' || column_name
      FROM information_schema.columns
     WHERE column_name ~ '^(with_)?dashboard(s|_id)'
       AND table_name LIKE 'kpi\\_%'
     UNION
    SELECT model
      FROM ir_model
     WHERE model ~ '^kpi[.](dashboard|annotation|gallery[.]dashboard|pack[.]dashb)'
     UNION
    SELECT name ->> 'en_US'
      FROM ir_ui_menu
     WHERE name ->> 'en_US' ~ 'Dashboard|Our board'
       AND id NOT IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.ui.menu')
     UNION
    SELECT module || '.' || name
      FROM ir_model_data
     WHERE module = 'kpi_tracking_dashboard'
"""


@pytest.fixture(scope="module", autouse=True)
def quick_to_leave(registry, module_database):
    """What takes most of the time and removes nothing."""
    from odoo.addons.base.models.ir_module import IrModuleModule

    for table, column in POINTING:
        execute(module_database, f"CREATE INDEX ON {table} ({column})")
    with pytest.MonkeyPatch.context() as patch:
        # reads the manifests of hundreds of addons
        patch.setattr(IrModuleModule, "update_list", lambda self: [0, 0])
        yield


def test_deals_can_leave_alone_and_their_log_stays(env):
    """The rest goes on: the log is whole, and KPIs are computed."""
    deal = env["kpi.deal"].create({"title": "Quay 7"})
    deal.pipeline_stage = "proposal"
    commission = env["kpi.commission"].create(
        {"deal_id": deal.id, "basis_amount": 100.0, "commission_rate": 0.1}
    )
    commission.action_confirm()
    env.cr.commit()
    module = env["ir.module.module"].search([("name", "=", "kpi_deal_pipeline")])
    module.button_immediate_uninstall()
    env.cr.execute(LEFT_BY_DEALS)
    assert env.cr.fetchall() == []
    env = env(context={})
    logs = env["kpi.audit.log"].search([("model", "=", "kpi.deal")])
    assert "deal_commission_confirmed" in logs.mapped("event_type")
    assert env["kpi.audit.log"]._verify() == []
    env["kpi.source"]._recompute_all()


def test_analytics_leave_and_kpis_go_on(env):
    kpi = env["kpi.definition"].create({"name": "Calls", "computation": "manual"})
    report = kpi._track_for("company", env.company)
    rows = [(report.id, date(2025, month, 1), 7.0 + month) for month in range(1, 13)]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    env["kpi.predictive.analytics"]._analyse(report)
    env["kpi.job"]._enqueue_analysis()
    assert env["kpi.predictive.point"].search_count([])
    env.cr.commit()

    module = env["ir.module.module"].search([("name", "=", "kpi_tracking_analytics")])
    module.button_immediate_uninstall()

    env.cr.execute(LEFT_BY_ANALYTICS)
    assert env.cr.fetchall() == []
    _assert_kpis_work_without_analytics(env.cr.dbname)


def _assert_kpis_work_without_analytics(database):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with closing(Registry(database).cursor()) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        assert "kpi.predictive.analytics" not in env
        report = env["kpi.report"].search([("code", "=", "calls")])
        rows = [(report.id, date(2026, 1, 1), 8.0)]
        env["kpi.measurement"]._upsert("month", rows, source="manual")
        env["kpi.report"].get_views([(False, "form")])
        assert "expected" not in env["kpi.report"].get_history(report.id)["points"][-1]
        assert env["kpi.home"].get_summary()["cards"]


def test_dashboards_leave_then_and_kpis_go_on(env):
    kpi = env["kpi.definition"].create({"name": "Visits", "computation": "manual"})
    report = kpi._track_for("company", env.company)
    env["kpi.measurement"]._upsert(
        "month", [(report.id, date(2026, 1, 1), 7.0)], source="manual"
    )
    group = env.ref("kpi_base.kpi_base_group_user")
    tile = {"kind": "line", "definition_ids": kpi.ids}
    board = env["kpi.dashboard"].create(
        {
            "name": "Our board",
            "group_ids": group.ids,
            "has_menu": True,
            "tile_ids": [(0, 0, tile)],
        }
    )
    env["kpi.annotation"].create(
        {"report_id": report.id, "date": "2026-01-01", "text": "Fair"}
    )
    assert board.menu_id
    assert env["kpi.home"].get_summary()["panels"]
    env.cr.commit()

    module = env["ir.module.module"].search([("name", "=", "kpi_tracking_dashboard")])
    wizard = env["base.module.uninstall"].create(
        {"module_ids": module.ids, "show_all": True}
    )
    assert wizard.impacted_module_ids == module, "what Odoo names first"
    module.button_immediate_uninstall()

    env.cr.execute(LEFT_BY_DASHBOARDS)
    assert env.cr.fetchall() == []
    _assert_kpis_work_without_dashboards(env.cr.dbname)


def _assert_kpis_work_without_dashboards(database):
    """In a registry of what is left: the overview, screens, packs, values, channels."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with closing(Registry(database).cursor()) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        assert "kpi.dashboard" not in env
        assert env["kpi.home"].get_summary()["panels"] == {}
        report = env["kpi.report"].search([("code", "=", "visits")])
        for model in ("kpi.report", "kpi.pack.export", "res.config.settings"):
            env[model].get_views([(False, "form")])
        pack = env["kpi.pack"]._build_pack_text(report.definition_id, "Visits")
        assert env["kpi.pack"]._read(pack)["definitions"][0]["code"] == "visits"
        rows = [(report.id, date(2026, 2, 1), 8.0)]
        env["kpi.measurement"]._upsert("month", rows, source="manual")
        env.flush_all()
        cr.precommit.run()
        names = ["kpi_tracking.dashboard_1", f"kpi_tracking.company_{env.company.id}"]
        sockets = env["ir.websocket"]
        companies, _departments = sockets._find_listened(sockets._parse_names(names))
        assert companies == env.company
        assert env["ir.actions.client"].search_count(
            [("tag", "=", "kpi_tracking.home")]
        )


def test_nothing_stays_after_uninstalling(env):
    """Also where entries were approved, whose workflow they hold until they go."""
    env["kpi.source"]._recompute_all()
    _approve_an_entry(env)
    # put aside by the upgrade from 18.1
    env.cr.execute("CREATE TABLE kpi_tracking_18_report (id serial PRIMARY KEY)")
    module = env["ir.module.module"].search([("name", "=", "kpi_base")])
    module.button_immediate_uninstall()
    env.cr.execute(LEFT_BEHIND)
    assert env.cr.fetchall() == []


def _approve_an_entry(env):
    """An entry that holds its workflow, as those that were approved do."""
    kpi = env["kpi.definition"].create({"name": "Returns", "computation": "manual"})
    report = kpi._track_for("company", env.company)
    entry = report._enter_value(date(2026, 1, 1), 5.0)
    workflow = env.ref("kpi_tracking.kpi_approval_workflow_entries")
    env.flush_all()
    env.cr.execute(
        "UPDATE kpi_submission SET approval_workflow_id = %s WHERE id = %s",
        (workflow.id, entry.id),
    )
    env.cr.commit()
