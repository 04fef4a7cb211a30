from .alert_case import AlertCase


class EvaluationCase(AlertCase):
    """Rules that look at KPIs on the fifth of March 2026: February closed last."""

    NOW = "2026-03-05 10:00:00"

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(self.NOW))

    def _evaluate(self):
        """Run the sweep; nothing is marked afterwards."""
        self.env.flush_all()
        self.env["kpi.smart.alert"]._sweep_marks()
        self.env.cr.execute("SELECT count(*) FROM kpi_alert_mark")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def _evaluated(self, *reports, **values):
        """A rule that was turned on, and has looked at its KPIs."""
        rule = self._rule(*reports, **values)
        self._evaluate()
        return rule

    def _open(self, rule):
        """The open alerts of a rule."""
        asked = [("alert_id", "=", rule.id), ("state", "!=", "resolved")]
        return self.events.search(asked)

    def _last(self, rule):
        """The latest alert of a rule, open or not."""
        return self.events.search(
            [("alert_id", "=", rule.id)], limit=1, order="id desc"
        )

    def _change(self, kpi, values):
        """Record values by month, and have rules look at them."""
        self._fill(kpi, values)
        self._evaluate()
