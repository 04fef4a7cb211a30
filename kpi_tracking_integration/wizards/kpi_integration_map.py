from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import CLOSE

# column → field with what it names here, and the field that names it in rows
TARGETS = {
    "user": ("user_id", "login"),
    "team": ("team_id", "name"),
    "department": ("department_id", "complete_name"),
    "kpi_code": ("definition_id", "code"),
    "kpi_name": ("definition_id", "code"),
}


class KpiIntegrationMap(models.TransientModel):
    """Dialog that asks what a name of another system is here."""

    _name = "kpi.integration.map"
    _description = "Map External Name"
    _inherit = ["kpi.input.mixin"]

    integration_id = fields.Many2one("kpi.integration", required=True)
    key = fields.Selection(
        [
            ("user", "Person"),
            ("team", "Team"),
            ("department", "Department"),
            ("kpi_code", "KPI Code"),
            ("kpi_name", "KPI"),
        ],
        "Column",
        required=True,
        default="user",
    )
    text = fields.Char("External Name", required=True)
    user_id = fields.Many2one("res.users", "Odoo User", domain=[("share", "=", False)])
    team_id = fields.Many2one("kpi.team")
    department_id = fields.Many2one("hr.department")
    definition_id = fields.Many2one(
        "kpi.definition", "KPI", domain="[('computation', '=', 'manual')]"
    )

    def action_map(self):
        """Read the text as this record from now on, and ask for the next name."""
        self.ensure_one()
        self.integration_id.check_access("write")
        field, name = TARGETS[self.key]
        if not self[field]:
            raise UserError(self.env._("Choose what “%s” is in Odoo.", self.text))
        self.integration_id._map_name(self.key, self.text, self[field][name])
        if self.integration_id.unknown_names:
            return self.integration_id.action_open_map()
        return CLOSE
