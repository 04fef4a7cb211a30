from odoo import api, fields, models


class KpiDialogMixin(models.AbstractModel):
    """A dialog about one KPI, for who may see that KPI.

    Nothing of it is read as superuser, as related fields would be.
    """

    _name = "kpi.dialog.mixin"
    _description = "Dialog about a KPI"

    report_id = fields.Many2one("kpi.report", "KPI", required=True)
    definition_id = fields.Many2one(
        "kpi.definition",
        "Definition",
        related="report_id.definition_id",
        related_sudo=False,
    )
    unit = fields.Selection(related="definition_id.unit", related_sudo=False)
    decimals = fields.Integer(related="definition_id.decimals", related_sudo=False)
    currency_id = fields.Many2one(
        related="definition_id.currency_id", related_sudo=False
    )
    unit_symbol = fields.Char(related="definition_id.unit_symbol", related_sudo=False)
    duration_unit = fields.Selection(
        related="definition_id.duration_unit", related_sudo=False
    )

    @api.constrains("report_id")
    def _check_report_readable(self):
        # As the person who asks: Odoo checks constraints as superuser.
        self.sudo(False).report_id.check_access("read")
