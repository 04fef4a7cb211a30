from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.rights import ASSISTANT, search_by

CLOSED = "is_closed_to_assistants"


class KpiDefinitionCategory(models.Model):
    _inherit = "kpi.definition.category"

    is_closed_to_assistants = fields.Boolean(
        "Hide from AI Assistants", help="Hides all KPIs of this category."
    )


class KpiDefinition(models.Model):
    """KPIs that assistants see: a rule asks, whoever's key they have."""

    _inherit = "kpi.definition"

    is_closed_to_assistants = fields.Boolean(
        "Hide from AI Assistants",
    )
    is_open_to_me = fields.Boolean(
        "Open to Me",
        compute="_compute_is_open_to_me",
        search=search_by("_get_open_domain"),
        exportable=False,
    )

    @api.depends(CLOSED, f"category_id.{CLOSED}")
    @api.depends_context(ASSISTANT)
    def _compute_is_open_to_me(self):
        for definition in self:
            definition.is_open_to_me = not self.env.context.get(ASSISTANT) or not (
                definition[CLOSED] or definition.category_id[CLOSED]
            )

    @api.model
    def _get_open_domain(self, path=""):
        """The domain of what is open to whoever asks.

        :param path: to the definition, with a dot
        """
        if not self.env.context.get(ASSISTANT):
            return Domain.TRUE
        in_open_category = Domain(f"{path}category_id", "=", False) | Domain(
            f"{path}category_id.{CLOSED}", "=", False
        )
        return Domain(f"{path}{CLOSED}", "=", False) & in_open_category
