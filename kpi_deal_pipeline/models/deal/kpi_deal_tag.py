from random import randint

from odoo import fields, models


class KpiDealTag(models.Model):
    """Free label of deals."""

    _name = "kpi.deal.tag"
    _description = "Deal Tag"
    _order = "name"
    _kpi_measurable = True

    name = fields.Char(required=True)
    color = fields.Integer(default=lambda self: randint(1, 11))

    _name_uniq = models.UniqueIndex("(name)", "A tag with this name already exists.")
