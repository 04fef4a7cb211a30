from odoo import api, models
from odoo.fields import Domain


class KpiCertifiedMixin(models.AbstractModel):
    """Of what people search for by name, the certified comes first."""

    _name = "kpi.certified.mixin"
    _description = "Certified First"

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """As in Odoo: certified ones, then the others."""
        domain = Domain(domain or Domain.TRUE)
        is_certified = Domain("certification", "=", "certified")
        found = super().name_search(name, domain & is_certified, operator, limit)
        if limit and len(found) >= limit:
            return found
        rest = limit and limit - len(found)
        others = super().name_search(name, domain & ~is_certified, operator, rest)
        return found + others
