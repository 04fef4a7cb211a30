from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.roles import ADMIN, OFFICER


class KpiDefinitionCategory(models.Model):
    """Subject under which KPIs are grouped in lists and dashboards."""

    _name = "kpi.definition.category"
    _description = "KPI Category"
    _inherit = ["kpi.input.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    definition_ids = fields.One2many("kpi.definition", "category_id", "KPIs")
    certifier_ids = fields.Many2many(
        "res.users",
        "kpi_definition_category_certifier_rel",
        string="Certified By",
        domain=lambda self: [("all_group_ids", "in", self.env.ref(OFFICER).ids)],
        help="KPI officers who certify this category's KPIs. Leave empty for KPI "
        "administrators.",
        copy=False,  # administrators appoint them
    )

    @api.model_create_multi
    def create(self, vals_list):
        categories = super().create(vals_list)
        categories._check_certifiers({})
        return categories

    def write(self, vals):
        before = {category: category.certifier_ids for category in self}
        result = super().write(vals)
        self._check_certifiers(before)
        return result

    def _check_certifiers(self, before):
        """Nobody appoints themselves: officers change categories otherwise.

        :param before: category → those it named until now
        """
        if self.env.su or self.env.user.has_group(ADMIN):
            return
        nobody = self.env["res.users"]
        if any(each.certifier_ids != before.get(each, nobody) for each in self):
            raise AccessError(self.env._("Only KPI administrators can set certifiers."))

    def _find_certifiers(self):
        """Those who can certify now; empty where administrators do."""
        # Who certifies is no secret, and colleagues of other companies count as well.
        return self.sudo().certifier_ids.filtered(
            lambda user: user.active and user.has_group(OFFICER)
        )


class KpiTag(models.Model):
    _name = "kpi.tag"
    _description = "KPI Tag"
    _inherit = ["kpi.input.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_uniq = models.UniqueIndex("(name)", "A tag with this name already exists.")
