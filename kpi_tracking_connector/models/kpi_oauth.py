import json
import secrets
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.link_token import new_token, token_hash
from odoo.addons.kpi_base.roles import USER

from ..engine.oauth import OAuthError, check_resource, is_verifier_of

VALID_DAYS = 90  # of a sign-in; then the user signs in again
CODE_SECONDS = 60
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 30 * 24 * 3600  # without use
CLIENT_BYTES = 16
MAX_UNUSED_CLIENTS = 1000
UNUSED_HOURS = 24  # until a program that no user allowed is removed
CLIENT_DAYS = 365
GRANT_GONE = "Sign in again: this sign-in was used before, has ended or was revoked."


class KpiOauth(models.AbstractModel):
    """Programs that people sign in to, and the tokens that they get.

    A sign-in is an API key that has tokens instead of a text: it is listed, limited,
    logged and revoked as any other. Tokens are stored as hashes, in a table that no
    ORM, export or copy reaches.
    """

    _name = "kpi.oauth"
    _description = "Assistant Sign-In"

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_oauth_client (
                client_id text PRIMARY KEY,
                name text NOT NULL,
                redirects text[] NOT NULL,
                created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
                used_at timestamp
            );
            CREATE TABLE IF NOT EXISTS kpi_oauth_token (
                token_hash text PRIMARY KEY,
                kind text NOT NULL CHECK (kind IN ('code', 'access', 'refresh')),
                client_id text NOT NULL
                    REFERENCES kpi_oauth_client ON DELETE CASCADE,
                key_id integer REFERENCES kpi_api_key ON DELETE CASCADE,
                asked jsonb,
                expires_at timestamp NOT NULL,
                used_at timestamp
            );
            CREATE INDEX IF NOT EXISTS kpi_oauth_token_key_idx
                ON kpi_oauth_token (key_id);
            CREATE INDEX IF NOT EXISTS kpi_oauth_token_client_idx
                ON kpi_oauth_token (client_id)
            """
        )

    # Programs

    @api.model
    def _add_client(self, registration):
        """Store a program; returns its id, which is no secret.

        :param registration: ``engine.oauth.Registration``
        :return: None while too many wait for a user
        """
        self._forget_unused()
        ((unused,),) = self.env.execute_query(
            SQL("SELECT count(*) FROM kpi_oauth_client WHERE used_at IS NULL")
        )
        if unused >= MAX_UNUSED_CLIENTS:
            return None
        client_id = secrets.token_urlsafe(CLIENT_BYTES)
        self.env.cr.execute(
            SQL(
                "INSERT INTO kpi_oauth_client (client_id, name, redirects)"
                " VALUES (%s, %s, %s)",
                client_id,
                registration.name,
                list(registration.redirects),
            )
        )
        return client_id

    @api.model
    def _find_client(self, client_id):
        """Name and redirect URIs of a program, None where it is not registered."""
        rows = self.env.execute_query(
            SQL(
                "SELECT name, redirects FROM kpi_oauth_client WHERE client_id = %s",
                client_id,
            )
        )
        return rows[0] if rows else None

    # Codes

    @api.model
    def _get_end(self, user):
        """When a sign-in that begins now ends, as a key of the user would."""
        days = VALID_DAYS
        if not user._is_system():
            # How long keys of a group last is no secret.
            groups = user.all_group_ids.sudo()
            days = min(days, max(groups.mapped("api_key_duration"), default=0) or 1)
        return datetime.now() + timedelta(days=days)

    @api.model
    def _make_code(self, user, asked):
        """A code that the program exchanges at once; the user has agreed.

        :param asked: ``engine.oauth.AuthorizationRequest``, with the scopes given
        """
        content = {
            "user_id": user.id,
            "redirect": asked.redirect,
            "challenge": asked.challenge,
            "scopes": asked.scopes,
        }
        self.env.cr.execute(
            SQL(
                "UPDATE kpi_oauth_client SET used_at = now() AT TIME ZONE 'UTC'"
                " WHERE client_id = %s",
                asked.client_id,
            )
        )
        return self._store("code", asked.client_id, CODE_SECONDS, asked=content)

    @api.model
    def _redeem(self, given, base):
        """Tokens for a code, once.

        :param given: form of the request, by name
        :param base: address of the server
        :raises OAuthError: there are none; the transaction is committed anyway
        """
        check_resource(given.get("resource"), base)
        row = self._spend("code", given)
        asked = row["asked"]
        is_same = given.get("redirect_uri") == asked["redirect"]
        if not is_same or not is_verifier_of(
            given.get("code_verifier"), asked["challenge"]
        ):
            raise OAuthError(
                "invalid_grant", "redirect_uri or code_verifier does not fit the code."
            )
        user = self.env["res.users"].browse(asked["user_id"]).exists()
        if not user.active or not user._is_internal() or not user.has_group(USER):
            raise OAuthError("invalid_grant", GRANT_GONE)
        name, _redirects = self._find_client(row["client_id"])
        scopes = self.env["kpi.api.scope"].search([("code", "in", asked["scopes"])])
        # The key is the user's, who agreed in the browser.
        keys = self.env["kpi.api.key"].with_user(user)
        values = {
            "name": name,
            "scope_ids": [fields.Command.set(scopes.ids)],
            "oauth_client_id": row["client_id"],
        }
        _text, key = keys._generate(values, self._get_end(user))
        self.env.cr.execute(
            SQL(
                "UPDATE kpi_oauth_token SET key_id = %s WHERE token_hash = %s",
                key.id,
                row["token_hash"],
            )
        )
        return self._issue(row["client_id"], key.id, scopes.mapped("code"))

    # Tokens

    @api.model
    def _refresh(self, given, base):
        """Tokens for a refresh token, which ends.

        :raises OAuthError: as ``_redeem``
        """
        check_resource(given.get("resource"), base)
        row = self._spend("refresh", given)
        known = self.env["kpi.api.key"]._row(SQL("own.id = %s", row["key_id"]), "")
        if not known:
            raise OAuthError("invalid_grant", GRANT_GONE)
        return self._issue(row["client_id"], known["id"], known["scopes"])

    @api.model
    def _issue(self, client_id, key_id, scopes):
        return {
            "access_token": self._store("access", client_id, ACCESS_SECONDS, key_id),
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": self._store("refresh", client_id, REFRESH_SECONDS, key_id),
            "scope": " ".join(sorted(scopes)),
        }

    @api.model
    def _store(self, kind, client_id, seconds, key_id=None, asked=None):
        """The text of a new token, of which a hash is stored."""
        text = new_token()
        self.env.cr.execute(
            SQL(
                "INSERT INTO kpi_oauth_token"
                " (token_hash, kind, client_id, key_id, asked, expires_at)"
                " VALUES (%s, %s, %s, %s, %s,"
                " now() AT TIME ZONE 'UTC' + %s * interval '1 second')",
                token_hash(text),
                kind,
                client_id,
                key_id,
                json.dumps(asked) if asked else None,
                seconds,
            )
        )
        return text

    @api.model
    def _spend(self, kind, given):
        """The row of a code or refresh token, used now for the only time.

        What comes a second time was stolen or is sent by the thief: the sign-in ends.

        :raises OAuthError: there is none, or it was used before
        """
        text = given.get("code" if kind == "code" else "refresh_token") or ""
        rows = self.env.execute_query_dict(
            SQL(
                """
                UPDATE kpi_oauth_token
                   SET used_at = now() AT TIME ZONE 'UTC'
                 WHERE token_hash = %s
                   AND kind = %s
                   AND client_id = %s
                   AND used_at IS NULL
                   AND expires_at > now() AT TIME ZONE 'UTC'
             RETURNING token_hash, client_id, key_id, asked
                """,
                token_hash(text),
                kind,
                given.get("client_id") or "",
            )
        )
        if rows:
            return rows[0]
        self._end(token_hash(text), given.get("client_id"), SQL("used_at IS NOT NULL"))
        raise OAuthError("invalid_grant", GRANT_GONE)

    @api.model
    def _revoke(self, text, client_id):
        """End the sign-in that a token is of, for the program that has it."""
        self._end(token_hash(text), client_id, SQL("TRUE"))

    def _end(self, hashed, client_id, condition):
        rows = self.env.execute_query(
            SQL(
                "SELECT key_id FROM kpi_oauth_token WHERE token_hash = %s"
                " AND client_id = %s AND key_id IS NOT NULL AND %s",
                hashed,
                client_id or "",
                condition,
            )
        )
        keys = self.env["kpi.api.key"].browse(key_id for (key_id,) in rows)
        keys.filtered(lambda key: not key.revoked_at).action_revoke()

    @api.model
    def _find_key(self, text):
        """Id of the key whose access token this is, None where it is none."""
        rows = self.env.execute_query(
            SQL(
                "SELECT key_id FROM kpi_oauth_token WHERE token_hash = %s"
                " AND kind = 'access' AND expires_at > now() AT TIME ZONE 'UTC'",
                token_hash(text),
            )
        )
        return rows[0][0] if rows else None

    # Cleaning up

    @api.model
    def _forget_unused(self):
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kpi_oauth_client AS client
                 WHERE coalesce(used_at + %s * interval '1 day',
                                created_at + %s * interval '1 hour')
                       < now() AT TIME ZONE 'UTC'
                   AND NOT EXISTS (
                       SELECT FROM kpi_oauth_token AS token
                        WHERE token.client_id = client.client_id
                   )
                """,
                CLIENT_DAYS,
                UNUSED_HOURS,
            )
        )

    @api.autovacuum
    def _gc_tokens(self):
        """Forget what has ended, and end sign-ins whose programs have no token left."""
        self.env.cr.execute(
            "DELETE FROM kpi_oauth_token"
            " WHERE expires_at < now() AT TIME ZONE 'UTC' - interval '1 day'"
        )
        self._forget_unused()
        open_ones = [("oauth_client_id", "!=", False), ("revoked_at", "=", False)]
        keys = self.env["kpi.api.key"].search(open_ones)
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT key_id FROM kpi_oauth_token"
                " WHERE key_id = ANY(%s) AND kind = 'refresh'",
                keys.ids,
            )
        )
        (keys - keys.browse(key_id for (key_id,) in rows)).action_revoke()
