from datetime import date

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...engine.link_token import is_token_of, new_token, token_hash

USE_IS_NOTED = "1 minute"


class KpiLinkMixin(models.AbstractModel):
    """A link that opens something without a login: whoever has it may, until it ends.

    Its text is shown once to whoever makes it; only a hash is stored. In the model::

        class Decision(models.Model):
            _name = "my.decision"
            _inherit = ["kpi.link.mixin"]
            _link_path = "/my/decide"

        text, values = self._prepare_token_values()
        decision = self.sudo().create({"expires_on": day, **values})
        return decision._get_link(text)  # https://…/my/decide/<text>

    And in its public route, as superuser, ``decisions._open_link(text, address)``.
    """

    _name = "kpi.link.mixin"
    _description = "Public Link"

    _link_path = ""  # before the text of an address
    _visits_per_minute = 120  # of an address: screens and offices, no guessing

    token_hash = fields.Char(
        readonly=True, required=True, copy=False, groups=fields.NO_ACCESS
    )
    expires_on = fields.Date(
        "Valid Until",
        required=True,
        readonly=True,
        help="Last day the link works, in its creator's time zone.",
    )
    revoked_at = fields.Datetime(readonly=True, copy=False)
    last_used_at = fields.Datetime("Last Opened", readonly=True, copy=False)
    state = fields.Selection(
        [("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")],
        "Status",
        compute="_compute_state",
    )

    _token_hash_uniq = models.UniqueIndex("(token_hash)")

    @api.depends("expires_on", "revoked_at")
    def _compute_state(self):
        for link in self:
            is_in_time = (link.expires_on or date.min) >= link._get_maker_today()
            link.state = "active" if is_in_time else "expired"
            if link.revoked_at:
                link.state = "revoked"

    def _get_maker_today(self):
        """The day of today where the maker of the link is: UTC where nobody says."""
        return fields.Date.context_today(self.with_context(tz="UTC"))

    @api.model
    def _prepare_token_values(self):
        """The text of a new link, which nobody can read again, and what is stored."""
        text = new_token()
        return text, {"token_hash": token_hash(text), "revoked_at": False}

    def _get_link(self, text):
        return f"{self.get_base_url()}{self._link_path}/{text}"

    @api.model
    def _open_link(self, text, address):
        """The link of this text if it still opens, one visit of ``address`` counted.

        Read on the primary: what is revoked is revoked at once.

        :return: its id or None, and the seconds to wait after too many visits
        """
        counter = self.env["kpi.api.counter"]
        with counter._side_cursor() as cr:
            most = self._visits_per_minute
            wait = counter._take(cr, f"{self._name} {address}", most, most / 60)
            if wait:
                return None, wait
            link = self.with_env(api.Environment(cr, SUPERUSER_ID, {}))._find_link(text)
            if link:
                link._note_use()
            return link.id or None, 0

    @api.model
    def _find_link(self, text):
        """The link of this text if it opens something now; else an empty recordset."""
        link = self.search([("token_hash", "=", token_hash(text))])
        is_open = link and is_token_of(text, link.token_hash) and link._is_open()
        return link if is_open else self.browse()

    def _is_open(self):
        """Check whether the link opens something; extended by further conditions."""
        self.ensure_one()
        return self.state == "active"

    def _note_use(self):
        """Note the visit; once a minute is enough for people, and spares the disk."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s
                   SET last_used_at = now() AT TIME ZONE 'UTC'
                 WHERE id = %s
                   AND (last_used_at IS NULL
                        OR last_used_at < now() AT TIME ZONE 'UTC' - %s::interval)
                """,
                SQL.identifier(self._table),
                self.id,
                USE_IS_NOTED,
            )
        )

    def _revoke(self):
        """End these links at once; returns those that were active."""
        active = self.filtered(lambda link: link.state == "active")
        active.revoked_at = fields.Datetime.now()
        return active
