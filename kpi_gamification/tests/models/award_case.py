from datetime import date, datetime

from odoo import Command
from odoo.tests import freeze_time
from odoo.tools import SQL

from odoo.addons.kpi_base.tests.world import found, keep
from odoo.addons.kpi_tracking_collaboration.tests.models.coaching_case import (
    CoachingCase,
)

GOOD, BAD = 120, 50  # of a target of 100
MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02")
NOW = datetime(2026, 3, 10, 9)


class AwardCase(CoachingCase):
    """People whose months were judged, and achievements about them."""

    @classmethod
    def prepare_database(cls, env):
        case = cls._builder(env)
        people = {
            name: case._create_user(name, groups="kpi_base.kpi_base_group_user")
            for name in ("ann", "ben")
        }
        for person in people.values():
            case._employ(person, case.east)
        # once for all tests, as it takes longer than they do
        case._ensure_days()
        keep(case.env, "award", **people)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls._set_database_clock(NOW)
        found(cls, "award", "ann", "ben")
        cls.env["kpi.membership"]._refresh()
        cls._ensure_days()
        cls.awards = cls.env["kpi.user.achievement"]
        cls.closings = cls.env["kpi.achievement.closing"]
        cls.number = 0

    @classmethod
    def _ensure_days(cls):
        """Those that are there already take no time."""
        cls.calendar._ensure_days(date(2020, 1, 1), NOW.date())
        hours = cls.env["resource.calendar"].search([])
        cls.env["kpi.working.day"]._ensure(hours, date(2020, 1, 1), NOW.date())

    @classmethod
    def _of(cls, person, values, kpi=None, **definition):
        """A KPI of a person with values of the last months, or more of one."""
        months = dict(zip(MONTHS[-len(values) :], values, strict=True))
        months = {month: value for month, value in months.items() if value is not None}
        if kpi:
            report = cls._track(kpi.definition_id, person)
            cls.env["kpi.target"].create(
                {
                    "report_id": report.id,
                    "date_from": date(2020, 1, 1),
                    "value": 100,
                }
            )
            cls._fill(report, months)
        else:
            cls.number += 1
            report = cls._entered(
                f"Own {cls.number}", months, target=100, scope=person, **definition
            )
        cls._set_written(report.target_ids, "2020-01-01")
        return report

    @classmethod
    def _set_written(cls, records, moment, person=None):
        """Have records written last at a moment: Odoo's clock does not stop."""
        records.flush_recordset()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = %s, write_uid = COALESCE(%s, write_uid)"
                " WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                moment,
                person and person.id,
                records.ids,
            )
        )
        records.invalidate_recordset()

    @classmethod
    def _achievement(cls, *conditions, **values):
        return cls.env["kpi.achievement"].create(
            {
                "name": "Badge",
                "company_id": cls.company.id,
                "date_from": "2026-02-01",
                "condition_ids": [Command.create(each) for each in conditions],
                **values,
            }
        )

    def _decide(self):
        """Decide all that is due, as the job does."""
        before = self.awards.search([])
        for company, period in self.closings._find_due():
            if company == self.company:
                self.closings._close(company, period)
        return self.awards.search([]) - before

    def _correct(self, report, month, value):
        self._fill(report, {month: value})
        self.closings._review_marked()
