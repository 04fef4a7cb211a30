from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KpiBenefitRealization(models.Model):
    """Benefits that a KPI measures; its reader may read the benefit, nobody else."""

    _inherit = "kpi.benefit.realization"

    baseline_id = fields.Many2one(
        "kpi.baseline",
        "Measured by",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,  # nor tracked: messages are read when it measures no longer
        domain="[('initiative_id', '=', initiative_id)]",
        help="Months are worked out from this KPI. Empty: they are entered.",
    )

    _baseline_uniq = models.UniqueIndex(
        "(baseline_id) WHERE active AND baseline_id IS NOT NULL",
        "Another benefit is measured by this KPI. Its share counts once.",
    )

    @api.constrains("baseline_id", "initiative_id")
    def _check_baseline(self):
        for benefit in self:
            baseline = benefit.baseline_id
            if baseline and baseline.initiative_id != benefit.initiative_id:
                raise ValidationError(
                    self.env._(
                        "%(benefit)s: %(kpi)s is a KPI of another initiative.",
                        benefit=benefit.name,
                        kpi=baseline.name,
                    )
                )

    def _check_new_baseline(self, vals):
        """Refuse a KPI that the user may not read, and to lose what was entered."""
        if "baseline_id" not in vals:
            return
        new = self.baseline_id.browse(vals["baseline_id"] or ())
        new.check_access("read")
        for benefit in self:
            if new and not benefit.baseline_id and benefit.has_value:
                raise UserError(
                    self.env._(
                        "%s has entered values, which would be lost. Clear them first.",
                        benefit.name,
                    )
                )

    def _drop_measured(self, vals):
        """Take away what a KPI measured where months are entered from now on."""
        if "baseline_id" in vals and not vals["baseline_id"]:
            self.env["kpi.baseline"]._empty_measured(self.ids)

    def _measure_months(self):
        """Work out the months of those that a KPI measures."""
        # What it is worked out from is read by the engine, as facts are.
        baselines = self.sudo().baseline_id
        baselines._rebuild_measured(baselines)

    def _reopen_measured(self):
        """Take back what was confirmed at the end, and say why."""
        text = self.env._("Values of the KPI that measures it were corrected.")
        for benefit in self:
            benefit._message_log(body=text)
        self._reopen_confirmed()
