from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..stand_ins import SheetsStandIn
from .integration_case import RANGE, ROWS, IntegrationCase


@tagged("post_install", "-at_install")
class TestKpiIntegrationStatus(IntegrationCase):
    """The form shows how an integration is; its owner is notified once."""

    def _list_messages(self):
        mails = self.env["kpi.delivery"].sudo()
        found = mails.search([("user_id", "=", self.officer.id)], order="id")
        return found.mapped("subject")

    def _sync_rows(self, integration, rows):
        with SheetsStandIn(**{RANGE: rows}) as server:
            self._sync(integration, server)

    def test_refused_rows_are_in_the_status(self):
        integration = self._make()
        self._sync_rows(integration, [*ROWS, ["calls", "2026-13", 7]])
        self.assertEqual(integration.status_text, "Active, 1 row refused")
        self.assertIn("2026-13", integration.refused_reason)
        self._sync_rows(integration, ROWS)
        self.assertEqual(integration.status_text, "Active")
        self.assertFalse(integration.refused_reason)
        integration.action_turn_off()
        self.assertEqual(integration.status_text, "Disabled")

    def test_the_owner_is_notified_once_of_a_failure_and_of_its_end(self):
        integration = self._make()
        self._sync_rows(integration, ROWS)
        self.assertEqual(self._list_messages(), [])
        for _time in range(3):
            self._sync_rows(integration, [])
        self.assertEqual(integration.status_text, "Failed")
        failed = "Failed: Calls of the hotline"
        self.assertEqual(self._list_messages(), [failed])
        for _time in range(2):
            self._sync_rows(integration, ROWS)
        works = "Working again: Calls of the hotline"
        self.assertEqual(self._list_messages(), [failed, works])

    def test_an_integration_without_new_data_is_stale(self):
        integration = self._make()
        self._sync_rows(integration, ROWS)
        integration.sudo().sync_status = "active"
        sweep = self.env["kpi.integration"].sudo()._sweep_stale
        sweep()
        self.assertFalse(integration.stale_since)
        moment = fields.Datetime.now() - timedelta(days=4)
        integration.sudo().write({"last_sync": moment, "turned_on_at": moment})
        report = self.calls.sudo(False)
        self.assertFalse(report.feed_notice)
        for _time in range(2):
            sweep()
        self.assertEqual(integration.stale_since, moment)
        self.assertTrue(integration.status_text.startswith("Stale since "))
        self.assertEqual(self._list_messages(), ["No new data: Calls of the hotline"])
        report.invalidate_recordset()
        self.assertTrue(report.feed_notice.startswith("No new data since "))
        # a failure after it is no second message
        self._sync_rows(integration, [])
        self.assertEqual(len(self._list_messages()), 1)
        self._sync_rows(integration, ROWS)
        self.assertEqual(
            self._list_messages()[1:], ["Working again: Calls of the hotline"]
        )
        report.invalidate_recordset()
        self.assertFalse(report.feed_notice)

    def test_who_was_just_turned_on_is_not_stale(self):
        integration = self._make()
        self._sync_rows(integration, ROWS)
        integration.sudo().last_sync = fields.Datetime.now() - timedelta(days=40)
        integration.action_turn_on()
        self.env["kpi.integration"].sudo()._sweep_stale()
        self.assertFalse(integration.stale_since)

    def test_the_bell_rings_for_those_who_prefer_it(self):
        integration = self._make()
        self.officer.sudo().notification_type = "inbox"
        self._sync_rows(integration, [])
        self.assertEqual(self._list_messages(), [])
        found = self.env["mail.notification"].sudo()
        found = found.search([("res_partner_id", "=", self.officer.partner_id.id)])
        self.assertEqual(found.notification_type, "inbox")
        message = found.mail_message_id
        self.assertEqual(message.subject, "Failed: Calls of the hotline")
        self.assertEqual(
            (message.model, message.res_id), (integration._name, integration.id)
        )

    def test_officers_of_the_company_are_notified_for_who_left(self):
        integration = self._make()
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        other, foreign = (
            new_test_user(
                self.env(su=True),
                login,
                "kpi_base.kpi_base_group_officer",
                company_id=company.id,
                company_ids=company.ids,
            )
            for login, company in (("second", self.company), ("foreign", elsewhere))
        )
        self.env.flush_all()
        self.officer.sudo().active = False
        integration.sudo()._notify_owner("Failed", "Why")
        mails = self.env["kpi.delivery"].sudo().search([("subject", "=", "Failed")])
        self.assertIn(other, mails.user_id)
        self.assertNotIn(foreign, mails.user_id)
