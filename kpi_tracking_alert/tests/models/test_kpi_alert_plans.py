from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tools import SQL

from .routing_case import RoutingCase

MANY = 100_000
BIG = ("kpi_alert_event", "kpi_alert_notice", "kpi_delivery")


class TestKpiAlertPlans(RoutingCase):
    """Sweeps find the little that is due without reading all that ever was."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._fired(cls, cls._rule(cls.revenue), cls.revenue)
        cls.env.flush_all()
        cls.env.cr.execute(
            """
            INSERT INTO kpi_alert_event (rule_name, report_id, alert_type, severity,
                        grain, period_start, state, fired_at, escalated_minutes)
            SELECT 'Old', %(report_id)s, 'threshold_breach', 'warning', 'month',
                   '2026-01-01', 'resolved', now(), -1
              FROM generate_series(1, %(many)s);
            INSERT INTO kpi_alert_notice (event_id, change, step, user_id, state,
                        created_at)
            SELECT id, 'fired', 0, %(user_id)s, 'told', now()
              FROM kpi_alert_event
             WHERE state = 'resolved';
            INSERT INTO kpi_delivery (channel, lane, key, user_id, reader_id, subject,
                        state, attempt_count, message_id)
            SELECT 'email', 'urgent', 'old ' || number, %(user_id)s, %(user_id)s,
                   'Old', 'sent', 1, '<old>'
              FROM generate_series(1, %(many)s) AS number;
            ANALYZE kpi_alert_event, kpi_alert_notice, kpi_delivery
            """,
            {
                "report_id": cls.revenue.id,
                "user_id": cls.officer.id,
                "many": MANY,
            },
        )

    def test_each_sweep_uses_indexes(self):
        for model in ("kpi.alert.event", "kpi.alert.notice", "kpi.delivery"):
            sweep = "_sweep_steps" if model == "kpi.alert.event" else "_sweep_due"
            with self.subTest(model):
                plans = self._list_plans(getattr(self.env[model], sweep))
                self.assertTrue(plans)
                for plan in plans:
                    for table in BIG:
                        self.assertNotIn(f"Seq Scan on {table}", plan)

    def _list_plans(self, sweep):
        """Plans of the statements that read one of the big tables."""
        execute, plans = Cursor.execute, []

        def explain(cr, query, params=None, **options):
            code = query.code if isinstance(query, SQL) else query
            values = query.params if isinstance(query, SQL) else params
            is_read = code.split(None, 1)[0] in ("SELECT", "WITH")
            if is_read and any(table in code for table in BIG):
                execute(cr, f"EXPLAIN {code}", values)
                plans.append("\n".join(row for (row,) in cr.fetchall()))
            return execute(cr, query, params, **options)

        with patch.object(Cursor, "execute", explain):
            sweep()
        return plans
