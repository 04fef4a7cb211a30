from odoo import api, fields, models

from ...columns import add_generated_columns


class KpiDatedMixin(models.AbstractModel):
    """Moments of creation and last change, by the names that programs know.

    Queries know them as columns, too.

    ::

        class Order(models.Model):
            _name = "my.order"
            _inherit = ["my.order", "kpi.dated.mixin"]

        # rows of its REST routes have “created_at! updated_at!”
    """

    _name = "kpi.dated.mixin"
    _description = "Creation and Update Times"

    created_at = fields.Datetime(compute="_compute_written_at", exportable=False)
    updated_at = fields.Datetime(compute="_compute_written_at", exportable=False)

    def _auto_init(self):
        result = super()._auto_init()
        if self._auto:
            add_generated_columns(
                self.env, self._table, created_at="create_date", updated_at="write_date"
            )
        return result

    @api.depends("create_date", "write_date")
    def _compute_written_at(self):
        for record in self:
            record.created_at = record.create_date
            record.updated_at = record.write_date
