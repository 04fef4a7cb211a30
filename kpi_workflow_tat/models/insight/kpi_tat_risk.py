import numpy as np

from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine.breach_risk import (
    ENOUGH_TO_JUDGE,
    ENOUGH_TO_LEARN,
    RiskCurve,
    predict_risk,
)

LEAST = 0.001  # no number of past levels makes it impossible
REASONS = [
    ("better", "Better than the base rate"),
    ("not_better", "No better than the base rate"),
    ("few", "Too few past levels"),
]


class KpiTatRisk(models.Model):
    """How long levels of one kind took, and whether that tells which become overdue."""

    _name = "kpi.tat.risk"
    _description = "Risk of Being Overdue"
    _inherit = ["kpi.readonly.mixin"]
    _order = "company_id, template_id, level_number, priority"
    _rec_name = "template_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    template_id = fields.Many2one(
        "kpi.approval.workflow",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    level_number = fields.Integer(
        "Level", required=True, readonly=True, aggregator=None
    )
    priority = fields.Selection(
        lambda self: self.env["kpi.tat.request"]._fields["priority"].selection,
        required=True,
        readonly=True,
    )
    learned_at = fields.Datetime("Last Learned", readonly=True)
    level_count = fields.Integer("Past Levels", readonly=True)
    judged_count = fields.Integer(
        "Tested On",
        readonly=True,
        help="Later levels, which what was learned did not know.",
    )
    reason = fields.Selection(REASONS, "Result", required=True, readonly=True)
    is_shown = fields.Boolean("Shown", compute="_compute_is_shown", store=True)
    brier_score = OptionalFloat(
        "Brier Score",
        digits=(6, 4),
        readonly=True,
        aggregator=False,
        help="Mean of (risk − outcome)² on later levels: 0 is perfect.",
    )
    base_brier = OptionalFloat(
        "Brier Score of the Base Rate",
        digits=(6, 4),
        readonly=True,
        aggregator=False,
        help="The same for the share of levels that become overdue, whatever time has "
        "elapsed. The risk is shown where it is better than this.",
    )
    curve = fields.Json(readonly=True, exportable=False)
    explanation = fields.Text(compute="_compute_explanation")

    _kind_uniq = models.UniqueIndex(
        "(company_id, template_id, level_number, priority)",
        "The risk of these levels is known already.",
    )

    @api.depends("reason")
    def _compute_is_shown(self):
        for risk in self:
            risk.is_shown = risk.reason == "better"

    @api.depends_context("lang")
    @api.depends("reason", "level_count", "judged_count", "brier_score", "base_brier")
    def _compute_explanation(self):
        for risk in self:
            risk.explanation = risk._explain()

    def _explain(self):
        """Why the risk of these levels is shown or not."""
        words = {
            "count": self.level_count,
            "judged": self.judged_count,
            "needed": ENOUGH_TO_LEARN + ENOUGH_TO_JUDGE,
        }
        if self.reason == "few":
            return self.env._(
                "Not shown, because %(count)s past levels like this, of which"
                " %(judged)s to test on, are too few.",
                **words,
            )
        words |= {
            "brier": f"{self.brier_score:.3f}",
            "base": f"{self.base_brier:.3f}",
        }
        if self.reason == "not_better":
            return self.env._(
                "Not shown, because on %(judged)s later levels it was no better than"
                " the base rate (Brier score %(brier)s, base rate %(base)s; less is"
                " better).",
                **words,
            )
        return self.env._(
            "Learned from how long %(count)s levels like this took. On %(judged)s later"
            " levels it was better than the base rate (Brier score %(brier)s, base rate"
            " %(base)s; less is better).",
            **words,
        )

    def _predict(self, elapsed, allowed):
        """The risk of each of some levels: 0 to 1; None: nothing is known of such.

        :param elapsed: seconds that count, of each level
        """
        if not self.is_shown:
            return [None] * len(elapsed)
        curve = RiskCurve(*(tuple(self.curve[name]) for name in _PARTS))
        risks = predict_risk(curve, np.array(elapsed), np.array(allowed)).tolist()
        return [None if np.isnan(risk) else max(risk, LEAST) for risk in risks]


_PARTS = tuple(RiskCurve.__dataclass_fields__)
