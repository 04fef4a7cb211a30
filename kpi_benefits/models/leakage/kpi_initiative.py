from odoo import api, fields, models

from ...engine.shortfall import explain_shortfall
from .kpi_benefit_realization import WATCHED


class KpiInitiative(models.Model):
    """What is missing of the benefits of an initiative, and what explains it."""

    _inherit = "kpi.initiative"

    leakage_ids = fields.One2many("kpi.value.leakage", "initiative_id", "Leakages")
    open_leakage_count = fields.Integer(
        "Open Leakages", compute="_compute_open_leakage_count", exportable=False
    )
    shortfall = fields.Monetary(
        compute="_compute_shortfall",
        exportable=False,
        help="Planned less realized, of the months that are over. Benefits ahead of "
        "their plan make up for others.",
    )
    explained_shortfall = fields.Monetary(
        "Explained by Leakages", compute="_compute_shortfall", exportable=False
    )
    unexplained_shortfall = fields.Monetary(
        "Not Explained", compute="_compute_shortfall", exportable=False
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("child_ids", "leakage_ids.status", "leakage_ids.active")
    def _compute_open_leakage_count(self):
        for initiative, leakages in self._group_leakages().items():
            initiative.open_leakage_count = len(leakages.filtered("is_open"))

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "child_ids",
        "benefit_ids.active",
        "leakage_ids.lost_value",
        "leakage_ids.active",
        "leakage_ids.kind",
        "leakage_ids.benefit_id",
        *(f"benefit_ids.{name}" for name in WATCHED),
    )
    def _compute_shortfall(self):
        leakages = self._group_leakages()
        for initiative, benefits in self._group_benefits().items():
            common = leakages[initiative].filtered(lambda one: not one.benefit_id)
            found = explain_shortfall(
                {one.id: one._measure_gap() for one in benefits},
                {one.id: one.leakage_ids._add_up_losses() for one in benefits},
                common._add_up_losses(),
            )
            initiative.shortfall = found.gap
            initiative.explained_shortfall = found.explained
            initiative.unexplained_shortfall = found.unexplained

    def _group_leakages(self):
        """Initiative → leakages, of it and of those below, that the user may read."""
        leakages = self.env["kpi.value.leakage"].with_context(active_test=True)
        return self._group_by_program(leakages.search(self._get_part_domain()))

    @api.ondelete(at_uninstall=False)
    def _unlink_leakages(self):
        """Delete the leakages with their messages, where these may be deleted."""
        # Whoever may delete the initiative deletes all that belongs to it.
        self.sudo().with_context(active_test=False).leakage_ids.unlink()

    def action_open_leakages(self):
        """Show the leakages of this initiative."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_value_leakage_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": self._list_part_domain("kpi.value.leakage"),
            "context": {"default_initiative_id": self.id},
        }
