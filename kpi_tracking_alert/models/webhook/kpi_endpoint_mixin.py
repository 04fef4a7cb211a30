from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.roles import ADMIN

from ...engine.webhook_signature import SecretError, load_secret, new_secret


class KpiEndpointMixin(models.AbstractModel):
    """A way to another system or from it, with the rights of who is responsible."""

    _name = "kpi.endpoint.mixin"
    _description = "External Connection"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.secret.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company
    )

    @api.constrains("owner_id")
    def _check_owner(self):
        """Let nobody act as somebody else."""
        # Constraints run as superuser: whose wish it is says the user alone.
        if self.owner_id - self.env.user and not self.env.user.has_group(ADMIN):
            raise ValidationError(
                self.env._("Only KPI administrators can connect systems for others.")
            )


class KpiSignedMixin(models.AbstractModel):
    """A way whose messages are signed as Standard Webhooks has it."""

    _name = "kpi.signed.mixin"
    _description = "Signed Messages"
    _inherit = ["kpi.endpoint.mixin"]

    secret = Secret("secret", "Signing Secret")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records._filter_standard():
            if not record._has_secret("secret"):
                record._renew_secret()
        return records

    def _filter_standard(self):
        """Those that are signed so."""
        return self

    @api.constrains("secret")
    def _check_secret(self):
        for record in self._filter_standard():
            try:
                load_secret(record._read_secret("secret") or new_secret())
            except SecretError as error:
                raise ValidationError(
                    self.env._(
                        "Signing secret: enter whsec_ followed by 24 to 64 bytes "
                        "in base64, or leave it empty."
                    )
                ) from error

    def action_new_secret(self):
        """Make a secret and show it, which cannot be done again."""
        self.ensure_one()
        self.check_access("write")
        view = self.env.ref("kpi_tracking_alert.kpi_webhook_secret_view_form")
        return open_form(
            self.env["res.users.apikeys.show"],
            name=self.env._("New Signing Secret"),
            views=[(view.id, "form")],
            target="new",
            context={"default_key": self._renew_secret()},
        )

    def _renew_secret(self):
        """Put a new secret in place of the present one; its text."""
        self.secret = text = new_secret()
        return text
