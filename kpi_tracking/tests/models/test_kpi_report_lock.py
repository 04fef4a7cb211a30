from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .entry_case import GROUP, NOVEMBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiReportLock(KpiEntryCase):
    """A locked period stays as it is, whoever asks."""

    def test_the_later_lock_holds(self):
        other = self._report("Other")
        self.assertEqual(self.report._get_lock_dates(), {self.report: None})
        self.company.kpi_lock_date = date(2026, 9, 30)
        self.report.locked_until = date(2026, 10, 31)
        locked = (self.report | other)._get_lock_dates()
        self.assertEqual(locked[self.report], date(2026, 10, 31))
        self.assertEqual(locked[other], date(2026, 9, 30))

    def test_a_period_is_locked_with_its_last_day(self):
        self.company.kpi_lock_date = date(2026, 10, 30)
        self._enter(self.uma, 1)
        self.company.kpi_lock_date = date(2026, 10, 31)
        with self.assertRaisesRegex(UserError, "Oct 2026 is locked"):
            self._enter(self.uma, 2, reason="Late")
        self._enter(self.uma, 2, day=NOVEMBER)

    def test_the_refusal_says_who_may_unlock(self):
        self.company.kpi_lock_date = date(2026, 10, 31)
        with self.assertRaisesRegex(UserError, "KPI administrators can change"):
            self._enter(self.uma, 1)
        self.company.kpi_lock_date = False
        self.report.locked_until = date(2026, 10, 31)
        with self.assertRaisesRegex(UserError, "KPI officers can change"):
            self._enter(self.uma, 1)

    def test_a_lock_stops_approval_correction_and_withdrawal(self):
        self.report.definition_id.has_entry_approval = True
        waiting = self._enter(self.uma, 1)
        accepted = self._enter(self.uma, 1, day=NOVEMBER)
        accepted.with_user(self.mia).action_approve()
        self.report.locked_until = date(2026, 11, 30)
        for action in (
            waiting.with_user(self.mia).action_approve,
            lambda: accepted.with_user(self.mia)._withdraw("Wrong"),
            lambda: self._enter(self.uma, 2, day=NOVEMBER, reason="Wrong"),
        ):
            with self.assertRaisesRegex(UserError, "is locked"):
                action()

    def test_kpi_administrators_move_the_lock_of_their_companies(self):
        admin = self._user("ada", "admin")
        wizards = self.env["kpi.lock.wizard"]
        own = wizards.with_user(admin).create({"lock_date": "2026-10-31"})
        own.action_lock()
        self.assertEqual(self.company.kpi_lock_date, date(2026, 10, 31))
        with self.assertRaises(AccessError):
            wizards.with_user(self.otto).create({"lock_date": "2026-10-31"})
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            wizards.with_user(admin).create({"company_id": elsewhere.id})
        own.sudo().company_id = elsewhere
        with self.assertRaisesRegex(AccessError, "of this company"):
            own.action_lock()

    def test_the_lock_is_not_the_managers_to_set(self):
        with self.assertRaises(AccessError):
            self.report.with_user(self.mia).locked_until = date(2026, 10, 31)
        self.report.with_user(self.otto).locked_until = date(2026, 10, 31)

    def test_archiving_is_offered_to_who_may_archive(self):
        for user, is_offered in ((self.mia, False), (self.otto, True)):
            found = self.report.with_user(user).fields_get(["active", "target_ids"])
            with self.subTest(user.login):
                self.assertEqual(found["active"]["readonly"], not is_offered)
                self.assertFalse(found["target_ids"]["readonly"])
        with self.assertRaisesRegex(AccessError, f"Ask {self.otto.name} for"):
            self.report.with_user(self.mia).active = False

    def test_settings_show_the_lock(self):
        user = new_test_user(
            self.env, "entry_sys", f"base.group_system,{GROUP}" % "admin"
        )
        settings = self.env["res.config.settings"].with_user(user).create({})
        settings.kpi_lock_date = date(2026, 10, 31)
        self.assertEqual(settings.company_id.kpi_lock_date, date(2026, 10, 31))
