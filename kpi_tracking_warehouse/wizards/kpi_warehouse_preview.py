from odoo import fields, models


class KpiWarehousePreview(models.TransientModel):
    """The statement of a dataset and some of its rows, shown to officers."""

    _name = "kpi.warehouse.preview"
    _description = "Dataset Preview"

    sql = fields.Text("Statement", readonly=True)
    sample = fields.Html("Rows", readonly=True)
