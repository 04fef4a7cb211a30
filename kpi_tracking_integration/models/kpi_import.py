from odoo import fields, models


class KpiImport(models.Model):
    """Imports of what another system gave: the log of an integration."""

    _inherit = "kpi.import"

    integration_id = fields.Many2one(
        "kpi.integration",
        "Integration",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
