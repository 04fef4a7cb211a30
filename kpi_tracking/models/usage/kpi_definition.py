from odoo import api, fields, models


class KpiDefinition(models.Model):
    """Where a KPI is used, for those who want to change it or to take it away."""

    _inherit = "kpi.definition"

    uses = fields.Json(
        "Where Used",
        compute="_compute_uses",
        exportable=False,
        help="What uses it, as ``kpi.use.link._list_users`` lists it.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_uses(self):
        for definition in self:
            definition.uses = definition._list_uses() if definition.id else []

    def _list_uses(self):
        """What uses these KPIs; of what the user may not see only the number."""
        return self.env["kpi.use.link"]._list_users(self)

    @api.readonly
    def get_uses(self):
        """Return what uses these KPIs: said before they are archived or deleted.

        :return: list of dicts, see ``kpi.use.link._list_users``
        """
        self.check_access("read")
        return self._list_uses()
