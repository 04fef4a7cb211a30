import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from math import ceil

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, hash_sign, verify_hash_signed

from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT

from ...engine.rest import addresses
from ...rest.call import Identity
from ...rest.problem import Problem
from ...roles import ADMIN

ODOO_SCOPE = "kpi_api"
INDEX_SIZE = 8  # first characters of a key, which Odoo stores in clear
# Compared with where there is no such key: that takes as long, and never fits.
NO_KEY = KEY_CRYPT_CONTEXT.hash("no key has this text")
# What keys and tokens are made of; what is not is compared as one that never fits, as
# neither hashes nor the database take everything that a header may hold.
CREDENTIAL = re.compile(r"[!-~]{1,4000}")
NO_CREDENTIAL = "-"
PROCESS_SECRET = secrets.token_bytes(32)
FITTING = {}  # hash of a key → digest of the key
MOST_FITTING = 1000
FAILURES_PER_MINUTE = 30
DAY_SECONDS = 86400
MINUTE_SECONDS = 60
MOST_SCOPES = 1000
USE_IS_NOTED = "1 minute"


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
        help="IP addresses or networks allowed to use the key. Leave empty to "
        "allow all.",
    )
    requests_per_minute = fields.Integer(
        "Requests per Minute", help="0 means the limit from the settings.", copy=False
    )
    requests_per_day = fields.Integer(
        "Requests per Day", help="0 means the limit from the settings.", copy=False
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
                    "Allowed IP Addresses: “%s” is invalid. Use an address or "
                    "network such as 192.0.2.10 or 192.0.2.0/24.",
                    str(error),
                )
            ) from None
        odoo_keys = self.env["res.users.apikeys"]
        text = odoo_keys._generate(ODOO_SCOPE, values["name"], expires_at)
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
            raise UserError(self.env._("Choose at least one scope."))
        return text, key.sudo(False)

    def _end_in(self, hours):
        """Let these keys of the user work for so many hours more at most."""
        end = fields.Datetime.now() + timedelta(hours=hours)
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = least(expiration_date, %s)"
            " WHERE id = ANY(%s) AND user_id = %s",
            (end, self.secret_id.ids, self.env.uid),
        )
        self.env.invalidate_all()

    def action_revoke(self):
        """End these keys at once."""
        self.check_access("read")
        is_admin = self.env.user.has_group(ADMIN)
        if not is_admin and self.user_id != self.env.user:
            raise AccessError(
                self.env._("Only administrators can revoke other users' keys.")
            )
        # Who may revoke a key was checked above; its row is maintained by the system.
        self.sudo().revoked_at = fields.Datetime.now()

    def action_rotate(self):
        """Make a successor; this key goes on for a while."""
        self.ensure_one()
        if self.user_id != self.env.user:
            raise AccessError(self.env._("Only the key's owner can replace it."))
        action = self.env["kpi.api.key.wizard"]._action_open()
        action["context"] = {"default_replaced_id": self.id}
        return action

    @api.model
    def _authenticate_key(self, credential, address):
        """The identity behind ``credential``, one request of which is used up.

        Unknown, expired, revoked, foreign, archived: one answer, in about the same
        time. Addresses that fail too often are asked to wait; a good key from there
        still works, or one lost program would shut out an entire office.

        :raises Problem: no valid key, or too many requests
        """
        counter = self.env["kpi.api.counter"]
        with counter._side_cursor() as cr:
            keys = self.with_env(api.Environment(cr, SUPERUSER_ID, {}))
            identity = credential and keys._verify_credential(credential, address)
            if identity:
                wait = keys._use(identity, address)
            else:
                size = FAILURES_PER_MINUTE
                rate = size / MINUTE_SECONDS
                wait = counter._take(cr, f"failure {address}", size, rate)
        if wait:
            retry_after = str(ceil(wait))
            raise Problem("too-many-requests", headers=[("Retry-After", retry_after)])
        if not identity:
            raise Problem("unauthorized")
        return identity

    def _verify_credential(self, credential, address):
        """The identity behind a good credential, or None."""
        if not CREDENTIAL.fullmatch(credential):
            credential = NO_CREDENTIAL
        key_id, token_scopes = self._unseal("token", credential) or (None, None)
        if key_id:
            row = self._row(SQL("own.id = %s", key_id), address)
        else:
            index = SQL("secret.index = %s", credential[:INDEX_SIZE])
            row = self._row(index, address)
            fits = _fits(credential, row["hash"] if row else NO_KEY)
            if not row:
                return self._global(credential)
            row = fits and row
        if not row:
            return None
        scopes = frozenset(row["scopes"])
        if key_id:
            scopes &= frozenset(token_scopes)
        return self._identify(row, scopes, is_token=bool(key_id))

    @api.model
    def _identify(self, row, scopes, *, is_token):
        """The identity behind a row of ``_row``."""
        key = row["id"], row["name"], row["user_id"]
        limits = row["per_minute"], row["per_day"]
        return Identity(*key, scopes, is_token, *limits)

    def _global(self, credential):
        """The holder of one of Odoo's keys for everything, if settings allow those."""
        allowed = self.env["ir.config_parameter"].get_param("kpi_base.api_global_keys")
        odoo_keys = self.env["res.users.apikeys"]
        if not allowed or not (
            user_id := odoo_keys._check_credentials(scope="rpc", key=credential)
        ):
            return None
        scopes = self.env["kpi.api.scope"].search([], limit=MOST_SCOPES)
        # Counted per person: keys of Odoo have no number here, and no person has a
        # number below zero.
        known = frozenset(scopes.mapped("code"))
        return Identity(-user_id, "Odoo API Key", user_id, known)

    def _row(self, condition, address):
        """The key that meets ``condition``, none of Odoo's own, if used from there."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT own.id,
                       own.name,
                       own.user_id,
                       secret.key AS hash,
                       coalesce(own.allowed_addresses, '') AS addresses,
                       coalesce(own.requests_per_minute, 0) AS per_minute,
                       coalesce(own.requests_per_day, 0) AS per_day,
                       ARRAY(
                           SELECT scope.code
                             FROM kpi_api_key_kpi_api_scope_rel AS given
                             JOIN kpi_api_scope AS scope
                               ON scope.id = given.kpi_api_scope_id
                            WHERE given.kpi_api_key_id = own.id
                       ) AS scopes
                  FROM kpi_api_key AS own
                  JOIN res_users_apikeys AS secret ON secret.id = own.secret_id
                  JOIN res_users AS person ON person.id = own.user_id
                 WHERE person.active
                   AND secret.user_id = own.user_id
                   AND secret.scope = %(scope)s
                   AND own.revoked_at IS NULL
                   AND (secret.expiration_date IS NULL
                        OR secret.expiration_date >= now() AT TIME ZONE 'UTC')
                   AND %(condition)s
                """,
                scope=ODOO_SCOPE,
                condition=condition,
            )
        )
        row = rows[0] if rows else None
        return row if row and addresses.is_within(address, row["addresses"]) else None

    def _use(self, identity, address):
        """Count a request; the seconds to wait if there were too many."""
        counter, cr = self.env["kpi.api.counter"], self.env.cr
        param = self.env["ir.config_parameter"].get_param
        per_minute = identity.per_minute or int(param("kpi_base.api_per_minute", 600))
        per_day = identity.per_day or int(param("kpi_base.api_per_day", 0))
        name = f"key {identity.key_id}"
        wait = counter._take(cr, name, per_minute, per_minute / MINUTE_SECONDS)
        if not wait and per_day:
            wait = counter._take(cr, f"{name} day", per_day, per_day / DAY_SECONDS)
        # Once a minute is enough for people, and spares the disk.
        cr.execute(
            """
            INSERT INTO kpi_api_use AS known (key_id, used_at, address)
            VALUES (%s, now() AT TIME ZONE 'UTC', %s)
       ON CONFLICT (key_id) DO UPDATE
               SET used_at = EXCLUDED.used_at, address = EXCLUDED.address
             WHERE known.used_at < EXCLUDED.used_at - %s::interval
                OR known.address <> EXCLUDED.address
            """,
            (identity.key_id, address, USE_IS_NOTED),
        )
        return wait

    @api.model
    def _token(self, identity, scopes, seconds):
        """A short-lived token with some of the scopes of the key it is made from."""
        content = [identity.key_id, sorted(scopes)]
        return self._seal("token", content, timedelta(seconds=seconds))

    @api.model
    def _seal(self, purpose, content, expiration=None):
        """What JSON can hold as a text that comes back from outside."""
        # No user may read the database's secret; nothing of it leaves this method.
        env = self.sudo().env
        return hash_sign(env, f"kpi_base.{purpose}", content, expiration)

    @api.model
    def _unseal(self, purpose, text):
        """What such a text holds; None where it was not made here, or is too old."""
        try:
            # As above.
            return verify_hash_signed(self.sudo().env, f"kpi_base.{purpose}", text)
        except ValueError:
            return None


def _fits(credential, known_hash):
    """Check whether ``known_hash`` is that of a key.

    Odoo's hash is slow, so that nobody tries keys out: a worker computes it once for a
    key that fits. Until it ends it remembers which one that was, by a digest that says
    nothing outside of it. All others take their time, whatever is wrong with them.
    """
    digest = hashlib.blake2b(credential.encode(), key=PROCESS_SECRET).digest()
    if hmac.compare_digest(FITTING.get(known_hash, b""), digest):
        return True
    if not KEY_CRYPT_CONTEXT.verify(credential, known_hash):
        return False
    if len(FITTING) >= MOST_FITTING:
        FITTING.clear()
    FITTING[known_hash] = digest
    return True
