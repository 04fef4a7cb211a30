from odoo import api, fields, models


class KpiDealDatedMixin(models.AbstractModel):
    """When a record was made and last changed, by the names that programs know."""

    _name = "kpi.deal.dated.mixin"
    _description = "Made and Changed at"

    created_at = fields.Datetime("Created at", compute="_compute_written_at")
    updated_at = fields.Datetime("Updated at", compute="_compute_written_at")

    @api.depends("create_date", "write_date")
    def _compute_written_at(self):
        for record in self:
            record.created_at = record.create_date
            record.updated_at = record.write_date
