from datetime import date

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestKpiPresence(TransactionCase):
    """Shares of own working time: five days of eight hours a week, in UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Presence"})
        cls.hours = cls.company.resource_calendar_id
        cls.hours.tz = "UTC"
        calendar = cls.env["kpi.calendar"].create(
            {"name": "UTC", "tz": "UTC", "company_id": cls.company.id}
        )
        cls.company.kpi_calendar_id = calendar
        cls.user = cls.env["res.users"].create(
            {
                "name": "Pia",
                "login": "pia_presence",
                "company_id": cls.company.id,
                "company_ids": cls.company.ids,
            }
        )
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Pia",
                "user_id": cls.user.id,
                "company_id": cls.company.id,
                "resource_calendar_id": cls.hours.id,
                "tz": "UTC",
            }
        )

    def _leave(self, first, last):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": self.employee.resource_id.id,
                "calendar_id": self.hours.id,
                "date_from": f"{first} 00:00:00",
                "date_to": f"{last} 23:59:59",
            }
        )

    def _read(self, grains=("week",), **asked):
        days = (date(2026, 3, 2), date(2026, 3, 9))  # both are Mondays
        rows = self.env["kpi.presence"]._read_absence(
            self.company, grains, *days, **asked
        )
        return {(user, str(start)): float(share) for user, _grain, start, share in rows}

    def test_who_is_there_is_not_listed(self):
        self.assertEqual(self._read(), {})

    def test_a_leave_is_a_share_of_the_own_working_time(self):
        self._leave("2026-03-03", "2026-03-08")  # a Tuesday to a Sunday
        self.assertEqual(self._read(), {(self.user.id, "2026-03-02"): 0.8})
        self.assertEqual(self._read(above=0.8), {})
        self.assertEqual(self._read(above=0.5, user_ids=self.user.ids), self._read())
        self.assertEqual(self._read(user_ids=self.env.user.ids), {})

    def test_where_nothing_is_to_be_worked_everybody_is_away(self):
        found = self._read(["day"])
        self.assertEqual(found[self.user.id, "2026-03-07"], 1.0)
        self.assertNotIn((self.user.id, "2026-03-06"), found)
