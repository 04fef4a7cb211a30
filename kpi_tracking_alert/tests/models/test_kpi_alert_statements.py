from odoo import fields

from odoo.addons.kpi_base.tests.common import LONG

from .evaluation_case import EvaluationCase

MANY = 1_100  # more than Odoo reads at once
MOST_STATEMENTS = 40  # some of them for the rights of the two who are told
# Nobody counts the rows of a test for the planner, to which its tables seem empty.
COUNT_KPIS = "ANALYZE kpi_report, kpi_measurement"
COUNT_RULES = "ANALYZE kpi_smart_alert, kpi_smart_alert_report_rel, kpi_alert_mark"


class TestKpiAlertStatements(EvaluationCase):
    """A pass of the timer takes as many statements for a thousand alerts as for one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        teams = cls.env["kpi.team"].create(
            [{"name": f"Team {number}"} for number in range(MANY)]
        )
        people = [cls.officer.id, cls.manager.id]
        cls.reports = cls.env["kpi.report"].create(
            [
                {
                    "definition_id": cls.revenue.definition_id.id,
                    "scope_type": "team",
                    "team_id": team.id,
                    "company_id": cls.company.id,
                    "owner_id": people[number % 2],
                }
                for number, team in enumerate(teams)
            ]
        )
        day = fields.Date.to_date("2026-02-01")
        cls.env["kpi.measurement"]._upsert(
            "month",
            [(report_id, day, 50.0) for report_id in cls.reports.ids],
            source="external",
            refresh=False,
        )
        cls.env.flush_all()
        cls.env.cr.execute(COUNT_KPIS)
        for alert_type in ("trend_deterioration", "anomaly_detected"):
            cls._rule(cls.reports[0], alert_type=alert_type)

    def _count(self, reports, rules):
        """Statements of a pass that opens alerts and queues their messages."""
        reports.fetch()  # else each rule reads its own
        self.env["kpi.smart.alert"].create(
            [
                {
                    "name": f"Rule {number}",
                    "company_id": self.company.id,
                    "owner_id": self.officer.id,
                    "report_ids": [(6, 0, reports[number::rules].ids)],
                    "compared": "value",
                    "threshold": 80.0,
                }
                for number in range(rules)
            ]
        ).action_turn_on()
        self.env.cr.execute(
            "DELETE FROM kpi_alert_event; DELETE FROM kpi_delivery;"
            " TRUNCATE kpi_alert_mark;"
            " INSERT INTO kpi_alert_mark (report_id) SELECT id FROM kpi_report"
        )
        self.env.cr.flush()
        self.env.cr.execute(COUNT_RULES)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        for model, method in (
            ("kpi.smart.alert", "_sweep_marks"),
            ("kpi.alert.notice", "_sweep_due"),
        ):
            getattr(self.env[model], method)()
            self.env.cr.flush()
            self.env.invalidate_all()
        counted = self.env.cr.sql_log_count - before
        self.assertEqual(self.events.search_count([]), len(reports))
        queued = self.env["kpi.delivery"].search([("renderer", "!=", False)])
        self.assertEqual(queued.user_id, self.officer | self.manager)
        return counted

    def test_many_alerts_of_many_rules_take_as_many_statements_as_two(self):
        self._count(self.reports[:2], 1)  # what is remembered from here on
        self.env["kpi.smart.alert"].search([("name", "=like", "Rule %")]).unlink()
        few = self._count(self.reports[:2], 1)
        self.env["kpi.smart.alert"].search([("name", "=like", "Rule %")]).unlink()
        many = self._count(self.reports, MANY)
        self.assertEqual(many, few)
        self.assertLessEqual(many, MOST_STATEMENTS)

    def _count_repeats(self, reports):
        """Statements of a pass that tells again of an alert of each KPI."""
        rule = self._rule(*reports, severity="critical", repeat_hours=1)
        events = self.events.union(*(self._fired(rule, each) for each in reports))
        self.env["kpi.alert.notice"]._sweep_due()
        events.write(
            {"repeats_at": fields.Datetime.now(), "next_step_at": "2026-01-01"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.events._sweep_steps()
        self.env["kpi.alert.notice"]._sweep_due()
        self.env.cr.flush()
        counted = self.env.cr.sql_log_count - before
        self.assertEqual(set(events.mapped("reminder_count")), {1})
        return counted

    def test_many_alerts_are_told_again_by_as_many_statements_as_two(self):
        self._count_repeats(self.reports[:2])
        few = self._count_repeats(self.reports[:2])
        many = self.reports[: 300 if LONG else 60]
        self.assertEqual(self._count_repeats(many), few)
