from odoo import api, fields, models


class BaseModuleUninstall(models.TransientModel):
    """Who takes an app away is told which KPIs count its records, and who uses them."""

    _inherit = "base.module.uninstall"

    kpi_notice = fields.Text(compute="_compute_kpi_notice")

    @api.depends("model_ids")
    def _compute_kpi_notice(self):
        for wizard in self:
            wizard.kpi_notice = wizard._build_kpi_notice()

    def _build_kpi_notice(self):
        # Administrators of apps need not see KPIs; names of what is lost are told.
        definitions = self.env["kpi.definition"].sudo()
        definitions = definitions.search(
            [
                ("computation", "=", "records"),
                ("model_name", "in", self.model_ids.mapped("model")),
            ]
        )
        if not definitions:
            return False
        names = ", ".join(definitions.mapped("name"))
        uses = definitions.env["kpi.use.link"]
        return "\n".join(
            [
                self.env._(
                    "These KPIs keep their values and get no new ones: %s", names
                ),
                *uses._say_users(definitions._list_uses()),
            ]
        )
