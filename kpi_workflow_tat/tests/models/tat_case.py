"""People who make and decide on requests, at offices in Brussels."""

from datetime import datetime

from odoo import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user

from odoo.addons.kpi_base.tests.common import ClockMixin

MONDAY_14 = "2026-03-23 13:00:00"  # 14:00 in Brussels, in winter time


def utc(text):
    return datetime.fromisoformat(text)


@freeze_time(MONDAY_14)
class TatCase(ClockMixin, TransactionCase):
    """Ann and Bo decide on the first level, Cy on the second; Ina makes requests.

    Cy is Ina's and Ann's manager. All work from 8 to 12 and 13 to 17.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Brussels",
                "tz": "Europe/Brussels",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Work",
                                "dayofweek": str(weekday),
                                "hour_from": hour,
                                "hour_to": hour + 4,
                                "day_period": "morning" if hour < 12 else "afternoon",
                            }
                        )
                        for weekday in range(5)
                        for hour in (8, 13)
                    ),
                ],
            }
        )
        for name in ("ina", "ann", "bo", "cy", "olga", "zoe"):
            setattr(cls, name, cls._make_user(name))
        employees = cls.env["hr.employee"]
        cls.employees = {}
        for user in (cls.cy, cls.ann, cls.bo, cls.ina):
            cls.employees[user] = employees.create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "parent_id": cls.employees.get(cls.cy, employees).id,
                    "resource_calendar_id": cls.calendar.id,
                    "tz": "Europe/Brussels",
                }
            )
        cls.template = cls._make_template([(cls.ann,), (cls.cy,)])

    @classmethod
    def _make_user(cls, name):
        return new_test_user(
            cls.env,
            f"tat-{name}",
            "kpi_base.kpi_base_group_user",
            name=name.title(),
            email=f"{name}@example.com",
        )

    @classmethod
    def _make_template(cls, levels, rule="any", **level_values):
        return cls.env["kpi.approval.workflow"].create(
            {
                "name": "Purchase",
                "model": "kpi.tat.request",
                "workflow_type": "request_template",
                "owner_id": cls.olga.id,
                "level_ids": [
                    Command.create(
                        {
                            "sequence": number,
                            "rule": rule,
                            "tat_hours_standard": 6,
                            "tat_hours_express": 4,
                            "approver_ids": [
                                Command.create({"whom": "user", "user_id": user.id})
                                for user in users
                            ],
                            **(level_values if number == 1 else {}),
                        }
                    )
                    for number, users in enumerate(levels, start=1)
                ],
            }
        )

    def _make_request(self, **values):
        return (
            self.env["kpi.tat.request"]
            .with_user(self.ina)
            .create({"subject": "Laptops", "template_id": self.template.id, **values})
        )

    def _submit(self, **values):
        request = self._make_request(**values)
        request.action_submit()
        return request

    def _get_row(self, request, user):
        rows = request.sudo().level_ids.filtered(lambda row: row.approver_id == user)
        return rows.sorted("id")[-1:]

    def _sweep(self):
        return self.env["kpi.tat.level"]._sweep_due()
