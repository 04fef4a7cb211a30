from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_users import check_identity

from ..actions import open_dialog, open_form


class KpiApiKeyWizard(models.TransientModel):
    """A user makes a key to the REST interface; its text is shown once."""

    _name = "kpi.api.key.wizard"
    _description = "New API Key"

    name = fields.Char(
        required=True,
        compute="_compute_from_replaced",
        store=True,
        readonly=False,
        precompute=True,
        help="Program or dashboard using the key.",
    )
    replaced_id = fields.Many2one(
        "kpi.api.key", "Replaces", domain="[('user_id', '=', uid)]"
    )
    overlap_hours = fields.Integer(
        "Old Key Expires After",
        default=24,
        help="Hours the old key stays valid.",
    )
    scope_ids = fields.Many2many(
        "kpi.api.scope",
        "kpi_api_key_wizard_scope_rel",
        string="Scopes",
        compute="_compute_from_replaced",
        store=True,
        readonly=False,
        precompute=True,
    )
    allowed_addresses = fields.Char(
        "Allowed IP Addresses",
        compute="_compute_from_replaced",
        store=True,
        readonly=False,
        precompute=True,
        help="Allowed IP addresses or networks, separated by commas. Leave empty "
        "to allow all.",
    )
    expires_on = fields.Date(
        "Valid Until",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=89),
    )

    @api.depends("replaced_id")
    def _compute_from_replaced(self):
        read_only = self.env["kpi.api.scope"].search([("code", "=", "kpi.read")])
        for wizard in self:
            old = wizard.replaced_id
            wizard.name = old.name or wizard.name
            usable = old.scope_ids.filtered("is_usable_by_me")
            wizard.scope_ids = usable or wizard.scope_ids or read_only
            wizard.allowed_addresses = old.allowed_addresses or wizard.allowed_addresses

    @api.model
    def _action_open(self):
        return open_dialog(self.browse(), self.env._("New API Key"))

    @check_identity
    def action_make_key(self):
        """Make the key and show it, which cannot be done again."""
        self.ensure_one()
        if self.overlap_hours < 0:
            raise UserError(
                self.env._("“Old Key Expires After” must be 0 hours or more.")
            )
        if self.replaced_id.user_id - self.env.user:
            raise UserError(self.env._("“Replaces” must be one of your own keys."))
        usable = self.scope_ids.filtered("is_usable_by_me")
        text, _key = self.env["kpi.api.key"]._generate(
            {
                "name": self.name,
                "scope_ids": [fields.Command.set(usable.ids)],
                "allowed_addresses": self.allowed_addresses,
            },
            fields.Datetime.to_datetime(self.expires_on),
        )
        self.replaced_id._end_in(self.overlap_hours)
        return open_form(
            self.env["res.users.apikeys.show"],
            name=self.env._("API Key Ready"),
            views=[(self.env.ref("kpi_base.kpi_api_key_show_view_form").id, "form")],
            target="new",
            context={"default_key": text},
        )
