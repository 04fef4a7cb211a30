from dataclasses import replace
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tools.json import scriptsafe

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.rich_text import sanitize
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES
from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS

from ...engine.output.summary import say_statuses
from ...engine.output.web import web_tile

KINDS = [("live", "Live Values"), ("frozen", "Today's Snapshot")]
MOST_DAYS = 366
OFF = "kpi_tracking_dashboard.share_links_off"


class KpiDashboardShare(models.Model):
    """A link to one dashboard for people without an account: whose view, until when.

    A frozen one stays as it was, whatever becomes of whoever froze it.
    """

    _name = "kpi.dashboard.share"
    _description = "KPI Dashboard Link"
    _inherit = ["kpi.readonly.mixin", "kpi.link.mixin"]
    _order = "id desc"
    _link_path = "/kpi/share"

    name = fields.Char("Shared With", readonly=True, help=("Recipient of the link."))
    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        "Shared By",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The link shows what this person can access.",
    )
    kind = fields.Selection(
        KINDS, "Content", required=True, readonly=True, default="live"
    )
    options = fields.Json(readonly=True, exportable=False)
    reader = fields.Json(
        readonly=True,
        help="Language, time zone and companies used by the link.",
        exportable=False,
    )
    frozen_answer = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    is_mine = fields.Boolean(compute="_compute_is_mine")

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_is_mine(self):
        for share in self:
            share.is_mine = share.user_id == self.env.user

    @api.depends("reader")
    def _compute_state(self):
        return super()._compute_state()

    def _get_maker_today(self):
        tz = (self.reader or {}).get("tz")
        return fields.Date.context_today(self.with_context(tz=tz))

    @api.model
    def _generate(self, dashboard, *, expires_on, kind="live", name="", options=None):
        """A new link to ``dashboard`` as the user at work sees it.

        :param options: as ``kpi.dashboard.data`` takes them
        :return: its address, which nobody can read again, and its record
        """
        self._check_allowed(dashboard, expires_on)
        answer = dashboard.with_context(kpi_is_public=True).data(options or None)
        text, token = self._prepare_token_values()
        # Links are made here only, always for the user at work.
        share = self.sudo().create(
            {
                "name": name,
                "dashboard_id": dashboard.id,
                "user_id": self.env.uid,
                "kind": kind,
                "options": options or {},
                "reader": {
                    "lang": self.env.lang or self.env.user.lang,
                    "tz": self.env.tz or "UTC",
                    "company_ids": self.env.companies.ids,
                },
                "frozen_answer": answer if kind == "frozen" else None,
                "expires_on": expires_on,
                **token,
            }
        )
        share._log("dashboard_link_made", kind=kind, expires_on=str(expires_on))
        return share._get_link(text), share.sudo(False)

    @api.model
    def _check_allowed(self, dashboard, expires_on):
        # A setting of the administrators, which is no secret.
        if self.env["ir.config_parameter"].sudo().get_param(OFF):
            raise UserError(self.env._("Dashboard links are turned off in Settings."))
        dashboard.check_access("write")
        dashboard._check_is_no_draft()
        today = fields.Date.context_today(self)
        if not today <= expires_on <= today + timedelta(days=MOST_DAYS):
            raise UserError(
                self.env._(
                    "Links are valid for one year at most. Choose an earlier date."
                )
            )

    def _log(self, event, **values):
        # Who acts is in the entry; the log is written by nobody else.
        self.env["kpi.audit.log"].sudo()._append(
            [
                AuditEvent(share, event, {"dashboard": share.dashboard_id.id, **values})
                for share in self
            ]
        )

    def action_revoke(self):
        """End these links at once."""
        self.check_access("read")
        # Who sees a link may end it: its maker, and who arranges the dashboard.
        self.sudo()._revoke()._log("dashboard_link_revoked")

    def action_renew(self):
        """Another address for the same view; the old one stops working.

        :return: a window that shows it, once
        """
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user:
            raise AccessError(self.env._("Only the link's creator can renew it."))
        self._check_allowed(self.dashboard_id, self.expires_on)
        text, token = self._prepare_token_values()
        # Its maker asks; the row is kept by the system.
        self.sudo().write(token)
        self._log("dashboard_link_renewed")
        return self._action_show(self._get_link(text))

    @api.model
    def _action_show(self, address):
        shown = self.env["kpi.dashboard.share.show"]
        return open_dialog(shown, self.env._("Link Ready"), default_url=address)

    def _is_open(self):
        """Whether links are on, the dashboard is there, and its maker may see it."""
        is_off = self.env["ir.config_parameter"].get_param(OFF)
        is_here = not self.dashboard_id.deleted_on
        return not is_off and is_here and super()._is_open() and bool(self._readable())

    def _readable(self):
        """The dashboard as the maker of the link sees it now, empty if they do not.

        Numbers that were kept stay, whatever becomes of whoever kept them.
        """
        self.ensure_one()
        reader = self.reader
        dashboard = self.dashboard_id.with_context(lang=reader["lang"], tz=reader["tz"])
        if self.kind == "frozen":
            return dashboard
        user = self.user_id
        companies = user.company_ids.filtered(lambda c: c.id in reader["company_ids"])
        if not (user.active and user._is_internal() and companies):
            return dashboard.browse()
        # What its maker may see now is all that the link shows.
        seen = dashboard.with_user(user).with_context(allowed_company_ids=companies.ids)
        is_seen = dashboard.active and seen.has_access("read")
        return seen if is_seen else dashboard.browse()

    def _page(self):
        """Values of the page of this link; None where it shows nothing."""
        dashboard = self._readable()
        if not dashboard:
            return None
        try:
            public = dashboard.with_context(kpi_is_public=True)
            answer = self.frozen_answer or public.data(self.options or None)
            if not answer["tiles"] and answer.get("left_out", {}).get("count"):
                return None  # its maker sees none of its KPIs any more
            for tile in answer["tiles"]:  # strangers are not told who noted something
                tile["notes"] = [{**n, "who": ""} for n in tile.get("notes") or ()]
            return self._prepare_page(dashboard, answer, self.reader["lang"])
        except (AccessError, MissingError, UserError):
            # What was asked for is not to be had by its maker any more.
            return None

    @api.model
    def _prepare_page(self, dashboard, answer, lang):
        """Values of the page that shows what ``data`` of a dashboard answered."""
        drawn = dashboard._drawings(answer)
        tiles = [web_tile(tile.without_chip()) for tile in drawn]
        counts = say_statuses(answer, dashboard._drawing_words())
        lang = self.env["res.lang"]._get_data(code=lang or "en_US")
        return {
            "title": answer["dashboard"]["name"],
            "description": answer["dashboard"].get("description") or "",
            "subtitle": dashboard._subtitle(answer),
            "counts": [(STATUS_LOOKS[status], word) for status, word in counts],
            "rated": {status: STATUS_LOOKS[status] for status in STATUS_TONES},
            "code": lang.code or "en_US",
            "direction": lang.direction or "ltr",
            # Pictures are written by ``engine.drawing``, which escapes all texts; what
            # people wrote is sanitised once more.
            "tiles": [
                replace(
                    tile,
                    shown=replace(tile.shown, html=sanitize(tile.shown.html)),
                    svg=Markup(tile.svg),
                    small_svg=Markup(tile.small_svg),
                )
                for tile in tiles
            ],
            "seals": [Markup(tile.seal) for tile in tiles],
            "has_tables": any(tile.table for tile in tiles),
            "gauges": Markup(scriptsafe.dumps([t.gauge for t in tiles if t.gauge])),
        }


class KpiDashboardShareShow(models.AbstractModel):
    """Shows the address of a link; nothing of it is stored."""

    _name = "kpi.dashboard.share.show"
    _description = "Link Address"

    # The form asks for it to show the address that comes with the context.
    id = fields.Id()
    url = fields.Char("Link", readonly=True)


class KpiAuditLog(models.Model):
    """Words for what is logged of links to dashboards."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "dashboard_link_made": self.env._("Link created"),
            "dashboard_link_renewed": self.env._("Link renewed"),
            "dashboard_link_revoked": self.env._("Link revoked"),
        }


class ResConfigSettings(models.TransientModel):
    """Whether dashboards may be shared with people without an account."""

    _inherit = "res.config.settings"

    kpi_are_links_off = fields.Boolean("Turn Off Dashboard Links", config_parameter=OFF)
