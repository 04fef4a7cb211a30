from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiInitiative(models.Model):
    """KPIs by which an initiative is tracked."""

    _inherit = "kpi.initiative"

    baseline_ids = fields.One2many("kpi.baseline", "initiative_id", "KPIs")
    baseline_count = fields.Integer(
        "Tracked KPIs", compute="_compute_baseline_count", exportable=False
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("baseline_ids.active")
    def _compute_baseline_count(self):
        counts = dict(
            self.env["kpi.baseline"]._read_group(
                [("initiative_id", "in", self._origin.ids)],
                ["initiative_id"],
                ["__count"],
            )
        )
        for initiative in self:
            initiative.baseline_count = counts.get(initiative._origin, 0)

    @api.constrains("company_id")
    def _check_companies_of_kpis(self):
        """Its KPIs do not move with it: they belong to their company."""
        for initiative in self:
            # Others may track KPIs here that the user does not see.
            everything = initiative.sudo().with_context(active_test=False)
            for baseline in everything.baseline_ids:
                if baseline.report_id.company_id != initiative.company_id:
                    raise ValidationError(
                        self.env._(
                            "%s tracks KPIs of its company and stays there.",
                            initiative.display_name,
                        )
                    )

    def _unlink_baselines(self):
        """Delete the tracked KPIs with their messages; values of KPIs stay."""
        # Whoever may delete the initiative deletes all that belongs to it.
        everything = self.sudo().with_context(active_test=False)
        everything.baseline_ids.unlink()

    def action_open_baselines(self):
        """Show the KPIs of this initiative."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_baseline_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("initiative_id", "=", self.id)],
            "context": {"default_initiative_id": self.id},
        }
