from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

ALIKE = ("partner_id", "property_id", "title")


class KpiDeal(models.Model):
    """Open deals that seem to be the same one."""

    _inherit = "kpi.deal"

    duplicate_ids = fields.Many2many(
        "kpi.deal",
        string="Similar Deals",
        compute="_compute_duplicate_ids",
        help="Open deals of the same type with the same property, counterparty "
        "or title.",
    )
    duplicate_count = fields.Integer(compute="_compute_duplicate_ids")

    @api.depends("company_id", "deal_type", "status", *ALIKE)
    def _compute_duplicate_ids(self):
        found = self.search(
            Domain("status", "=", "open")
            & Domain("company_id", "in", self.company_id.ids)
            & Domain.OR(
                Domain(name, "in", [value for value in self._alike(name) if value])
                for name in ALIKE
            )
        )
        by_key = defaultdict(self.browse)
        for deal in found:
            for key in deal._likenesses():
                by_key[key] |= deal
        for deal in self:
            same = self.browse().union(*(by_key[key] for key in deal._likenesses()))
            deal.duplicate_ids = same - deal._origin
            deal.duplicate_count = len(deal.duplicate_ids)

    def _alike(self, name):
        values = self.mapped(name)
        return values.ids if self._fields[name].relational else values

    def _likenesses(self):
        """List what another open deal has in common with this one if it is the same."""
        if self.status != "open":
            return []
        common = (self.company_id, self.deal_type)
        return [(*common, name, self[name]) for name in ALIKE if self[name]]

    def action_open_duplicates(self):
        """The deals that this one may be the same as."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "kpi_deal_pipeline.kpi_deal_action"
            ),
            "display_name": self.env._("Similar deals"),
            "domain": [("id", "in", (self | self.duplicate_ids).ids)],
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "context": {},
        }
