from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.fault import Fault
from odoo.addons.kpi_base.roles import OFFICER


class KpiIntegrationMixin(models.AbstractModel):
    """A way by which values come, with the rights of whoever is responsible."""

    _name = "kpi.integration.mixin"
    _description = "Value Source"
    _inherit = ["kpi.endpoint.mixin"]

    owner_id = fields.Many2one(
        help="Imported values are recorded as this person's entries."
    )
    company_id = fields.Many2one(required=True)

    @api.model
    def _translate(self, template):
        """A text of the pure code, in the language of the user."""
        # Collected where it is written, as ``_lt``.
        return self.env._(template)

    def _say_why(self, error):
        """Why something failed, in the language of the user."""
        is_pure = isinstance(error, Fault)
        return error.translate_with(self._translate) if is_pure else str(error)

    def _as_owner(self):
        """The same with the rights and in the language of who is responsible."""
        return self._as_person(self.owner_id)

    def _as_person(self, user):
        # Less, not more: the engine may do what they may not.
        return self.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids, lang=user.lang, tz=user.tz
        )

    def _note(self, **values):
        """Store what the engine finds out, for whoever may change the record."""
        self.check_access("write")
        # These fields are the engine's to write; the right to change was asked for.
        self.sudo().write(values)

    def _check_may_act(self):
        """Act for nobody who may not do it themselves."""
        self.ensure_one()
        user = self.env.user
        if not (user.active and user.has_group(OFFICER)):
            raise UserError(
                self.env._(
                    "%s has left or is no longer a KPI officer. Assign someone else.",
                    user.display_name,
                )
            )
        if self.company_id not in user.company_ids or not self.has_access("write"):
            raise UserError(
                self.env._(
                    "%(person)s can no longer access %(company)s. Assign someone else.",
                    person=user.display_name,
                    # They may not read the company any more that was theirs.
                    company=self.company_id.sudo().display_name,
                )
            )
