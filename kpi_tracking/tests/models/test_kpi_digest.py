from datetime import date, datetime

from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

USER = "kpi_base.kpi_base_group_user"
OFFICER = "kpi_base.kpi_base_group_officer"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15 08:00:00")
class TestKpiDigest(ClockMixin, TransactionCase):
    """KPIs in Odoo's digest mail, for the receiver's company and rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Digest"})
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.officer, cls.user = (
            new_test_user(
                cls.env,
                login=f"digest_{name}",
                groups=group,
                company_id=cls.company.id,
                company_ids=cls.company.ids,
            )
            for name, group in (("officer", OFFICER), ("user", USER))
        )
        # Target 10: January on track for both, February off track for one of them.
        cls._report("both_good", {1: 11.0, 2: 12.0})
        cls._report("one_bad", {1: 11.0, 2: 2.0}, user_id=cls.user.id)
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "KPIs",
                "company_id": cls.company.id,
                "kpi_report_on_track": True,
                "kpi_report_off_track": True,
                "kpi_report_at_risk": True,
            }
        )

    @classmethod
    def _report(cls, code, values, user_id=False):
        definition = cls.env["kpi.definition"].create({"name": code, "code": code})
        report = definition._track_for("company", cls.company)
        report.owner_id = user_id
        cls.env["kpi.target"].create(
            {"report_id": report.id, "date_from": "2026-01-01", "value": 10.0}
        )
        rows = [
            (report.id, date(2026, month, 1), value) for month, value in values.items()
        ]
        cls.env["kpi.measurement"]._upsert("month", rows, source="external")

    def _value(self, name, user, end):
        digest = self.digest.with_user(user).with_company(self.company)
        digest = digest.with_context(
            start_datetime=datetime(2026, 1, 1), end_datetime=end
        )
        digest.invalidate_recordset([name])
        return digest[name]

    def test_kpis_are_counted_as_they_stood_at_the_end(self):
        for name, january, february in (
            ("kpi_report_on_track_value", 2, 1),
            ("kpi_report_off_track_value", 0, 1),
            ("kpi_report_at_risk_value", 0, 0),
        ):
            with self.subTest(name=name):
                end = datetime(2026, 2, 1)
                self.assertEqual(self._value(name, self.officer, end), january)
                end = datetime(2026, 3, 1)
                self.assertEqual(self._value(name, self.officer, end), february)

    def test_receivers_count_what_they_may_see(self):
        end = datetime(2026, 3, 1)
        self.assertEqual(self._value("kpi_report_on_track_value", self.user, end), 0)
        self.assertEqual(self._value("kpi_report_off_track_value", self.user, end), 1)

    def test_entries_count_as_overdue_until_they_are_handed_in(self):
        report = self.env["kpi.report"].search([("code", "=", "both_good")])
        report.definition_id.computation = "manual"
        report.write({"owner_id": self.user.id, "entry_date_from": "2026-01-01"})
        end = datetime(2026, 3, 15, 8)
        self.assertEqual(self._value("kpi_entry_overdue_value", self.user, end), 0)
        rows = [
            (report.id, date(2026, 1, 1), None),
            (report.id, date(2026, 2, 1), None),
        ]
        self.env["kpi.measurement"]._upsert("month", rows, source="external")
        self.assertEqual(self._value("kpi_entry_overdue_value", self.user, end), 2)
        report.with_user(self.user)._enter_value(date(2026, 1, 1), 5)
        self.assertEqual(self._value("kpi_entry_overdue_value", self.user, end), 2)
        later = datetime(2026, 3, 15, 9)
        self.assertEqual(self._value("kpi_entry_overdue_value", self.user, later), 1)

    def test_the_mail_shows_them_with_a_link(self):
        kpis = self.digest._compute_kpis(self.company, self.officer)
        shown = {kpi["kpi_name"]: kpi for kpi in kpis}
        self.assertEqual(shown["kpi_report_off_track"]["kpi_col1"]["value"], 1)
        self.assertIn("kpi_report_action", shown["kpi_report_on_track"]["kpi_action"])
