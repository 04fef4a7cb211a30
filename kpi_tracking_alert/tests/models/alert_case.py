from odoo.addons.kpi_tracking.tests.models.entered_case import EnteredCase, month


class AlertCase(EnteredCase):
    """KPIs entered by hand, and rules that watch them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = cls.env["kpi.alert.event"]

    @classmethod
    def _rule(cls, *reports, **values):
        """A rule of the officers that is on: below 90% of the target unless told, and
        said once."""
        rule = cls.env["kpi.smart.alert"].create(
            {
                "name": "Below Target",
                "company_id": cls.company.id,
                "owner_id": cls.officer.id,
                "report_ids": [(6, 0, [report.id for report in reports])],
                "repeat_hours": 0,
                "threshold": 0.9,
                **values,
            }
        )
        rule.action_turn_on()
        return rule

    def _fired(self, rule, report, period="2026-02", **values):
        """An alert of a rule, as its evaluation opens it."""
        return self.events._fire(
            [
                {
                    "alert_id": rule.id,
                    "rule_name": rule.name,
                    "report_id": report.id,
                    "alert_type": rule.alert_type,
                    "severity": rule.severity,
                    "compared": rule.compared,
                    "grain": "month",
                    "period_start": month(period),
                    "value": 70.0,
                    "measured": 0.7,
                    "limit": rule.threshold,
                    **values,
                }
            ]
        )
