import runpy
from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.modules.module import get_module_path
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import GoogleSheets, HubSpot
from ..stand_ins import HubSpotStandIn, SheetsStandIn
from .integration_case import RANGE, ROWS, IntegrationCase


@tagged("post_install", "-at_install")
class TestKpiIntegration(IntegrationCase):
    def test_a_sheet_becomes_values_and_its_corrections_follow(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
            self.assertFalse(integration.last_error)
            january, february = date(2026, 1, 1), date(2026, 2, 1)
            self.assertEqual(self._values_of(self.calls), {january: 12.5, february: 7})
            self.assertEqual(integration.sync_status, "active")
            self.assertEqual(
                integration.next_sync_at - integration.last_sync, timedelta(days=1)
            )
            server.sheets["s" * 30][RANGE] = [*ROWS[:2], ["calls", "2026-02", 8]]
            self._sync(integration, server)
        self.assertEqual(self._values_of(self.calls), {january: 12.5, february: 8})
        first, second = integration.import_ids.sorted("id")
        self.assertEqual((first.added_count, second.changed_count), (2, 1))
        self.assertEqual(second.equal_count, 1)

    def test_texts_arrive_as_the_service_has_them(self):
        names = ["+Calls", "=Calls", "'=Calls", "-Calls", "'Calls"]
        kpis = [self._kpi(f"odd_{at}", name) for at, name in enumerate(names)]
        rows = [[name, "2026-01", "-5"] for name in names]
        integration = self._make(allows_any_kpi=True)
        with SheetsStandIn(**{RANGE: [ROWS[0], *rows]}) as server:
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        for kpi in kpis:
            self.assertEqual(self._values_of(kpi), {date(2026, 1, 1): -5}, kpi.name)

    def test_only_the_chosen_kpis_are_written(self):
        other = self._kpi("visits", "Visits")
        rows = [*ROWS, ["visits", "2026-01", 3], ["Visits", "2026-02", 4]]
        integration = self._make()
        january, february = date(2026, 1, 1), date(2026, 2, 1)
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
            (job,) = integration.import_ids
            self.assertEqual((job.added_count, job.refused_count), (2, 2))
            self.assertIn("“Visits” is not a KPI of Calls of the hotline.", job.preview)
            self.assertEqual(self._values_of(other), {})
            self.assertEqual(self._values_of(self.calls), {january: 12.5, february: 7})
            integration.other_definition_ids = other.definition_id
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(other), {january: 3, february: 4})

    def test_any_kpi_is_written_where_the_form_allows_it(self):
        other = self._kpi("visits", "Visits")
        rows = [*ROWS, ["visits", "2026-01", 3], ["Unheard of", "2026-02", 4]]
        integration = self._make(allows_any_kpi=True)
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
        self.assertEqual(self._values_of(other), {date(2026, 1, 1): 3})
        self.assertEqual(integration.import_ids.refused_count, 1)

    def test_no_kpi_is_created_for_an_integration_with_chosen_kpis(self):
        integration = self._make()
        rows = [*ROWS, ["unheard_of", "2026-01", 3]]
        with (
            SheetsStandIn(**{RANGE: rows}) as server,
            patch.object(GoogleSheets, "origin", server.origin),
        ):
            action = integration.action_check()
            job = self.env["kpi.import"].browse(action["res_id"])
            job.target_options = {**(job.target_options or {}), "creates_kpis": True}
            job.action_check()
            self.assertEqual((job.import_count, job.refused_count), (2, 1))
        found = self.env["kpi.definition"].search([("name", "ilike", "unheard")])
        self.assertFalse(found)

    def test_kpis_that_a_person_cannot_read_cannot_be_chosen(self):
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        foreign = self.env["kpi.definition"].sudo()
        foreign = foreign.create({"name": "Foreign", "company_id": elsewhere.id})
        integration = self._make()
        with self.assertRaises(UserError):
            integration.other_definition_ids = foreign.sudo(False)
            self.env.flush_all()

    def test_integrations_that_wrote_several_kpis_go_on(self):
        other = self._kpi("visits", "Visits")
        several = self._make(allows_any_kpi=True)
        with SheetsStandIn(**{RANGE: [*ROWS, ["visits", "2026-01", 3]]}) as server:
            self._sync(several, server)
        one = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(one, server)
        self.assertEqual(len(self._values_of(other)), 1)
        several.allows_any_kpi = False
        self.env.flush_all()
        path = get_module_path("kpi_tracking_integration")
        script = f"{path}/migrations/19.0.1.2.0/post-any-kpi.py"
        runpy.run_path(script)["migrate"](self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertTrue(several.allows_any_kpi)
        self.assertFalse(one.allows_any_kpi)

    def test_times_of_a_form_are_dates(self):
        integration = self._make()
        rows = [["Date", "Value"], [46023.5849, 2], [46081.9999, 3]]
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(
            self._values_of(self.calls), {date(2026, 1, 1): 2, date(2026, 2, 1): 3}
        )

    def test_days_are_of_the_time_zone_of_the_company(self):
        self.calls.definition_id.calendar_id.sudo().tz = "America/New_York"
        mine = self._track(self.calls.definition_id, self.officer)
        integration = self._make(
            integration_type="hubspot", settings={}, closed_count=1
        )
        self.assertEqual(integration.time_zone, "America/New_York")
        start = fields.Date.context_today(self.env.user).replace(day=1)
        before = (start - timedelta(days=1)).replace(day=1)
        # still the evening of the last day of the month before
        deals = [("1", datetime.combine(start, time(3), UTC), "5", "11", True)]
        with (
            HubSpotStandIn(deals, {"11": self.officer.login}) as server,
            patch.object(HubSpot, "origin", server.origin),
            patch.object(HubSpot, "pause", 0.0),
        ):
            integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(mine), {before: 5})

    def test_a_title_that_changed_is_asked_about(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            with patch.object(GoogleSheets, "origin", server.origin):
                action = integration.action_check()
            job = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual((job.state, job.import_count), ("checked", 2))
            self.assertFalse(self._values_of(self.calls))
            self.assertFalse(integration.mapping_id.active)
            server.sheets["s" * 30][RANGE] = [["KPI", "Month", "Booked"], *ROWS[1:]]
            self._sync(integration, server)
            self.assertEqual(
                integration.last_error,
                "Columns have changed (missing: Value; new: Booked). Choose "
                "“Check” to map them.",
            )
            self.assertEqual(integration.sync_status, "error")
            self.assertFalse(self._values_of(self.calls))
            with patch.object(GoogleSheets, "origin", server.origin):
                action = integration.action_check()
            job = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual(job.state, "matched")
            job.column_ids.filtered(lambda one: one.name == "Booked").key = "value"
            job.action_check()
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(len(self._values_of(self.calls)), 2)

    def test_no_file_is_read_by_its_columns(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            with patch.object(GoogleSheets, "origin", server.origin):
                integration.action_check()
        mappings = self.env["kpi.import.mapping"]
        titles = integration.mapping_id.titles
        self.assertTrue(titles)
        self.assertFalse(mappings._find_mapping(titles, self.company))

    def test_a_vendor_that_asks_us_to_wait_is_left_alone(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            server.next_answers = [reply(429, Retry_After="720")]
            before = fields.Datetime.now()
            self._sync(integration, server)
        self.assertEqual(integration.sync_status, "active")
        self.assertRegex(
            integration.last_error,
            r"^Google Sheets asked Odoo to wait until \d\d?:\d\d",
        )
        until = fields.Datetime.context_timestamp(
            integration.with_context(tz="UTC"), integration.next_sync_at
        )
        self.assertIn(f":{until:%M}", integration.last_error)
        wait = integration.next_sync_at - before
        self.assertTrue(
            timedelta(0) <= wait - timedelta(seconds=720) < timedelta(minutes=1)
        )
        self.assertFalse(integration.last_sync)

    def test_a_revoked_token_is_said_without_it(self):
        integration = self._make(api_credentials="token-revoked")
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
            self.assertEqual(
                integration.last_error,
                "Google Sheets no longer grants access. Connect again.",
            )
            with (
                patch.object(GoogleSheets, "origin", server.origin),
                self.assertRaisesRegex(UserError, "Connect again"),
            ):
                integration.action_test()

    def test_nothing_is_called_for_who_may_not_import(self):
        integration = self._make(owner_id=self.officer.id)
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            officers = self.env.ref("kpi_base.kpi_base_group_officer")
            admins = self.env.ref("kpi_base.kpi_base_group_admin")
            self.officer.with_user(SUPERUSER_ID).group_ids -= officers | admins
            self._sync(integration, server)
            self.assertIn("is no longer a KPI officer", integration.last_error)
            self.officer.with_user(SUPERUSER_ID).group_ids |= officers
            self.officer.with_user(SUPERUSER_ID).active = False
            self._sync(integration, server)
            self.assertIn("is no longer a KPI officer", integration.last_error)
            self.officer.with_user(SUPERUSER_ID).active = True
            other = self.env["res.company"].with_user(SUPERUSER_ID)
            other = other.create({"name": "Elsewhere"})
            self.officer.with_user(SUPERUSER_ID).write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            )
            self._sync(integration, server)
            self.assertIn("can no longer access", integration.last_error)
        self.assertEqual(server.received, [])
        self.assertEqual(integration.sync_status, "error")

    def test_nobody_imports_as_somebody_else(self):
        integration = self._make()
        with self.assertRaisesRegex(ValidationError, "Only KPI administrators"):
            integration.owner_id = self.env.ref("base.user_admin")

    def test_lists_of_the_other_system_are_suggested(self):
        integration = self._make()
        with (
            SheetsStandIn(**{RANGE: ROWS, "Plan": []}) as server,
            patch.object(GoogleSheets, "origin", server.origin),
        ):
            integration.action_fetch_choices()
        options = {one["key"]: one["suggestions"] for one in integration.asked_options}
        self.assertEqual(options["range"], [["Actuals", "Actuals"], ["Plan", "Plan"]])
        self.assertEqual(options["spreadsheet"], [])

    def test_what_is_fetched_goes_to_a_kpi(self):
        with self.assertRaisesRegex(ValidationError, "Choose the KPI"):
            self._make(definition_id=False)

    def test_hubspot_feeds_by_owner_and_a_deleted_deal_lowers_its_month(self):
        today = fields.Date.context_today(self.env.user)
        at = datetime.combine(today.replace(day=1), time(12), UTC)
        deals = [
            ("1", at, "100", "11", True),
            ("2", at, "40.5", "11", True),
            ("3", at, "7", "12", True),
        ]
        owners = {"11": self.officer.login, "12": "jane@elsewhere.test"}
        mine = self._track(self.calls.definition_id, self.officer)
        integration = self._make(
            integration_type="hubspot", settings={}, closed_count=0
        )
        with (
            HubSpotStandIn(deals, owners) as server,
            patch.object(HubSpot, "origin", server.origin),
            patch.object(HubSpot, "pause", 0.0),
        ):
            integration.sudo()._sync()
            self.assertFalse(integration.last_error)
            start = today.replace(day=1)
            self.assertEqual(self._values_of(mine), {start: 140.5})
            (job,) = integration.import_ids
            self.assertEqual((job.added_count, job.refused_count), (1, 1))
            self.assertIn("jane@elsewhere.test", job.preview)
            (unknown,) = integration.unknown_names
            self.assertEqual(unknown["text"], "jane@elsewhere.test")
            self.assertEqual((unknown["key"], unknown["rows"]), ("user", 1))
            self.assertEqual(
                integration.unknown_label, "Not found: Person “jane@elsewhere.test”."
            )
            explained = mine.get_explanation(start)["method"]
            self.assertTrue(explained.startswith("HubSpot, synced on "), explained)
            self.assertIn(f"by {self.env.user.name}.", explained)
            jane = new_test_user(
                self.env(su=True), "jane", company_id=self.company.id
            ).with_env(self.env)
            hers = self._track(self.calls.definition_id, jane)
            dialog = self.env["kpi.integration.map"].create(
                {
                    "integration_id": integration.id,
                    "text": "jane@elsewhere.test",
                    "user_id": jane.id,
                }
            )
            dialog.action_map()
            del server.deals[1]
            integration.sudo()._sync()
            self.assertFalse(integration.unknown_names)
            self.assertFalse(integration.gone_ids)
            self.assertEqual(self._values_of(mine), {start: 100})
            self.assertEqual(self._values_of(hers), {start: 7})
            # all of hers is gone there: said, and removed by a click alone
            del server.deals[1]
            integration.sudo()._sync()
        self.assertEqual(integration.gone_label, "1 value removed at the source.")
        self.assertEqual(self._values_of(hers), {start: 7})
        integration.action_remove_gone()
        self.assertFalse(self._values_of(hers))
        self.assertEqual(self._values_of(mine), {start: 100})
        self.assertFalse(integration.gone_label)

    def test_unknown_names_are_mapped_one_after_the_other(self):
        team = (
            self.env["kpi.team"]
            .sudo()
            .create({"name": "Field Sales", "company_id": self.company.id})
        )
        of_team = self.env["kpi.report"].create(
            {
                "definition_id": self.calls.definition_id.id,
                "company_id": self.company.id,
                "scope_type": "team",
                "team_id": team.id,
            }
        )
        integration = self._make()
        rows = [
            ["KPI", "Team", "Month", "Value"],
            ["calls", "Road Warriors", "2026-01", 3],
            ["telephone", None, "2026-01", 4],
        ]
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
            self.assertEqual(integration.import_ids.refused_count, 2)
            found = {(one["key"], one["text"]) for one in integration.unknown_names}
            self.assertEqual(
                found, {("team", "Road Warriors"), ("kpi_name", "telephone")}
            )
            action = integration.action_open_map()
            for _number in range(2):
                form = Form(
                    self.env[action["res_model"]].with_context(**action["context"])
                )
                if form.key == "team":
                    form.team_id = team
                else:
                    form.definition_id = self.calls.definition_id
                action = form.save().action_map()
            self.assertEqual(action["type"], "ir.actions.act_window_close")
            self._sync(integration, server)
        self.assertFalse(integration.unknown_names)
        self.assertEqual(self._values_of(of_team), {date(2026, 1, 1): 3})
        self.assertEqual(self._values_of(self.calls), {date(2026, 1, 1): 4})

    def test_people_are_found_in_any_case(self):
        mine = self._track(self.calls.definition_id, self.officer)
        self.officer.sudo().email = "Jane.Doe@Nordwind.test"
        integration = self._make()
        rows = [["Day", "User", "Amount"], ["2026-01-01", "JANE.DOE@nordwind.TEST", 3]]
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(mine), {date(2026, 1, 1): 3})

    def test_a_kpi_that_is_not_tracked_can_be(self):
        """Also where rows name nobody, and are of the company."""
        kpi = self.calls.definition_id.copy({"code": "calls_of_old"})
        integration = self._make(definition_id=kpi.id)
        with (
            SheetsStandIn(Actuals=[["Day", "Value"], ["2026-01-01", 3]]) as server,
            patch.object(GoogleSheets, "origin", server.origin),
        ):
            job = self.env["kpi.import"].browse(integration.action_check()["res_id"])
            (fix,) = job.check_page["fixes"]
            self.assertEqual(fix["label"], "Also track the KPI for these rows")

    def test_a_kpi_that_is_not_tracked_for_an_owner_can_be(self):
        """It is there: nobody is asked to create it."""
        start = fields.Date.context_today(self.env.user).replace(day=1)
        at = datetime.combine(start, time(12), UTC)
        deals = [("1", at, "100", "11", True), ("2", at, "7", "12", True)]
        owners = {"11": self.officer.login, "12": "nobody@elsewhere.test"}
        integration = self._make(
            integration_type="hubspot", settings={}, closed_count=0
        )
        with (
            HubSpotStandIn(deals, owners) as server,
            patch.object(HubSpot, "origin", server.origin),
            patch.object(HubSpot, "pause", 0.0),
        ):
            job = self.env["kpi.import"].browse(integration.action_check()["res_id"])
            self.assertEqual((job.import_count, job.refused_count), (0, 2))
            reasons = [row["reason"] for row in job.check_page["refused"]]
            name = self.calls.definition_id.name
            self.assertTrue(
                any(f"{name} is not tracked for" in why for why in reasons), reasons
            )
            (fix,) = job.check_page["fixes"]
            self.assertEqual(fix["label"], "Also track the KPI for these rows")
            self.assertEqual(fix["detail"], "Rows fixed: 1")
            job.action_fix(fix["key"])
            self.assertEqual((job.import_count, job.refused_count), (1, 1))
            # from now on, too
            integration.sudo()._sync()
        self.assertFalse(integration.last_error)
        mine = integration.definition_id.report_ids.filtered("user_id")
        self.assertEqual(mine.user_id, self.officer)
        self.assertEqual(self._values_of(mine), {start: 100})

    def test_a_sheet_without_a_kpi_is_of_the_chosen_one(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: [row[1:] for row in ROWS]}) as server:
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(len(self._values_of(self.calls)), 2)

    def test_numbers_and_days_of_a_sheet_are_no_question(self):
        """As JSON has them: 2.125, and 46023 for 1 January 2026."""
        integration = self._make()
        rows = [["KPI", "Day", "Value"], ["calls", 46023, 2.125]]
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
            self.assertFalse(integration.last_error)
            self.assertEqual(self._values_of(self.calls), {date(2026, 1, 1): 2.125})
        # of a text it is asked what its mark means
        other = self._make()
        rows = [["KPI", "Day", "Value"], ["calls", 46023, "2.125"]]
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(other, server)
        self.assertIn("“1.500” could be 1.5 or 1500", other.last_error)

    def test_cards_of_hooks_and_keys_lead_to_their_forms(self):
        cards = {
            card["key"]: card for card in self.env["kpi.integration"].new().gallery
        }
        kinds = dict(self.env["kpi.integration"]._fields["integration_type"].selection)
        self.assertEqual({*cards}, {*kinds, "hook", "zapier"})
        self.assertTrue(all(card["gives"] and card["needs"] for card in cards.values()))
        hook = cards["hook"]["action"]
        self.assertEqual(hook["res_model"], "kpi.hook")
        self.assertEqual([*map(list, hook["views"])], [[False, "form"]])
        key = cards["zapier"]["action"]
        wizard = Form(self.env[key["res_model"]].with_context(**key["context"]))
        self.assertEqual(wizard.name, "Zapier")
        codes = {scope.code for scope in wizard.scope_ids}
        self.assertEqual(codes, {"kpi.hooks", "kpi.write"})

    def test_nothing_is_real_time_that_does_not_call_us(self):
        with self.assertRaisesRegex(ValidationError, "Choose a frequency"):
            self._make(sync_frequency="real_time")

    def test_once_a_week_thirteen_months_are_read(self):
        integration = self._make(
            integration_type="hubspot", settings={}, closed_count=2
        )
        reads = []
        pull = HubSpot.pull

        def count_and_pull(adapter, periods):
            reads.append(len(periods))
            return pull(adapter, periods)

        with (
            HubSpotStandIn() as server,
            patch.object(HubSpot, "origin", server.origin),
            patch.object(HubSpot, "pause", 0.0),
            patch.object(HubSpot, "pull", count_and_pull),
        ):
            server.next_answers = [reply(500)]
            integration.sudo()._sync()  # failed: still to be done
            integration.sudo()._sync()
            integration.sudo()._sync()
            integration.sudo().wide_sync_at -= timedelta(days=7)
            integration.sudo()._sync()
        self.assertEqual(reads, [14, 14, 3, 14])

    def test_one_statement_finds_what_synced_many_values(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
        facts = self.env["kpi.measurement"].search(
            [("report_id", "=", self.calls.id), ("grain", "=", "month")]
        )
        self.assertEqual(len(facts), 2)
        imports = self.env["kpi.import"]
        imports._find_syncs(facts)
        self.env.invalidate_all()
        facts.mapped("recorded_at"), facts.report_id.mapped("company_id")
        with self.assertQueryCount(1):
            found = imports._find_syncs(facts)
        self.assertEqual(list(found.values()), [integration.import_ids] * 2)
        self.assertEqual(imports._find_syncs(facts.browse()), {})

    def test_the_explanation_leads_to_the_integration(self):
        integration = self._make()
        with SheetsStandIn(**{RANGE: ROWS}) as server:
            self._sync(integration, server)
        self.assertFalse(self.env["kpi.explanation"].new({}).integration_id)
        explained = self.env["kpi.explanation"].create(
            {
                "report_id": self.calls.id,
                "grain": "month",
                "period_start": date(2026, 1, 1),
            }
        )
        self.assertIn("Google Sheets, synced on ", explained.method)
        self.assertEqual(explained.integration_id, integration)
        action = explained.action_open_integration()
        self.assertEqual(action["res_id"], integration.id)
        # it is its officer's: others are not led there
        other = new_test_user(
            self.env(su=True),
            "other",
            groups="kpi_base.kpi_base_group_officer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        seen = explained.with_user(other).create(
            {
                "report_id": self.calls.id,
                "grain": "month",
                "period_start": date(2026, 1, 1),
            }
        )
        self.assertIn("Google Sheets, synced on ", seen.method)
        self.assertFalse(seen.integration_id)

    def test_an_error_is_tried_again_within_the_hour(self):
        integration = self._make(sync_frequency="weekly")
        with SheetsStandIn(**{RANGE: []}) as server:
            self._sync(integration, server)
        self.assertEqual(integration.last_error, "The range “Actuals” is empty.")
        wait = integration.next_sync_at - fields.Datetime.now()
        self.assertLessEqual(wait, timedelta(hours=1))

    def test_people_of_several_companies_are_found(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere as well"})
        self.officer.sudo().company_ids |= other
        mine = self._track(self.calls.definition_id, self.officer)
        integration = self._make()
        rows = [["Day", "User", "Amount"], ["2026-01-01", self.officer.login, 3]]
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)
        self.assertFalse(integration.last_error)
        self.assertEqual(self._values_of(mine), {date(2026, 1, 1): 3})
