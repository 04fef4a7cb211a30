from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

MOST_DAYS = 366


class KpiAgentPerformanceTake(models.TransientModel):
    """Making the performance of past days, as far as it is known today.

    For deals that were entered or imported after they happened.
    """

    _name = "kpi.agent.performance.take"
    _description = "Calculate Past Days"

    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=30),
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=1),
    )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for dialog in self:
            days = (dialog.date_to - dialog.date_from).days + 1
            if not 0 < days <= MOST_DAYS:
                raise ValidationError(self.env._("Choose 1 to %s days.", MOST_DAYS))
            if dialog.date_to >= fields.Date.context_today(self):
                raise ValidationError(self.env._("Choose past days."))

    def action_take(self):
        self.ensure_one()
        # Rows are the engine's; administrators alone open this dialog.
        performance = self.env["kpi.agent.performance"].sudo()
        now = fields.Datetime.now()
        for offset in range((self.date_to - self.date_from).days + 1):
            day = self.date_from + timedelta(days=offset)
            performance._take(day, self.env.companies, now)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "kpi_deal_pipeline.kpi_agent_performance_action"
            ),
            "context": {},
        }
