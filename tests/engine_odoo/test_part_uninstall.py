"""Parts above kpi_tracking leave alone, and what lies below works on."""

import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

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
     UNION
    SELECT module || '.' || name
      FROM ir_model_data
     WHERE module = 'kpi_tracking_dashboard'
"""


@pytest.fixture(scope="module")
def module_database():
    """A copy of a database with the parts and no domain addon."""
    import databases
    from addons import our_addons
    from templates import template_alone

    part = our_addons()["kpi_tracking_dashboard"]
    with databases.temporary_copy(template_alone(part).build()) as name:
        yield name


def test_dashboards_leave_alone_and_kpis_go_on(env):
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
    _assert_kpis_work(env.cr.dbname)


def _assert_kpis_work(database):
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
