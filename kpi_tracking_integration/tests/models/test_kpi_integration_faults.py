import base64
import json
from datetime import UTC, date, datetime, time
from unittest.mock import patch

from odoo import fields, sql_db
from odoo.exceptions import UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from odoo.addons.kpi_base.engine.sealing import generate_key
from odoo.addons.kpi_base.models.kpi_secret import VARIABLE
from odoo.addons.kpi_base.models.record.session_lock import session_lock
from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import GoogleSheets, HubSpot
from ...models.kpi_integration import LOCK_SPACE
from ..stand_ins import TOKEN, HubSpotStandIn, SheetsStandIn
from .integration_case import RANGE, ROWS, IntegrationCase

TITLES, *VALUES = ROWS


@tagged("post_install", "-at_install")
class TestKpiIntegrationFaults(IntegrationCase):
    """What may go wrong with a sync, and what becomes of it here."""

    def _sync_rows(self, *rows, titles=None):
        """Sync a sheet with these rows; the integration and its import."""
        integration = self._make()
        with SheetsStandIn(**{RANGE: [titles or TITLES, *rows]}) as server:
            self._sync(integration, server)
        return integration, integration.import_ids

    def test_what_is_no_value_is_refused_and_the_rest_imported(self):
        for bad in (
            ["calls", "2026-02", "many"],
            ["calls", "2026-02", True],
            ["calls", "1899-12", 7],
            ["calls", 1, 7],  # the first day of spreadsheets: 1 January 1900
            ["calls", "2026-13", 7],
            ["nothing", "2026-02", 7],
            ["=2+5", "2026-02", 7],
        ):
            with self.subTest(bad), self.cr.savepoint():
                integration, job = self._sync_rows(VALUES[0], bad)
                self.assertFalse(integration.last_error)
                self.assertEqual((job.added_count, job.refused_count), (1, 1))
                self.assertEqual(self._values_of(self.calls), {date(2026, 1, 1): 12.5})
                self.calls.sudo().flush_recordset()
                self.env["kpi.measurement"].search(
                    [("report_id", "=", self.calls.id)]
                )._remove("Next case")

    def test_a_sync_of_which_nothing_could_be_imported_has_failed(self):
        integration, job = self._sync_rows(["nothing", "2026-02", 7])
        self.assertEqual((job.added_count, job.refused_count), (0, 1))
        self.assertEqual(integration.sync_status, "error")
        self.assertIn("No rows could be imported", integration.last_error)

    def test_two_rows_for_one_value_are_both_refused(self):
        _integration, job = self._sync_rows(*VALUES, ["calls", "2026-02", 8])
        self.assertEqual((job.added_count, job.refused_count), (1, 2))
        self.assertEqual(self._values_of(self.calls), {date(2026, 1, 1): 12.5})

    def test_a_formula_of_a_cell_is_text_in_files_of_ours(self):
        _integration, job = self._sync_rows(VALUES[0], ["=HYPERLINK(1)", "2026-02", 7])
        written = base64.b64decode(job.file).decode()
        self.assertIn("HYPERLINK", written)
        cells = [
            cell.strip('"') for line in written.splitlines() for cell in line.split(",")
        ]
        self.assertFalse([cell for cell in cells if cell.startswith("=")])

    def test_a_column_that_is_gone_or_renamed_stops_it(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
            for titles, said in (
                (["KPI", "Month"], "missing: Value"),
                (["KPI", "Month", "Booked"], "missing: Value; new: Booked"),
            ):
                rows = [titles, ["calls", "2026-01", 99][: len(titles)]]
                server.sheets["s" * 30][RANGE] = rows
                self._sync(integration, server)
                self.assertIn(f"Columns have changed ({said})", integration.last_error)
                self.assertEqual(integration.sync_status, "error")
        january, february = date(2026, 1, 1), date(2026, 2, 1)
        self.assertEqual(self._values_of(self.calls), {january: 12.5, february: 7})

    def test_columns_that_moved_or_were_added_do_not_stop_it(self):
        integration = self._make()
        tables = (
            [["Value", "Note", "Month", "KPI"], [99, "good", "2026-01", "calls"]],
            [["KPI", "Name", "month", "Value"], ["calls", "other", "2026-01", 98]],
        )
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
            for rows in tables:
                server.sheets["s" * 30][RANGE] = rows
                self._sync(integration, server)
                self.assertFalse(integration.last_error)
                values = self._values_of(self.calls)
                expected = next(cell for cell in rows[1] if isinstance(cell, int))
                self.assertEqual(values[date(2026, 1, 1)], expected)

    def test_a_kpi_column_that_is_added_is_not_looked_at(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: [row[1:] for row in ROWS]}) as server:
            self._sync(integration, server)
            server.sheets["s" * 30][RANGE] = [ROWS[0], ["other", "2026-01", 99]]
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(self.calls)[date(2026, 1, 1)], 99)

    def test_no_text_of_programs_is_on_the_form(self):
        integration = self._make()
        for answer in (
            reply(200, b"<html>Sign in</html>"),
            reply(200, b'{"error": {"code": 403, "status": "DENIED"}}'),
            reply(400, b'{"error": {"message": "KeyError: 7"}}'),
        ):
            with SheetsStandIn(**{RANGE: ROWS}) as server:
                server.next_answers = [answer]
                self._sync(integration, server)
            self.assertEqual(integration.sync_status, "error")
            self.assertNotRegex(integration.last_error, r"[{}<>]|Error")
        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.object(GoogleSheets, "pull", side_effect=KeyError("lost")),
            self.assertLogs("odoo.addons.kpi_tracking_integration", "ERROR"),
        ):
            self._sync(integration, server)
        self.assertEqual(
            integration.last_error,
            "The sync stopped because of an internal error. Ask your administrator to "
            "check the server log.",
        )

    def test_without_the_key_of_secrets_it_says_so_and_the_rest_works(self):
        integration = self._make()
        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.dict("os.environ", {VARIABLE: generate_key()}),
        ):
            self._sync(integration, server)
            self.assertEqual(server.received, [])
            self.assertEqual(integration.sync_status, "error")
            self.assertIn("key", integration.last_error)
            self.assertEqual(integration.api_credentials, "••••••••")
            with self.assertRaises(UserError):
                integration.action_test()
            # entered again, it is sealed with the key of now
            integration.api_credentials = "token-7f3a9c"
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(len(self._values_of(self.calls)), 2)

    def test_what_another_process_syncs_is_left_to_it(self):
        integration = self._make()
        integration.action_turn_on()
        self.env.flush_all()
        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.object(GoogleSheets, "origin", server.origin),
        ):
            with (
                sql_db.db_connect(self.env.cr.dbname).cursor() as cr,
                session_lock(cr, LOCK_SPACE, integration.id) as is_ours,
            ):
                self.assertTrue(is_ours)
                self.env["kpi.integration"].sudo()._cron_sync()
            self.assertEqual(server.received, [])
            self.env["kpi.integration"].sudo()._cron_sync()
            self.assertEqual(len(server.received), 1)
        self.assertEqual(len(self._values_of(self.calls)), 2)

    def test_rights_that_are_taken_between_reading_and_importing_count(self):
        integration = self._make(owner_id=self.officer.id)
        pull = GoogleSheets.pull
        officers = self.env.ref("kpi_base.kpi_base_group_officer")
        admins = self.env.ref("kpi_base.kpi_base_group_admin")

        def pull_and_demote(adapter, periods):
            pulled = pull(adapter, periods)
            self.officer.sudo().group_ids -= officers | admins
            self.env.flush_all()
            return pulled

        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.object(GoogleSheets, "pull", pull_and_demote),
        ):
            self._sync(integration, server)
        self.assertEqual(integration.sync_status, "error")
        self.assertIn("is no longer a KPI officer", integration.last_error)
        self.officer.sudo().group_ids |= officers
        self.assertFalse(self._values_of(self.calls))

    def test_a_token_revoked_between_two_pages_leaves_the_period_as_it_was(self):
        start = fields.Date.context_today(self.env.user).replace(day=1)
        at = datetime.combine(start, time(12), UTC)
        deals = [(str(n), at, "1", "11", True) for n in range(300)]
        mine = self._track(self.calls.definition_id, self.officer)
        integration = self._make(
            integration_type="hubspot", settings={}, closed_count=0
        )
        with (
            HubSpotStandIn(deals[:50], {"11": self.officer.login}) as server,
            patch.object(HubSpot, "origin", server.origin),
            patch.object(HubSpot, "pause", 0.0),
        ):
            integration.sudo()._sync()
            self.assertEqual(self._values_of(mine), {start: 50})
            server.deals, search = deals, server._search

            def search_and_revoke(body):
                server.token = "another"
                return search(body)

            with patch.object(server, "_search", search_and_revoke):
                integration.sudo()._sync()
            pages = [json.loads(one.body).get("after") for one in server.received[-2:]]
            self.assertEqual(pages, [None, "200"])
            self.assertEqual(
                integration.last_error,
                "HubSpot no longer grants access. Connect again.",
            )
            self.assertEqual(integration.sync_status, "error")
            self.assertEqual(self._values_of(mine), {start: 50})
            self.assertEqual(len(integration.import_ids), 1)
            server.token = TOKEN
            integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(mine), {start: 300})

    def test_who_turns_it_off_while_it_reads_ends_it(self):
        integration = self._make()
        integration.action_turn_on()
        pull = GoogleSheets.pull

        def pull_and_turn_off(adapter, periods):
            integration.action_turn_off()
            return pull(adapter, periods)

        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.object(GoogleSheets, "pull", pull_and_turn_off),
        ):
            self._sync(integration, server)
        self.assertEqual(integration.sync_status, "disabled")
        self.assertFalse(integration.next_sync_at)

    def test_an_import_that_cannot_begin_does_not_wait_in_the_queue(self):
        integration = self._make()
        integration.action_turn_on()
        with (
            SheetsStandIn(**{RANGE: ROWS}) as server,
            patch.object(
                self.registry["kpi.import"], "_note_begin", side_effect=KeyError("lost")
            ),
            self.assertLogs("odoo.addons.kpi_base.models.file_import", "ERROR"),
        ):
            self._sync(integration, server)
        job = self.env["kpi.import"].search([("integration_id", "=", integration.id)])
        self.assertEqual(job.state, "failed")
        self.assertEqual(integration.sync_status, "error")
        self.assertEqual(integration.last_error, job.error)
        self.assertIn("internal error", job.error)

    def test_a_neutralized_copy_asks_nobody_and_hears_nobody(self):
        integration = self._make()
        integration.action_turn_on()
        hook = self.env["kpi.hook"].create(
            {
                "name": "Shop",
                "kpi_pointer": "/kpi",
                "day_pointer": "/day",
                "value_pointer": "/n",
            }
        )
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual(integration.sync_status, "disabled")
        self.assertFalse(integration.next_sync_at)
        self.assertFalse(integration._has_secret("api_credentials"))
        self.assertFalse(hook.active)
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            with patch.object(GoogleSheets, "origin", server.origin):
                self.env["kpi.integration"].sudo()._cron_sync()
            self.assertEqual(server.received, [])
