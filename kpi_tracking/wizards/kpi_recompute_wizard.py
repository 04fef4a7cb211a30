from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.actions import open_form, ticked
from odoo.addons.kpi_base.formatting import format_day

COMPUTED = ("records", "formula")


class KpiRecomputeWizard(models.TransientModel):
    """Ask for the values of some KPIs and days to be computed again."""

    _name = "kpi.recompute.wizard"
    _inherit = ["kpi.input.mixin"]
    _description = "Recalculate KPIs"

    definition_ids = fields.Many2many(
        "kpi.definition",
        string="KPIs",
        domain=[("computation", "in", COMPUTED)],
        default=lambda self: self._default_definition_ids(),
        help="Leave empty for all computed KPIs.",
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(month=1, day=1),
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: fields.Date.context_today(self)
    )

    @api.model
    def _default_definition_ids(self):
        """The KPIs ticked in a list."""
        kpis = ticked("kpi.report")(self).definition_id | ticked("kpi.definition")(self)
        return kpis.filtered(lambda kpi: kpi.computation in COMPUTED)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_to < wizard.date_from:
                raise ValidationError(
                    self.env._(
                        "The last day %(last)s is before the first day %(first)s.",
                        first=format_day(self.env, wizard.date_from),
                        last=format_day(self.env, wizard.date_to),
                    )
                )
            if wizard.date_from > fields.Date.context_today(wizard):
                raise ValidationError(
                    self.env._(
                        "%s is in the future. Choose an earlier day.",
                        format_day(self.env, wizard.date_from),
                    )
                )

    def action_recompute(self):
        """Queue the job and show how far it is."""
        self.ensure_one()
        # Without a choice all computed ones of the officer's companies.
        definitions = self.definition_ids or self.definition_ids.search(
            [("computation", "in", COMPUTED)]
        )
        if not definitions:
            raise UserError(
                self.env._("None of the selected KPIs is computed. Choose others.")
            )
        kpis = ", ".join(self.definition_ids.mapped("name")) or self.env._("all KPIs")
        # Officers ask for jobs; rows of the job log are written by the engine only.
        jobs = self.env["kpi.job"].sudo()
        job = jobs._enqueue_computation(
            self.env._("Recalculate %s", kpis)[:200],
            "recompute",
            definitions=definitions,
            first=self.date_from,
            last=self.date_to,
        )
        return open_form(job)
