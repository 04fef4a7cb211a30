from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalFloat

JUDGES = [
    ("calibrated", "Learned by Stage and Age"),
    ("stage_norm", "Usual Win Rate of the Stage"),
    ("confidence", "Agents' Confidence"),
    ("calibrated_beside", "Learned by Stage and Age (Deals with Confidence)"),
    ("stage_norm_beside", "Usual Win Rate (Deals with Confidence)"),
]
SHARE = {"digits": (4, 3), "readonly": True}
PART_OF = {"required": True, "readonly": True, "ondelete": "cascade", "index": True}


class KpiDealWinJudge(models.Model):
    """Quality of one method of predicting wins on the latest deals."""

    _name = "kpi.deal.win.judge"
    _description = "Win Probability Accuracy"
    _log_access = False
    _order = "model_id, id"
    _rec_name = "judge"

    model_id = fields.Many2one("kpi.deal.win.model", **PART_OF)
    judge = fields.Selection(JUDGES, "Method", required=True, readonly=True)
    deal_count = fields.Integer("Deals", readonly=True, aggregator=False)
    forecast_count = fields.Integer(
        "Forecasts",
        readonly=True,
        aggregator=False,
        help="One forecast per deal and week.",
    )
    brier_score = OptionalFloat(
        "Brier Score",
        digits=(6, 4),
        readonly=True,
        aggregator=False,
        help="0 is perfect; 0.25 equals always predicting 50%.",
    )


class KpiDealWinBand(models.Model):
    """Outcome of the deals that were given probabilities of one band."""

    _name = "kpi.deal.win.band"
    _description = "Win Probability Calibration"
    _log_access = False
    _order = "model_id, judge, low"
    _rec_name = "judge"

    model_id = fields.Many2one("kpi.deal.win.model", **PART_OF)
    judge = fields.Selection(JUDGES, "Method", required=True, readonly=True)
    low = fields.Float("From", **SHARE, aggregator=False)
    high = fields.Float("To", **SHARE, aggregator=False)
    count = fields.Integer("Forecasts", readonly=True)
    predicted = fields.Float("Average Forecast", **SHARE, aggregator="avg")
    observed = fields.Float("Actually Won", **SHARE, aggregator="avg")
    observed_low = fields.Float("Won, Low (95%)", **SHARE, aggregator=False)
    observed_high = fields.Float("Won, High (95%)", **SHARE, aggregator=False)
