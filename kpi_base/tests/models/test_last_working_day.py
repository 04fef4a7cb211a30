from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

FRIDAY, MONDAY, TUESDAY = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestLastWorkingDay(TransactionCase):
    """Ann works from Monday to Friday, Bo is no employee. Each asks on another day, as
    what is found is remembered.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Last Day"})
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Weekdays",
                "tz": "Europe/Brussels",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "work",
                                "dayofweek": str(weekday),
                                "hour_from": 8,
                                "hour_to": 12,
                                "day_period": "morning",
                            }
                        )
                        for weekday in range(5)
                    ),
                ],
            }
        )
        cls.ann, cls.bo = (
            new_test_user(
                cls.env,
                f"last-day-{name}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name in ("ann", "bo")
        )
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Ann",
                "user_id": cls.ann.id,
                "company_id": cls.company.id,
                "date_version": date(2020, 1, 1),
                "resource_calendar_id": cls.calendar.id,
            }
        )

    def _find(self, user, today):
        own = user.with_user(user).with_company(self.company)
        return own._kpi_find_last_working_day(today)

    def test_the_day_before_or_before_the_weekend(self):
        self.assertEqual(self._find(self.ann, TUESDAY), MONDAY)
        self.assertEqual(self._find(self.ann, MONDAY), FRIDAY)
        self.assertEqual(self._find(self.ann, date(2026, 3, 8)), FRIDAY)

    def test_leaves_are_no_work(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Ill",
                "calendar_id": self.calendar.id,
                "resource_id": self.employee.resource_id.id,
                "time_type": "leave",
                "date_from": datetime(2026, 3, 16),
                "date_to": datetime(2026, 3, 17, 22),
            }
        )
        self.assertEqual(self._find(self.ann, date(2026, 3, 18)), date(2026, 3, 13))

    def test_who_is_no_employee_works_as_the_company_does(self):
        self.company.resource_calendar_id = self.calendar
        self.assertEqual(self._find(self.bo, date(2026, 3, 23)), date(2026, 3, 20))

    def test_who_never_works_is_told_since_yesterday(self):
        self.company.resource_calendar_id = False
        self.assertEqual(self._find(self.bo, date(2026, 3, 30)), date(2026, 3, 29))
