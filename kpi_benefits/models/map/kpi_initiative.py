from odoo import api, fields, models


class KpiInitiative(models.Model):
    """Enablers and changes of an initiative."""

    _inherit = "kpi.initiative"

    node_ids = fields.One2many("kpi.benefit.node", "initiative_id", "Map Items")

    @api.constrains("company_id")
    def _check_links_in_company(self):
        """What moves to another company leaves links behind: these go first."""
        # Also benefits and links that the user does not see: no message names them.
        benefits = self.sudo().with_context(active_test=False).benefit_ids
        # As above.
        links = self.env["kpi.benefit.link"].sudo()
        found = links.search(
            [
                "|",
                "|",
                "|",
                ("source_benefit_id", "in", benefits.ids),
                ("target_benefit_id", "in", benefits.ids),
                ("source_node_id.initiative_id", "in", self.ids),
                ("target_node_id.initiative_id", "in", self.ids),
            ]
        )
        found._check_ends()

    def action_open_map(self):
        """Show the map of this initiative."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "kpi_benefits.kpi_benefit_map_action"
        )
        return {**action, "params": {"initiative": self.id}}
