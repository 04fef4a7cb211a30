from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.benefit_map import KINDS


class KpiBenefitNode(models.Model):
    """What stands beside benefits on their map.

    Enablers and changes belong to an initiative: what has to be there, and what people
    do differently. Objectives are the company's, and benefits of all initiatives
    bring them nearer.
    """

    _name = "kpi.benefit.node"
    _description = "Benefits Map Item"
    _inherit = ["kpi.access.mixin", "kpi.initiative.part.mixin", "kpi.input.mixin"]
    _order = "kind, name, id"
    _kpi_measurable = True
    _readable_by = ("kind", "initiative_id", "company_id")
    _editable_by = ("kind", "initiative_id", "company_id")

    name = fields.Char(required=True)
    kind = fields.Selection(
        [("enabler", "Enabler"), ("change", "Change"), ("objective", "Objective")],
        required=True,
        default="change",
        index=True,
    )
    initiative_id = fields.Many2one(
        required=False,
        index="btree_not_null",
        domain="[('is_editable_by_me', '=', True)]",
    )
    company_id = fields.Many2one(
        related=None,
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    description = fields.Text()
    source_link_ids = fields.One2many("kpi.benefit.link", "target_node_id", "Requires")
    target_link_ids = fields.One2many("kpi.benefit.link", "source_node_id", "Leads To")

    _initiative_fits = models.Constraint(
        "CHECK ((kind = 'objective') = (initiative_id IS NULL))",
        "Enablers and changes need an initiative. Objectives cannot have one.",
    )

    @api.depends("initiative_id.company_id")
    def _compute_company_id(self):
        for node in self:
            node.company_id = (
                node.initiative_id.company_id or node.company_id or self.env.company
            )

    @api.constrains("company_id", "initiative_id")
    def _check_company_of_initiative(self):
        for node in self.filtered("initiative_id"):
            if node.company_id != node.initiative_id.company_id:
                raise ValidationError(
                    self.env._("%s must belong to its initiative's company.", node.name)
                )

    @api.constrains("kind", "company_id", "initiative_id")
    def _check_links(self):
        (self.source_link_ids | self.target_link_ids)._check_ends()

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"kind", "initiative_id", "company_id"}:
            self.check_access("write")  # as what they are now, too
        return result

    @api.model
    def _get_kinds(self):
        """Kinds of what a map shows, in the order of its bands, with their words."""
        labels = dict(self._fields["kind"]._description_selection(self.env))
        labels["benefit"] = self.env._("Benefit")
        return {kind: labels[kind] for kind in KINDS}
