from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.links import find_circle

from ...engine.benefit_map import may_lead_to

END = {"index": "btree_not_null", "ondelete": "cascade"}
ENDS = ("source_node_id", "source_benefit_id", "target_node_id", "target_benefit_id")


class KpiBenefitLink(models.Model):
    """What leads to what on the map: a benefit that needs another one, for instance.

    Each end is a benefit or an item of the map.
    """

    _name = "kpi.benefit.link"
    _description = "Benefits Map Link"
    _order = "id"
    _rec_names_search = [*ENDS]
    _kpi_measurable = True

    source_node_id = fields.Many2one("kpi.benefit.node", "Enabler or Change", **END)
    source_benefit_id = fields.Many2one(
        "kpi.benefit.realization", "Required Benefit", **END
    )
    target_node_id = fields.Many2one("kpi.benefit.node", "Leads To", **END)
    target_benefit_id = fields.Many2one(
        "kpi.benefit.realization", "Leads To Benefit", **END
    )
    source_status = fields.Selection(
        related="source_benefit_id.status", string="Benefit Status"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    note = fields.Char("Reason")

    _one_source = models.Constraint(
        "CHECK (num_nonnulls(source_node_id, source_benefit_id) = 1)",
        "Choose exactly one source.",
    )
    _one_target = models.Constraint(
        "CHECK (num_nonnulls(target_node_id, target_benefit_id) = 1)",
        "Choose exactly one target.",
    )
    _ends_uniq = models.UniqueIndex(
        "(COALESCE(source_node_id, 0), COALESCE(source_benefit_id, 0),"
        " COALESCE(target_node_id, 0), COALESCE(target_benefit_id, 0))",
        "This link already exists.",
    )

    @api.depends("target_node_id.company_id", "target_benefit_id.company_id")
    def _compute_company_id(self):
        for link in self:
            link.company_id = (link.target_node_id or link.target_benefit_id).company_id

    @api.depends(*ENDS)
    def _compute_display_name(self):
        for link in self:
            names = [end.display_name for end in link._get_ends()]
            link.display_name = all(names) and " → ".join(names)

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(vals_list)
        links._check_circles()
        return links

    def write(self, vals):
        ends = [name for name in ENDS if name in vals]
        result = super().write(vals)
        if ends:
            # What the rules say of the new ends is asked for again.
            self.check_access("write")
            self._check_circles()
        return result

    def _get_ends(self):
        """What the link leads from, and what to."""
        return (
            self.source_node_id or self.source_benefit_id,
            self.target_node_id or self.target_benefit_id,
        )

    @api.constrains(*ENDS)
    def _check_ends(self):
        kinds = self.env["kpi.benefit.node"]._get_kinds()
        for link in self:
            source, target = link._get_ends()
            if source.company_id != target.company_id:
                raise ValidationError(
                    self.env._("Links cannot lead to another company.")
                )
            pair = get_kind(source), get_kind(target)
            if not may_lead_to(*pair):
                raise ValidationError(
                    self.env._(
                        "%(first)s cannot lead to %(second)s. Order: enabler, "
                        "change, benefit, objective. Link only benefits to "
                        "objectives.",
                        first=kinds[pair[0]],
                        second=kinds[pair[1]],
                    )
                )

    def _check_circles(self):
        # Nobody else links anything of these companies meanwhile: two links at once
        # would each see a map without the other one.
        keys = {f"benefit links of company {each.id}" for each in self.company_id}
        self.env["kpi.claim"]._claim(*keys)
        # A circle may lead through what the user does not see.
        known = self.sudo().search([("company_id", "in", self.company_id.ids)])
        edges = {}  # key of each end → keys of what it leads to
        for link in known:
            source, target = map(get_key, link._get_ends())
            edges.setdefault(source, []).append(target)
        for link in self:
            circle = find_circle(edges, *map(get_key, link._get_ends()))
            if circle:
                hidden = self.env._("a hidden item")
                ends = [self.env[model].browse(id_) for model, id_ in circle]
                names = [
                    one.display_name if one.has_access("read") else hidden
                    for one in ends
                ]
                raise ValidationError(
                    self.env._("Circular dependency: %s.", " → ".join(names))
                )


def get_key(record):
    return record._name, record.id


def get_kind(record):
    if record._name == "kpi.benefit.node":
        return record.kind
    return "benefit" if record._name == "kpi.benefit.realization" else "change"
