from odoo import api, fields, models
from odoo.fields import Domain

from ...rights import search_by
from ...roles import ADMIN


class KpiApiScope(models.Model):
    """Scope that a key may reach; each addon brings those of its own routes."""

    _name = "kpi.api.scope"
    _description = "API Scope"
    _order = "code"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)

    is_usable_by_me = fields.Boolean(
        "Usable by Me",
        compute="_compute_is_usable_by_me",
        search=search_by("_get_usable_domain"),
        exportable=False,
        help="The user can read or change data covered by the scope.",
    )

    _code_uniq = models.UniqueIndex("(code)", "A scope with this code already exists.")

    @api.model
    def _get_needed_groups(self):
        """Code of a scope → groups of people to whom it is of use.

        Scopes that are not named are of use to everybody. An addon adds its own::

            return {**super()._get_needed_groups(), "deals.write": (roles.AGENT,)}
        """
        return {"audit.read": (ADMIN, "base.group_system")}

    @api.model
    def _is_usable(self, code):
        needed = self._get_needed_groups().get(code)
        return not needed or any(map(self.env.user.has_group, needed))

    @api.depends_context("uid")
    @api.depends("code")
    def _compute_is_usable_by_me(self):
        for scope in self:
            scope.is_usable_by_me = self._is_usable(scope.code)

    @api.model
    def _get_usable_domain(self):
        codes = self._get_needed_groups()
        others = [code for code in codes if not self._is_usable(code)]
        return Domain("code", "not in", others)

    @api.depends("name", "code")
    def _compute_display_name(self):
        """Name in words and as programs and refusals call it."""
        for scope in self:
            scope.display_name = f"{scope.name} ({scope.code})"
