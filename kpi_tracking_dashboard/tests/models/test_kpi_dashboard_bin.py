from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_kpi_dashboard_publish import PublishCase


@tagged("post_install", "-at_install")
class TestKpiDashboardBin(PublishCase):
    """Deleted dashboards can be put back for a while."""

    def test_a_deleted_dashboard_is_seen_by_nobody_else(self):
        self._as(self.officer, self.dashboard).action_delete()
        self.env.invalidate_all()
        self.assertTrue(self.dashboard.exists())
        mine = self._as(self.user, self.dashboard)
        with self.assertRaises(AccessError):
            mine.data()
        everything = mine.with_context(active_test=False)
        self.assertNotIn(self.dashboard, everything.search([]))
        self.assertEqual(self.dashboard.deleted_by_id, self.officer)

    def test_whoever_deletes_it_puts_it_into_the_bin(self):
        own = self._as(self.officer, self.dashboard)
        own.unlink()
        self.assertTrue(self.dashboard.deleted_on)
        with self.assertRaisesRegex(UserError, "Restore it first"):
            own.start_draft()
        own.unlink()
        self.assertFalse(self.dashboard.exists())

    def test_it_comes_back_as_it_was(self):
        self.dashboard.has_menu = True
        self._as(self.officer, self.dashboard).action_delete()
        self.assertFalse(self.dashboard.menu_id)
        told = self._as(self.officer, self.dashboard).action_put_back()
        self.assertIn(self.dashboard.name, told["params"]["message"])
        self.assertTrue(self.dashboard.active)
        self.assertFalse(self.dashboard.deleted_on)
        self.assertTrue(self.dashboard.menu_id)
        self.assertEqual(self._titles(self.dashboard), ["First", "Second"])

    def test_links_and_mails_of_it_end(self):
        day = fields.Date.today() + timedelta(days=3)
        shares = self._as(self.officer, self.env["kpi.dashboard.share"])
        for kind in ("live", "frozen"):
            link = shares._generate(self.dashboard, expires_on=day, kind=kind)[1]
            self.assertTrue(link.sudo()._is_open())
            self.dashboard.action_delete()
            self.assertFalse(link.sudo()._is_open())
            self.dashboard.action_put_back()
            self.assertTrue(link.sudo()._is_open())
        schedule = self.env["kpi.dashboard.schedule"].create(
            {"dashboard_id": self.dashboard.id, "user_ids": self.user.ids}
        )
        self.assertTrue(schedule._dashboard_of(self.user))
        self.dashboard.action_delete()
        self.assertFalse(schedule._dashboard_of(self.user))

    def test_only_who_arranges_it_deletes_it(self):
        for call in ("action_delete", "action_put_back"):
            with self.assertRaises(AccessError):
                getattr(self._as(self.user, self.dashboard), call)()

    def test_after_thirty_days_it_is_gone(self):
        other = self._dashboard(name="Other")
        (self.dashboard | other).action_delete()
        self.dashboard.deleted_on -= timedelta(days=31)
        self.env["kpi.dashboard"]._gc_deleted()
        self.assertFalse(self.dashboard.exists())
        self.assertTrue(other.exists())
        other.action_delete_for_good()
        self.assertFalse(other.exists())

    def test_what_is_not_in_the_bin_is_not_deleted_for_good(self):
        with self.assertRaisesRegex(UserError, "is not deleted yet"):
            self.dashboard.action_delete_for_good()
        self.assertTrue(self.dashboard.exists())
