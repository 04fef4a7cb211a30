from odoo import fields, models


class KpiGalleryWizard(models.TransientModel):
    """Turn on gallery KPIs for more than the company."""

    _name = "kpi.gallery.wizard"
    _description = "Turn On Gallery KPIs"

    kpi_ids = fields.Many2many("kpi.gallery.kpi", string="KPIs", required=True)
    for_departments = fields.Boolean("Every Department")
    for_teams = fields.Boolean("Every Team")
    for_users = fields.Boolean("Every Person")

    def action_turn_on(self):
        self.ensure_one()
        chosen = {
            "department": self.for_departments,
            "team": self.for_teams,
            "user": self.for_users,
        }
        return self.kpi_ids._turn_on([name for name, is_on in chosen.items() if is_on])
