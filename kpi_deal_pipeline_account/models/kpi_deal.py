from odoo import fields, models


class KpiDeal(models.Model):
    """Deals with invoices."""

    _inherit = "kpi.deal"

    move_ids = fields.One2many(
        "account.move",
        "kpi_deal_id",
        "Invoices",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    move_count = fields.Integer(
        "Number of Invoices",
        compute="_compute_move_count",
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    def _compute_move_count(self):
        counts = dict(
            self.env["account.move"]._read_group(
                [("kpi_deal_id", "in", self.ids)], ["kpi_deal_id"], ["__count"]
            )
        )
        for deal in self:
            deal.move_count = counts.get(deal, 0)

    def action_view_invoices(self):
        """Open the invoices and credit notes of this deal."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        return {
            **action,
            "domain": [("kpi_deal_id", "=", self.id)],
            "context": {
                "default_move_type": "out_invoice",
                "default_kpi_deal_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_currency_id": self.currency_id.id,
            },
        }
