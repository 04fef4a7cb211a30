from odoo import api, fields, models


class KpiDelivery(models.Model):
    """Messages that show KPIs: only to those who may still see them."""

    _inherit = "kpi.delivery"

    report_ids = fields.Many2many(
        "kpi.report",
        string="KPIs Shown",
        readonly=True,
        groups="base.group_system",
        help="Only recipients with access to all of these KPIs get the message.",
    )

    @api.model
    def _get_linked_fields(self):
        return [*super()._get_linked_fields(), "report_ids"]

    def _subjects(self):
        yield from super()._subjects()
        yield self.with_context(active_test=False).report_ids
