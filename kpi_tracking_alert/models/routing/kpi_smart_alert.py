from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class KpiSmartAlert(models.Model):
    """How a rule's alerts are told: whom next, and when not again."""

    _inherit = "kpi.smart.alert"

    level_ids = fields.One2many(
        "kpi.alert.level",
        "alert_id",
        "Escalation",
        copy=True,
        help="Without levels, Auto-escalate to Manager tells them after an hour.",
    )
    flapping_changes = fields.Integer(
        "Changes Often After",
        default=6,
        required=True,
        help="A KPI that has begun and ended an alert so many times is told of once,"
        " and again when it is calm. 0 = tell each time.",
    )
    flapping_hours = fields.Integer("Within (Hours)", default=24, required=True)

    _flapping_range = models.Constraint(
        "CHECK (flapping_changes BETWEEN 0 AND 1000"
        " AND flapping_hours BETWEEN 1 AND 8784)",
        "Changes Often After takes 0 to 1,000 changes, within 1 hour to a year.",
    )

    @api.constrains("is_personal", "level_ids", "auto_escalation")
    def _check_personal_levels(self):
        for rule in self.filtered("is_personal"):
            if rule.level_ids or rule.auto_escalation:
                raise ValidationError(
                    self.env._("%s: a rule of your own tells only you.", rule.name)
                )

    def _find_ways(self):
        """How alerts leave: rule id → list of (severity, channel, target id).

        The rule's own channel counts from the least severity on; target id = a Slack
        channel or the like, None = each person.
        """
        self.flush_model(["notification_channels"])
        self.env["kpi.alert.route"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, 'info', notification_channels, NULL
                  FROM kpi_smart_alert
                 WHERE id = ANY(%(ids)s)
             UNION ALL
                SELECT alert_id, severity, channel, channel_id
                  FROM kpi_alert_route
                 WHERE alert_id = ANY(%(ids)s)
                """,
                ids=self.ids,
            )
        )
        ways = {}
        for rule_id, *way in rows:
            ways.setdefault(rule_id, []).append(tuple(way))
        return ways
