from contextlib import contextmanager
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.models.record.session_lock import session_unlock

from ..adapters import ADAPTERS, Adapter
from ..engine.caller import VendorFault
from ..engine.oauth import ask_anew, ask_by_code, build_address

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

    client_id = fields.Char("Client ID", help="ID of your app at the vendor.")
    client_secret = Secret("client_secret", "Client Secret")
    access_token = Secret("access_token", "Access Token", readonly=True)
    refresh_token = Secret("refresh_token", "Refresh Token", readonly=True)
    refresh_token_before = Secret(
        "refresh_token_before", "Previous Refresh Token", readonly=True
    )
    can_connect = fields.Boolean(compute="_compute_can_connect", exportable=False)
    return_address = fields.Char(
        string="Redirect URL",
        compute="_compute_can_connect",
        exportable=False,
        help="Enter this as the redirect URL of your app.",
    )

    @api.depends("integration_type")
    def _compute_can_connect(self):
        for each in self:
            adapter = ADAPTERS.get(each.integration_type, Adapter)
            each.can_connect = bool(adapter.authorize_address)
            each.return_address = f"{each.get_base_url()}{RETURN_PATH}"

    def action_connect(self):
        """Go to the page of the vendor, which asks whether we may read."""
        self.ensure_one()
        self.check_access("write")
        if not self.client_id:
            raise UserError(self.env._("Enter your client ID first."))
        address = f"{CONNECT_PATH}/{self.id}"
        return {"type": "ir.actions.act_url", "url": address, "target": "self"}

    def _build_consent_address(self, state, verifier):
        """Where the vendor asks.

        :raises VendorFault: it is not known where that is
        """
        adapter = self._make_adapter()
        endpoint, _token = adapter.access_addresses()
        return build_address(
            *(endpoint, adapter.client, self.return_address, state, verifier),
            adapter.scope,
            **adapter.consent_options,
        )

    def _redeem(self, code, verifier, error=""):
        """Exchange what the vendor's page gave for tokens; note why there are none.

        :param error: what the page gave instead
        """
        adapter = self._make_adapter(code)
        question = ask_by_code(adapter.client, code, self.return_address, verifier)
        # Nobody waits for a row of ours while a vendor takes its time.
        self.env["ir.cron"]._commit_progress()
        try:
            if not code:
                raise adapter.caller.refusal(error[:40])
            token = adapter.fetch_token(question)
        except VendorFault as fault:
            self._note(last_error=self._say_why(fault))
            return
        self._store_tokens(
            access_token=token.access,
            refresh_token=token.refresh,
            refresh_token_before="",
            api_credentials="",
        )
        self._note(last_error=False)

    def _use_tokens(self, adapter):
        """Have its caller use the tokens, and others where these have ended.

        :return: whether there are any
        """
        tokens, caller = self._read_tokens(), adapter.caller
        if not tokens["access_token"]:
            return False
        caller.secrets = [*caller.secrets, *filter(None, tokens.values())]
        caller.sign(tokens["access_token"])
        caller.renew = partial(self._renew, adapter)
        caller.settle = partial(self._store_tokens, refresh_token_before="")
        return True

    def _renew(self, adapter):
        """Another access token; empty where the vendor gives none any more."""
        caller = adapter.caller
        with self._lock_renewal():
            access, *refreshes = self._read_tokens().values()
            if caller.headers["Authorization"] != f"Bearer {access}":
                return access
            # The one before is good where the answer with the next one was lost.
            for before in filter(None, refreshes):
                try:
                    token = adapter.fetch_token(ask_anew(adapter.client, before))
                except VendorFault as fault:
                    if not fault.code:  # no answer of such a server: perhaps later
                        raise
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

    def _read_tokens(self):
        with self.env.registry.cursor() as cr:
            own = self.with_env(self.env(cr=cr))
            return {name: own._read_secret(name) for name in TOKENS}

    def _store_tokens(self, **texts):
        with self.env.registry.cursor() as cr:
            secrets = self.env["kpi.secret"].with_env(self.env(cr=cr))
            for name, text in texts.items():
                secrets._store(self, name, text)
