from odoo import api, fields, models

ENDS = ("source_node_id", "source_benefit_id", "target_node_id", "target_benefit_id")


class KpiBenefitLink(models.Model):
    """What leads to what on the map: a benefit that needs another one, for instance.

    Each end is a benefit or an item of the map.
    """

    _name = "kpi.benefit.link"
    _description = "Link on the Benefits Map"
    _order = "id"
    _kpi_measurable = True

    source_node_id = fields.Many2one(
        "kpi.benefit.node",
        "Enabler or Change",
        index="btree_not_null",
        ondelete="cascade",
    )
    source_benefit_id = fields.Many2one(
        "kpi.benefit.realization",
        "Benefit Needed",
        index="btree_not_null",
        ondelete="cascade",
    )
    target_node_id = fields.Many2one(
        "kpi.benefit.node",
        "Leads To",
        index="btree_not_null",
        ondelete="cascade",
    )
    target_benefit_id = fields.Many2one(
        "kpi.benefit.realization",
        "Leads To Benefit",
        index="btree_not_null",
        ondelete="cascade",
    )
    source_status = fields.Selection(
        related="source_benefit_id.status", string="Status of Benefit"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    note = fields.Char("Why")

    _one_source = models.Constraint(
        "CHECK (num_nonnulls(source_node_id, source_benefit_id) = 1)",
        "A link leads from one benefit or item of the map.",
    )
    _one_target = models.Constraint(
        "CHECK (num_nonnulls(target_node_id, target_benefit_id) = 1)",
        "A link leads to one benefit or item of the map.",
    )
    _ends_uniq = models.UniqueIndex(
        "(COALESCE(source_node_id, 0), COALESCE(source_benefit_id, 0),"
        " COALESCE(target_node_id, 0), COALESCE(target_benefit_id, 0))",
        "These are linked already.",
    )

    @api.depends("target_node_id.company_id", "target_benefit_id.company_id")
    def _compute_company_id(self):
        for link in self:
            link.company_id = (link.target_node_id or link.target_benefit_id).company_id

    @api.depends(*ENDS)
    def _compute_display_name(self):
        for link in self:
            source, target = link._get_ends()
            link.display_name = f"{source.display_name} → {target.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(vals_list)
        links._check_new_ends(ENDS)
        return links

    def write(self, vals):
        ends = [name for name in ENDS if name in vals]
        result = super().write(vals)
        if ends:
            # What the rules say of the new ends is asked for again.
            self.check_access("write")
            self._check_new_ends(ends)
        return result

    def _get_ends(self):
        """What the link leads from, and what to."""
        return (
            self.source_node_id or self.source_benefit_id,
            self.target_node_id or self.target_benefit_id,
        )
