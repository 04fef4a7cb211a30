from odoo import fields, models

from .kpi_deal_win_judge import JUDGES


class KpiDealWinBand(models.Model):
    """Outcome of the deals that were given probabilities of one band."""

    _name = "kpi.deal.win.band"
    _description = "Win Probability Calibration"
    _log_access = False
    _order = "model_id, judge, low"
    _rec_name = "judge"

    model_id = fields.Many2one(
        "kpi.deal.win.model",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    judge = fields.Selection(JUDGES, "Method", required=True, readonly=True)
    low = fields.Float("From", digits=(4, 3), readonly=True, aggregator=False)
    high = fields.Float("To", digits=(4, 3), readonly=True, aggregator=False)
    count = fields.Integer("Forecasts", readonly=True)
    predicted = fields.Float(
        "Average Forecast", digits=(4, 3), readonly=True, aggregator="avg"
    )
    observed = fields.Float(
        "Actually Won", digits=(4, 3), readonly=True, aggregator="avg"
    )
    observed_low = fields.Float(
        "Won, Low (95 %)", digits=(4, 3), readonly=True, aggregator=False
    )
    observed_high = fields.Float(
        "Won, High (95 %)", digits=(4, 3), readonly=True, aggregator=False
    )
