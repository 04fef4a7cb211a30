from odoo import api, fields, models


class KpiBaselineShare(models.Model):
    """Share of a KPI's change that is due to an initiative, from a day on."""

    _name = "kpi.baseline.share"
    _description = "Share of a KPI"
    _inherit = ["kpi.input.mixin"]
    _order = "baseline_id, date_from"
    _rec_name = "date_from"

    baseline_id = fields.Many2one(
        "kpi.baseline", "KPI", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="baseline_id.company_id", store=True, precompute=True, index=True
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        help="It holds for months that begin on this day or later, until the next one.",
    )
    share = fields.Float(
        "Share (%)", required=True, default=100.0, digits=(6, 2), aggregator=False
    )

    _baseline_date_uniq = models.UniqueIndex(
        "(baseline_id, date_from)", "There is a share from this day on already."
    )
    _share_range = models.Constraint(
        "CHECK (share BETWEEN 0 AND 100)", "A share lies between 0 and 100 %."
    )

    # The claim comes with each change: two at once of one KPI are run one by one.

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares.baseline_id._follow_shares()
        return shares

    def write(self, vals):
        if vals.get("baseline_id"):
            # Rules look at the baseline that it leaves only.
            self.baseline_id.browse(vals["baseline_id"]).check_access("write")
        before = self.baseline_id
        result = super().write(vals)
        (before | self.baseline_id)._follow_shares()
        return result

    def unlink(self):
        baselines = self.baseline_id
        result = super().unlink()
        # The one before holds on from there.
        baselines._follow_shares()
        return result
