from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.models.record.session_lock import session_unlock

from ..engine.caller import FORM, Caller, VendorFault, _lt
from ..engine.oauth import (
    Client,
    OAuthRefused,
    ask_anew,
    ask_by_code,
    build_address,
    read_token,
)

RENEWAL_LOCK = 1_262_570_852  # of tokens; integrations have the number before
CONNECT_PATH = "/kpi/integration/connect"
RETURN_PATH = "/kpi/integration/connected"
TOKENS = ("access_token", "refresh_token", "refresh_token_before")


class KpiIntegration(models.Model):
    """Access that somebody agrees to on the page of the vendor: OAuth 2.0 with PKCE.

    Tokens are written on a connection of their own: one that a vendor has replaced must
    not be lost where the run that asked for another fails.
    """

    _inherit = "kpi.integration"

    client_id = fields.Char("Client ID", help="What the vendor calls your app.")
    client_secret = Secret("client_secret", "Client Secret")
    access_token = Secret("access_token", "Access Token", readonly=True)
    refresh_token = Secret("refresh_token", "Refresh Token", readonly=True)
    refresh_token_before = Secret(
        "refresh_token_before", "Refresh Token Before", readonly=True
    )
    can_connect = fields.Boolean(compute="_compute_can_connect", exportable=False)
    return_address = fields.Char(
        compute="_compute_can_connect",
        exportable=False,
        help="Enter it as redirect or callback URL of your app at the vendor.",
    )

    @api.depends("integration_type")
    def _compute_can_connect(self):
        for each in self:
            adapter = each.integration_type and each._adapter()
            each.can_connect = bool(adapter and adapter.authorize_address)
            each.return_address = f"{each.get_base_url()}{RETURN_PATH}"

    def action_connect(self):
        """Go to the page of the vendor, which asks whether we may read."""
        self.ensure_one()
        self.check_access("write")
        if not self.client_id:
            raise UserError(self.env._("Enter the client ID of your app first."))
        address = f"{CONNECT_PATH}/{self.id}"
        return {"type": "ir.actions.act_url", "url": address, "target": "self"}

    def _build_consent_address(self, state, verifier):
        """Where the vendor asks.

        :raises VendorFault: it is not known where that is
        """
        adapter, caller = self._adapter(), self._make_plain_caller()
        endpoint, _token = adapter.access_addresses(caller, self._get_settings())
        return build_address(
            *(endpoint, self._get_client(), self.return_address, state, verifier),
            adapter.scope,
            **adapter.consent_options,
        )

    def _redeem(self, code, verifier, error=""):
        """Exchange what the vendor's page gave for tokens; note why there are none.

        :param error: what the page gave instead
        """
        caller = self._make_plain_caller(code)
        # Nobody waits for a row of ours while a vendor takes its time.
        self.env["ir.cron"]._commit_progress()
        reason = False
        try:
            if not code:
                raise caller.fault(
                    _lt("%(vendor)s gives no access: %(code)s."), code=error[:40]
                )
            question = ask_by_code(
                self._get_client(), code, self.return_address, verifier
            )
            token = self._ask_token(caller, question)
        except OAuthRefused as refused:
            reason = self._refuse(caller, refused).translate_with(self._translate)
        except VendorFault as fault:
            reason = fault.translate_with(self._translate)
        else:
            self._store_tokens(
                access_token=token.access,
                refresh_token=token.refresh,
                refresh_token_before="",
                api_credentials="",
            )
        # How syncing goes is the engine's; the right to change it was asked for.
        self.sudo().last_error = reason

    def _use_tokens(self, caller):
        """Have a caller use the tokens, and others where these have ended.

        :return: whether there are any
        """
        tokens = {name: self._read_secret(name) for name in TOKENS}
        if not tokens["access_token"]:
            return False

        def renew():
            given = self._renew(caller)
            return given and _headers(given)

        caller.secrets = [*filter(None, tokens.values())]
        caller.headers = _headers(tokens["access_token"])
        caller.renew, caller.settle = renew, self._forget_token_before
        return True

    def _renew(self, caller):
        """Another access token; empty where the vendor gives none any more."""
        refused = caller.headers["Authorization"]
        with self._lock_renewal():
            known = self._read_tokens()
            if _headers(known["access_token"])["Authorization"] != refused:
                return known["access_token"]
            # The one before is good where the answer with the next one was lost.
            for before in filter(
                None, (known["refresh_token"], known["refresh_token_before"])
            ):
                try:
                    question = ask_anew(self._get_client(), before)
                    token = self._ask_token(caller, question)
                except OAuthRefused as error:
                    if not error.code:  # no answer of such a server: perhaps later
                        raise self._refuse(caller, error) from error
                    continue
                after = token.refresh or before
                self._store_tokens(
                    access_token=token.access,
                    refresh_token=after,
                    refresh_token_before=before,
                )
                caller.secrets = [*caller.secrets, token.access, after]
                return token.access
        return ""

    @contextmanager
    def _lock_renewal(self):
        """Renew for one at a time: who comes second waits, and uses the first's token.

        No transaction is open meanwhile, however long the vendor takes.
        """
        with self.env.registry.cursor() as held:
            held.execute("SELECT pg_advisory_lock(%s, %s)", (RENEWAL_LOCK, self.id))
            held.commit()
            try:
                yield
            finally:
                session_unlock(held, RENEWAL_LOCK, self.id)

    def _ask_token(self, caller, question):
        _consent, address = self._adapter().access_addresses(
            caller, self._get_settings()
        )
        return read_token(caller.ask_plain(address, question, FORM))

    def _refuse(self, caller, refused):
        code = refused.code or "no token"
        return caller.fault(_lt("%(vendor)s gives no access: %(code)s."), code=code)

    def _get_client(self):
        return Client(self.client_id or "", self._read_secret("client_secret"))

    def _make_plain_caller(self, *secrets):
        """A caller that is nobody yet."""
        adapter = self._adapter()
        # Hosts that administrators allow, whoever is responsible.
        allowed = self.env["kpi.outgoing"]._get_allowed_hosts()
        known = [*filter(None, (self._read_secret("client_secret"), *secrets))]
        return Caller(adapter.name, allowed, secrets=known, pause=adapter.pause)

    def _read_tokens(self):
        with self.env.registry.cursor() as cr:
            own = self.with_env(self.env(cr=cr))
            return {name: own._read_secret(name) for name in TOKENS}

    def _store_tokens(self, **texts):
        with self.env.registry.cursor() as cr:
            secrets = self.env["kpi.secret"].with_env(self.env(cr=cr))
            for name, text in texts.items():
                secrets._store(self, name, text)

    def _forget_token_before(self):
        self._store_tokens(refresh_token_before="")


def _headers(token):
    return {"Authorization": f"Bearer {token}"}
