from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.roles import ADMIN, OFFICER


class KpiIntegrationMixin(models.AbstractModel):
    """A way by which values come, with the rights of whoever is responsible."""

    _name = "kpi.integration.mixin"
    _description = "Connection to Another System"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.secret.mixin"]
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="Values are imported as if this person imported a file.",
    )

    @api.constrains("owner_id")
    def _check_owner(self):
        """Let nobody import as somebody else."""
        # Constraints run as superuser: whose wish it is says the user alone.
        if self.owner_id - self.env.user and not self.env.user.has_group(ADMIN):
            raise ValidationError(
                self.env._("Only who is responsible can connect another system.")
            )

    @api.model
    def _translate(self, template):
        """A text of the pure code, in the language of the user."""
        # Collected where it is written, as ``_lt``.
        return self.env._(template)

    def _as_owner(self):
        """The same with the rights and in the language of who is responsible."""
        return self._as_person(self.owner_id)

    def _as_person(self, user):
        # Less, not more: the engine may do what they may not.
        return self.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids, lang=user.lang, tz=user.tz
        )

    def _check_may_act(self):
        """Act for nobody who may not do it themselves."""
        self.ensure_one()
        user = self.env.user
        if not (user.active and user.has_group(OFFICER)):
            raise UserError(
                self.env._(
                    "%s has left, or is no KPI officer any more. Choose another"
                    " responsible person.",
                    user.display_name,
                )
            )
        if self.company_id not in user.company_ids or not self.has_access("write"):
            # They may not read the company any more that was theirs.
            company = self.company_id.sudo().display_name
            raise UserError(
                self.env._(
                    "%(person)s has no access to %(company)s any more. Choose another"
                    " responsible person.",
                    person=user.display_name,
                    company=company,
                )
            )
