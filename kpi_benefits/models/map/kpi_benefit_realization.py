from odoo import api, fields, models


class KpiBenefitRealization(models.Model):
    """What a benefit needs, and which objectives it brings nearer."""

    _inherit = "kpi.benefit.realization"

    needed_link_ids = fields.One2many(
        "kpi.benefit.link",
        "target_benefit_id",
        "Depends On",
        domain=[("source_benefit_id", "!=", False)],
    )
    enabling_link_ids = fields.One2many(
        "kpi.benefit.link",
        "target_benefit_id",
        "Enabled By",
        domain=[("source_node_id", "!=", False)],
    )
    objective_link_ids = fields.One2many(
        "kpi.benefit.link",
        "source_benefit_id",
        "Objectives",
        domain=[("target_node_id", "!=", False)],
    )

    @api.constrains("initiative_id")
    def _check_links_of_company(self):
        # Also links that the user does not see: no message names them.
        links = self.env["kpi.benefit.link"].sudo()
        links.search(
            [
                "|",
                ("source_benefit_id", "in", self.ids),
                ("target_benefit_id", "in", self.ids),
            ]
        )._check_ends()
