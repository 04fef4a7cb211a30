from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...engine.rest import addresses
from ...roles import ADMIN

ODOO_SCOPE = "kpi_api"
INDEX_SIZE = 8  # first characters of a key, which Odoo stores in clear


class KpiApiKey(models.Model):
    """A key to the REST interface: whose it is, how far it reaches, from where.

    The key itself is Odoo's, which stores its hash only; the row here goes with it.
    """

    _name = "kpi.api.key"
    _description = "API Key"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    secret_id = fields.Many2one(
        "res.users.apikeys", "Odoo API Key", required=True, readonly=True
    )
    scope_ids = fields.Many2many("kpi.api.scope", string="Scopes", readonly=True)
    allowed_addresses = fields.Char(
        "Allowed IP Addresses",
        readonly=True,
        help="IP addresses or networks that may use the key. Empty: any address.",
    )
    requests_per_minute = fields.Integer(
        "Requests per Minute",
        help="0 = the limit from the settings.",
        default=0,
        copy=False,
    )
    requests_per_day = fields.Integer(
        "Requests per Day",
        help="0 = the limit from the settings.",
        default=0,
        copy=False,
    )
    expires_at = fields.Datetime(related="secret_id.expiration_date")
    revoked_at = fields.Datetime(readonly=True)
    last_used_at = fields.Datetime("Last Used", compute="_compute_last_use")
    last_address = fields.Char("Last Used From", compute="_compute_last_use")
    state = fields.Selection(
        [("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")],
        "Status",
        compute="_compute_state",
    )

    _limits_positive = models.Constraint(
        "CHECK (requests_per_minute >= 0 AND requests_per_day >= 0)",
        "Limits cannot be negative.",
    )

    def init(self):
        """The row goes with Odoo's key; where it was last used lies beside it.

        Uses are written on another connection than the request's: without a foreign key
        they wait for nothing that the request changes.
        """
        self.env.cr.execute(
            """
            ALTER TABLE kpi_api_key DROP CONSTRAINT IF EXISTS kpi_api_key_secret_fkey;
            ALTER TABLE kpi_api_key ADD CONSTRAINT kpi_api_key_secret_fkey
                  FOREIGN KEY (secret_id) REFERENCES res_users_apikeys
                  ON DELETE CASCADE;
            CREATE UNIQUE INDEX IF NOT EXISTS kpi_api_key_secret_uniq
                   ON kpi_api_key (secret_id);
            CREATE TABLE IF NOT EXISTS kpi_api_use (
                key_id integer PRIMARY KEY,
                used_at timestamp NOT NULL,
                address text NOT NULL
            )
            """
        )

    def _compute_last_use(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT key_id, used_at, address FROM kpi_api_use"
                " WHERE key_id = ANY(%s)",
                self.ids,
            )
        )
        known = {key_id: (used_at, address) for key_id, used_at, address in rows}
        for key in self:
            key.last_used_at, key.last_address = known.get(key.id, (False, False))

    @api.depends("revoked_at", "expires_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            is_expired = key.expires_at and key.expires_at < now
            key.state = "expired" if is_expired else "active"
            if key.revoked_at:
                key.state = "revoked"

    @api.model
    def _generate(self, values, expires_at):
        """A new key of the user at work.

        :param values: ``name``, ``scope_ids``, ``allowed_addresses``
        :param expires_at: when it ends; Odoo says how late that may be
        :return: the key's text, which nobody can read again, and its record
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only internal users can create API keys."))
        try:
            addresses.networks(values.get("allowed_addresses") or "")
        except addresses.AddressError as error:
            raise UserError(
                self.env._(
                    "Allowed IP addresses: “%s” is not a valid address or "
                    "network. Use one such as 192.0.2.10 or 192.0.2.0/24.",
                    str(error),
                )
            ) from None
        secrets = self.env["res.users.apikeys"]
        text = secrets._generate(ODOO_SCOPE, values["name"], expires_at)
        self.env.cr.execute(
            "SELECT max(id) FROM res_users_apikeys WHERE user_id = %s AND index = %s",
            (self.env.uid, text[:INDEX_SIZE]),
        )
        (secret_id,) = self.env.cr.fetchone()
        # Rows of keys are made here only, always for the user at work.
        key = self.sudo().create(
            {**values, "user_id": self.env.uid, "secret_id": secret_id}
        )
        if not key.scope_ids:
            raise UserError(self.env._("Choose at least one scope for the key."))
        return text, key.sudo(False)

    def _end_in(self, hours):
        """Let these keys of the user work for so many hours more at most."""
        end = fields.Datetime.now() + timedelta(hours=hours)
        self.env.cr.execute(
            SQL(
                "UPDATE res_users_apikeys"
                "   SET expiration_date = least(expiration_date, %s)"
                " WHERE id = ANY(%s) AND user_id = %s",
                end,
                self.secret_id.ids,
                self.env.uid,
            )
        )
        self.env.invalidate_all()

    def action_revoke(self):
        """End these keys at once."""
        self.check_access("read")
        is_admin = self.env.user.has_group(ADMIN)
        if not is_admin and self.user_id != self.env.user:
            raise AccessError(
                self.env._("Only administrators can revoke the keys of other users.")
            )
        # Who may revoke a key was checked above; its row is maintained by the system.
        self.sudo().revoked_at = fields.Datetime.now()

    def action_rotate(self):
        """Make a successor; this key goes on for a while."""
        self.ensure_one()
        if self.user_id != self.env.user:
            raise AccessError(self.env._("Only the owner of a key can replace it."))
        action = self.env["kpi.api.key.wizard"]._action_open()
        action["context"] = {"default_replaced_id": self.id}
        return action
