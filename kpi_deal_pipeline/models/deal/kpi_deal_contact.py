from odoo import api, fields, models


class KpiDealContact(models.Model):
    """Somebody on one of the sides of a deal, with or without an address of Odoo."""

    _name = "kpi.deal.contact"
    _description = "Contact of a Deal"
    _table = "agent_deal_contacts"
    _inherit = ["kpi.input.mixin", "kpi.deal.logged.mixin"]
    _logged_as = "contact"
    _order = "deal_id, contact_type, id"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade", index=True)
    contact_type = fields.Selection(
        [
            ("principal", "Principal"),
            ("co_broke", "Co-broker"),
            ("legal", "Legal"),
            ("finance", "Finance"),
            ("other", "Other"),
        ],
        required=True,
        default="principal",
    )
    partner_id = fields.Many2one(
        "res.partner", "Known as", ondelete="set null", index="btree_not_null"
    )
    name = fields.Char(
        required=True, compute="_compute_from_partner", store=True, readonly=False
    )
    email = fields.Char(compute="_compute_from_partner", store=True, readonly=False)
    phone = fields.Char(compute="_compute_from_partner", store=True, readonly=False)
    company = fields.Char(compute="_compute_from_partner", store=True, readonly=False)
    notes = fields.Text()

    @api.depends("partner_id")
    def _compute_from_partner(self):
        for contact in self.filtered("partner_id"):
            partner = contact.partner_id
            contact.name = partner.name
            contact.email = partner.email
            contact.phone = partner.phone
            contact.company = partner.commercial_company_name

    def _logged_values(self):
        return {
            "contact": self.id,
            "partner": self.partner_id.id or None,
            "type": self.contact_type,
        }

    def _logged_texts(self):
        names = ("name", "company", "email", "phone", "notes")
        return {name: self[name] for name in names if self[name]}
