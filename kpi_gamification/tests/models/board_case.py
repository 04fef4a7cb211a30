from datetime import date

from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods

from .points_case import PointsMixin

MONTHS = periods.CalendarSpec()


class BoardMixin(PointsMixin):
    """People, departments and teams whose KPIs were judged."""

    @classmethod
    def _make_board_people(cls):
        cls._make_people()
        cls.calendar = cls.env["kpi.calendar"].create(
            {"name": "UTC", "company_id": cls.company.id, "tz": "UTC"}
        )
        cls.company.kpi_calendar_id = cls.calendar
        cls.kpi = cls._kpi("Sales")
        cls.others = [cls._colleague(f"other{number}") for number in range(4)]
        cls.all_people = [cls.ann, cls.ben, *cls.others]
        for person in cls.all_people:
            cls._choose(person, "shown")

    @classmethod
    def _make_ranked_board(cls, **values):
        """A board of all people, each of whom reached less than the one before."""
        cls._make_board_people()
        for number, person in enumerate(cls.all_people):
            cls._judge(person, 110 - number)
        return cls._board(**values)

    @classmethod
    def _kpi(cls, name, **values):
        return cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": cls.env["kpi.definition"]._code_from_name(name),
                "computation": "manual",
                "frequency": "month",
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                **values,
            }
        )

    @classmethod
    def _choose(cls, person, choice):
        choices = cls.env["kpi.gamification.choice"].with_user(person)
        choices.with_context(allowed_company_ids=cls.company.ids).choose(choice)

    @classmethod
    def _judge(cls, record, achievement, *, month=(2026, 3), kpi=None, status=None):
        """A closed month of the KPI of somebody, judged so."""
        types = {
            "res.users": "user",
            "hr.department": "department",
            "kpi.team": "team",
        }
        scope, definition = types[record._name], kpi or cls.kpi
        reports = cls.env["kpi.report"]
        found = [
            ("definition_id", "=", definition.id),
            ("scope_type", "=", scope),
            ("scope_id", "=", record.id),
        ]
        report = reports.search(found) or definition._track_for(
            scope, record, company_id=cls.company.id
        )
        report.flush_recordset()
        period = periods.period_of(MONTHS, "month", date(*month, 1))
        status = status or ("on_target" if achievement >= 100 else "off_target")
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_target_value
                       (report_id, grain, period_start, period_stop, target,
                        rated_value, achievement, status, rated_at)
                VALUES (%s, 'month', %s, %s, 100, %s, %s, %s, now())
                """,
                report.id,
                period.start,
                period.stop,
                achievement,
                achievement,
                status,
            )
        )
        return report

    @classmethod
    def _board(cls, **values):
        return cls.env["kpi.leaderboard"].create(
            {
                "name": "Board",
                "leaderboard_type": "company_wide",
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def _make_department(cls, name, count):
        """A department of so many people of its own."""
        department = cls.env["hr.department"].create(
            {"name": name, "company_id": cls.company.id}
        )
        cls._staff(department, count)
        return department

    @classmethod
    def _staff(cls, department, count):
        for number in range(count):
            name = f"of_{department.name}_{number}".replace(" ", "_").lower()
            cls._employ(cls._colleague(name), department)
        cls.env["kpi.membership"]._refresh()

    @classmethod
    def _employ(cls, person, department=None):
        return cls.env["hr.employee"].create(
            {
                "name": person.name,
                "user_id": person.id,
                "company_id": cls.company.id,
                "department_id": department and department.id,
            }
        )

    def _look(self, board, person=None, month="2026-03-01"):
        return self._as(person or self.ann, board).get_board(month)

    def _ranks(self, board, person=None, month="2026-03-01"):
        """Pairs of name and rank that somebody sees."""
        lines = self._look(board, person, month)["lines"]
        return [(line["name"], line["rank"]) for line in lines]
