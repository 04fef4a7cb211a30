from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.columns import Choices

PERSONAL = ("name", "company", "email", "phone", "notes")
# Fields that are proposed where a contact is linked.
FROM_PARTNER = {
    "compute": "_compute_from_partner",
    "store": True,
    "readonly": False,
    "precompute": True,
}


class KpiDealContact(models.Model):
    """Somebody on one of the sides of a deal, with or without an address of Odoo."""

    _name = "kpi.deal.contact"
    _description = "Deal Contact"
    _table = "agent_deal_contacts"
    _inherit = ["kpi.input.mixin", "kpi.audited.part.mixin", "kpi.dated.mixin"]
    _audited_model, _audited_link = "kpi.deal", "deal_id"
    _audited_name = "contact"
    _audited_events = "deal_contact_"
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
        "res.partner", "Linked Contact", ondelete="set null", index="btree_not_null"
    )
    name = fields.Char(required=True, **FROM_PARTNER)
    email = fields.Char(**FROM_PARTNER)
    phone = fields.Char(**FROM_PARTNER)
    company = fields.Char(**FROM_PARTNER)
    notes = fields.Text()

    _contact_type_choices = Choices("contact_type")

    @api.depends("partner_id")
    def _compute_from_partner(self):
        for contact in self.filtered("partner_id"):
            partner = contact.partner_id
            contact.name = partner.name
            contact.email = partner.email
            contact.phone = partner.phone
            contact.company = partner.commercial_company_name

    def _prepare_log_values(self):
        return {"partner": self.partner_id.id or None}

    def _prepare_log_texts(self):
        return {name: self[name] for name in PERSONAL if self[name]}

    @api.model
    def _get_audited_members(self):
        """Without the partner: when partners are merged or removed, it follows."""
        return {"contact": SQL("held.id"), "type": SQL("held.contact_type")}

    @api.model
    def _audited_match_sql(self):
        """Compare personal values with the texts stored apart that the entry names;
        erased ones may be anything.
        """
        return SQL(
            """
            %(stated)s AND NOT EXISTS (
                SELECT FROM (VALUES %(texts)s) AS field (name, text)
                  LEFT JOIN kpi_audit_personal AS personal
                    ON personal.log_id = log.id AND personal.name = field.name
                 WHERE (coalesce(field.text, '') <> '')
                       <> (strpos(split_part(log.text, ',"withheld":', 2),
                                  to_json(field.name) || ':') > 0)
                    OR personal.text <> field.text)
            """,
            stated=super()._audited_match_sql(),
            texts=SQL(", ").join(
                SQL("(%s, stated.%s)", name, SQL.identifier(name)) for name in PERSONAL
            ),
        )
