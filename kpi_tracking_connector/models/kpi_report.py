from odoo import api, fields, models

from odoo.addons.kpi_base.rights import ASSISTANT, search_by

from .kpi_definition import CLOSED


class KpiReport(models.Model):
    """KPIs that assistants see, and what those are made of."""

    _inherit = "kpi.report"

    is_open_to_me = fields.Boolean(
        "Open to Me",
        compute="_compute_is_open_to_me",
        search=search_by("_get_open_domain"),
        exportable=False,
    )

    @property
    def _readable_by(self):
        return (*super()._readable_by, "is_open_to_me")

    @api.depends(f"definition_id.{CLOSED}", f"definition_id.category_id.{CLOSED}")
    @api.depends_context(ASSISTANT)
    def _compute_is_open_to_me(self):
        for report in self:
            # Asked of the definition alone, whoever may see it.
            report.is_open_to_me = report.sudo().definition_id.is_open_to_me

    @api.model
    def _get_open_domain(self):
        return self.env["kpi.definition"]._get_open_domain("definition_id.")

    def _read_formula_parts(self, definition, period, reports):
        """Officers see parts that an assistant of theirs does not."""
        parts, is_hidden = super()._read_formula_parts(definition, period, reports)
        components = definition._components_by_code().values()
        if not all(kpi.is_open_to_me for kpi in components):
            is_hidden = True
        return parts, is_hidden
