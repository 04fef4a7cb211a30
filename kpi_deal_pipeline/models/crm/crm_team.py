from odoo import fields, models


class CrmTeam(models.Model):
    """Sales teams whose opportunities are deals."""

    _inherit = "crm.team"

    has_deals = fields.Boolean(
        "Create Deals from Opportunities",
        help="Creates a deal for each opportunity of the team and syncs both.",
    )

    def write(self, vals):
        begun = self.filtered(lambda team: not team.has_deals)
        result = super().write(vals)
        if vals.get("has_deals"):
            leads = self.env["crm.lead"].with_context(active_test=False)
            leads.search([("team_id", "in", begun.ids)])._sync_deals()
        return result
