"""A process that is killed while it reads another system."""

import pytest
from fault_processes import finish, kill, killed_at_last, rows, run, start, wait_for

from odoo import SUPERUSER_ID, api

SHARES_DATABASE = True
TITLES = ["KPI", "Month", "Value"]
VALUES = [["synced", f"2026-{month:02}", 10 * month] for month in range(1, 10)]
FACTS = """
    SELECT fact.period_start, fact.value
      FROM kpi_measurement AS fact
      JOIN kpi_report AS report ON report.id = fact.report_id
      JOIN kpi_definition AS definition ON definition.id = report.definition_id
     WHERE definition.code = 'synced'
  ORDER BY fact.period_start
"""
STATE = """
    SELECT sync_status, coalesce(last_error, ''), next_sync_at > now()
      FROM kpi_integration
"""


@pytest.fixture
def sheet(registry, monkeypatch):
    """A spreadsheet that feeds a KPI, and is due."""
    from odoo.addons.kpi_tracking_integration.adapters import GoogleSheets
    from odoo.addons.kpi_tracking_integration.tests.stand_ins import (
        TOKEN,
        SheetsStandIn,
    )

    with SheetsStandIn(Actuals=[TITLES, *VALUES]) as server:
        # processes that are started from here call it, too
        monkeypatch.setattr(GoogleSheets, "origin", server.origin)
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
            parameters = env["ir.config_parameter"]
            parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")
            env["kpi.integration"].search([]).unlink()
            env["kpi.import"].search([]).unlink()
            known = env["kpi.definition"].search([("code", "=", "synced")])
            definition = known or env["kpi.definition"].create(
                {"name": "Synced", "code": "synced", "computation": "manual"}
            )
            known or definition._track_for("company", env.company)
            facts = env["kpi.measurement"].search(
                [("report_id.definition_id", "=", definition.id)]
            )
            facts and facts._remove("Next test")
            env["kpi.integration"].create(
                {
                    "name": "Sheet",
                    "integration_type": "google_sheets",
                    "definition_id": definition.id,
                    "api_credentials": TOKEN,
                    "settings": {"spreadsheet": "s" * 30, "range": "Actuals"},
                    "owner_id": env.ref("base.user_admin").id,
                }
            ).action_turn_on()
        yield server


@pytest.mark.parametrize("command", ["step_read", "step_imported", "step_ended"])
def test_a_kill_between_two_steps_loses_and_doubles_nothing(
    module_database, sheet, command
):
    with killed_at_last(start(module_database, command)) as process:
        wait_for(process, "in hand")
        kill(process)
    revisions = rows(module_database, "SELECT count(*) FROM kpi_measurement_revision")
    for _time in range(2):
        run(module_database, "sync")
    found = rows(module_database, FACTS)
    assert [value for _day, value in found] == [10 * month for month in range(1, 10)]
    assert rows(module_database, STATE) == [("active", "", True)]
    # what was there already was equal: nothing replaced it
    now = rows(module_database, "SELECT count(*) FROM kpi_measurement_revision")
    assert now == revisions
    unfinished = "SELECT state FROM kpi_import WHERE state NOT IN ('done', 'failed')"
    assert rows(module_database, unfinished) == []


def test_two_processes_read_it_once(module_database, sheet):
    with killed_at_last(start(module_database, "step_read")) as process:
        wait_for(process, "in hand")
        run(module_database, "sync")
        assert len(sheet.received) == 1
        finish(process)
    assert len(rows(module_database, FACTS)) == 9
    assert rows(module_database, STATE) == [("active", "", True)]
