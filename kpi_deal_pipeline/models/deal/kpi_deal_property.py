from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.kinds import ASSET_TYPES


class KpiDealProperty(models.Model):
    """Property that deals are about: a building, a site, a unit."""

    _name = "kpi.deal.property"
    _description = "Property"
    _inherit = ["kpi.input.mixin"]
    _order = "name, id"
    _kpi_measurable = True
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    asset_type = fields.Selection(ASSET_TYPES)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    address = fields.Text()
    country_id = fields.Many2one("res.country", ondelete="restrict")
    floor_area = fields.Float("Floor Area (m²)")
    owner_id = fields.Many2one(
        "res.partner", check_company=True, ondelete="restrict", index="btree_not_null"
    )

    _floor_area_check = models.Constraint(
        "CHECK (floor_area >= 0)", "The floor area cannot be negative."
    )

    @api.constrains("company_id")
    def _check_deals(self):
        # Archived deals count as well.
        deals = self.env["kpi.deal"].with_context(active_test=False)
        used = deals._read_group(
            [("property_id", "in", self.ids)], ["property_id", "company_id"]
        )
        for used_property, company in used:
            if used_property.company_id != company:
                raise ValidationError(
                    self.env._(
                        "%(property)s is used by deals of %(company)s and cannot "
                        "change company.",
                        property=used_property.name,
                        company=company.name,
                    )
                )
