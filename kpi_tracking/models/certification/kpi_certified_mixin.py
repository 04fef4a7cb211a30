from typing import Annotated, Any, Literal

from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.schemas.base import MAX_ID, Nothing, Text

NameOperator = Literal[
    "=", "!=", "like", "not like", "ilike", "not ilike", "=like", "=ilike"
]
Limit = Annotated[int, Field(ge=1, le=MAX_ID)]


class KpiCertifiedMixin(models.AbstractModel):
    """Of what people search for by name, the certified comes first."""

    _name = "kpi.certified.mixin"
    _description = "Certified First"

    @api.model
    def name_search(
        self,
        name: Text | Nothing = "",
        domain: list[Any] | Nothing = None,
        operator: NameOperator = "ilike",
        limit: Limit | Nothing = 100,
    ):
        """As in Odoo: certified ones, then the others."""
        try:
            domain = Domain(domain or Domain.TRUE)
            domain.validate(self)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("This is not a domain: %s", error)) from error
        is_certified = Domain("certification", "=", "certified")
        name, limit = name or "", limit or None
        found = super().name_search(name, domain & is_certified, operator, limit)
        if limit and len(found) >= limit:
            return found
        rest = limit and limit - len(found)
        others = super().name_search(name, domain & ~is_certified, operator, rest)
        return found + others


class KpiReport(models.Model):
    """A tracked KPI has the badge of its definition."""

    _name = "kpi.report"
    _inherit = ["kpi.report", "kpi.certified.mixin"]

    certification = fields.Selection(related="definition_id.certification")
