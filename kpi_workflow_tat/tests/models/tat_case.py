"""People who make and decide on requests, at offices in Brussels."""

from datetime import datetime

from odoo import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user

from odoo.addons.kpi_base.tests.common import ClockMixin
from odoo.addons.kpi_base.tests.world import builder, found, keep

MONDAY_14 = "2026-03-23 13:00:00"  # 14:00 in Brussels, in winter time
PEOPLE = ("ina", "ann", "bo", "cy", "olga", "zoe")
EMPLOYEES = ("cy", "ann", "bo", "ina")


def utc(text):
    return datetime.fromisoformat(text)


@freeze_time(MONDAY_14)
class TatCase(ClockMixin, TransactionCase):
    """Ann and Bo decide on the first level, Cy on the second; Ina makes requests.

    Cy is Ina's and Ann's manager. All work from 8 to 12 and 13 to 17.
    """

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        with freeze_time(MONDAY_14):
            case._make_people()
            case.template = case._make_template([(case.ann,), (case.cy,)])
        names = (*PEOPLE, "calendar", "template")
        keep(env, "tat", **{name: getattr(case, name) for name in names})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        found(cls, "tat", *PEOPLE, "calendar", "template")
        users = [getattr(cls, name) for name in EMPLOYEES]
        cls.employees = {user: user.employee_ids for user in users}

    @classmethod
    def _make_people(cls):
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
        for name in PEOPLE:
            setattr(cls, name, cls._make_user(name))
        for name in EMPLOYEES:
            user = getattr(cls, name)
            cls.env["hr.employee"].create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "parent_id": cls.cy.employee_id.id,
                    "resource_calendar_id": cls.calendar.id,
                    "tz": "Europe/Brussels",
                }
            )

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
