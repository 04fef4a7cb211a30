from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


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
    former_report_ids = fields.Many2many(
        "kpi.report",
        "kpi_benefit_former_report_rel",
        "benefit_id",
        "report_id",
        "Measured Before By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        context={"active_test": False},
        exportable=False,
        help="Who may not see these KPIs does not see the benefit: its evidence, notes "
        "and leakages may tell what they were.",
    )

    is_measure_hidden = fields.Boolean(
        compute="_compute_is_measure_hidden",
        search="_search_is_measure_hidden",
        exportable=False,
        help="A KPI that measured it before is one that you may not see.",
    )

    _baseline_uniq = models.UniqueIndex(
        "(baseline_id) WHERE active AND baseline_id IS NOT NULL",
        "Another benefit is measured by this KPI. Its share counts once.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("former_report_ids")
    def _compute_is_measure_hidden(self):
        for benefit in self:
            # Which KPIs they are is not told.
            former = benefit.sudo().former_report_ids
            benefit.is_measure_hidden = not all(former.mapped("is_readable_by_me"))

    def _search_is_measure_hidden(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Those that the user may not see are what is asked for.
        hidden = Domain("is_readable_by_me", "=", False)
        domain = Domain("former_report_ids", "any!", hidden)
        return domain if True in value else ~domain

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

    def _remember_measure(self, vals):
        """Note which KPIs measured benefits that another one measures, or none."""
        if "baseline_id" in vals:
            for benefit in self:
                if benefit.baseline_id.id != vals["baseline_id"]:
                    benefit._remember_reports(benefit.baseline_id._get_used_reports())

    def _remember_reports(self, reports):
        """Have only those see these benefits who may see what measured them."""
        # Who may see them is the same as before; nobody types this.
        for benefit in self.sudo().filtered(lambda one: one._has_traces()):
            benefit.former_report_ids += reports

    def _has_traces(self):
        """Whether anything was said by now that may tell what was measured."""
        return self.has_value or bool(self.with_context(active_test=False).leakage_ids)

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
