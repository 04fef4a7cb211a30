from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.roles import USER
from odoo.addons.kpi_base.schemas.base import Id


class KpiGalleryDashboard(models.Model):
    """A ready dashboard of a department, and the ready KPIs that it shows."""

    _name = "kpi.gallery.dashboard"
    _description = "Gallery Dashboard"
    _inherit = ["kpi.gallery.mixin"]

    entry = fields.Json("Dashboard in a Pack", readonly=True, exportable=False)
    kpi_ids = fields.Many2many(
        "kpi.gallery.kpi", string="KPIs", compute="_compute_kpi_ids"
    )
    kpi_count = fields.Integer("KPI Count", compute="_compute_kpi_ids")
    available_count = fields.Integer("Available KPIs", compute="_compute_kpi_ids")
    missing_apps = fields.Char(compute="_compute_kpi_ids")
    dashboard_id = fields.Many2one(
        "kpi.dashboard", "Installed As", compute="_compute_dashboard_id"
    )

    @api.depends_context("company", "uid")
    @api.depends("entry")
    def _compute_kpi_ids(self):
        codes = {dashboard: dashboard._codes() for dashboard in self}
        everything = self.env["kpi.gallery.kpi"].search(
            [("code", "in", list(set().union(*codes.values())))]
        )
        by_code = {kpi.code: kpi for kpi in everything}
        for dashboard, wanted in codes.items():
            ids = [by_code[code].id for code in wanted if code in by_code]
            # What is asked of one is worked out for all at once.
            kpis = everything.browse(ids).with_prefetch(everything._ids)
            dashboard.kpi_ids = kpis
            dashboard.kpi_count = len(kpis)
            ready = kpis.filtered(lambda kpi: kpi.state in ("on", "off"))
            dashboard.available_count = len(ready)
            dashboard.missing_apps = kpis._all_missing_apps()

    @api.depends_context("company", "uid")
    def _compute_dashboard_id(self):
        section = self.env["kpi.pack.dashboards"]
        for dashboard in self:
            dashboard.dashboard_id = section._find_record(
                dashboard.entry, self.env.company
            )

    def _codes(self):
        """Codes of the KPIs of the tiles, in their order."""
        tiles = self.entry["tiles"]
        return dict.fromkeys(code for tile in tiles for code in tile.get("kpis", ()))

    def _load_pack(self, module, document):
        (self.entry,) = document["dashboards"]

    def action_install(self):
        """Turn on the KPIs that the dashboard shows, make it and open it.

        A KPI whose app is missing leaves its place empty.

        :raises UserError: none of its KPIs can be turned on, naming the apps
        """
        self.ensure_one()
        self.env["kpi.definition"].check_access("create")
        if not self.dashboard_id:
            self._install()
        return self.dashboard_id.action_open()

    def _install(self):
        ready = self.kpi_ids.filtered(lambda kpi: kpi.state in ("on", "off"))
        if not ready:
            raise UserError(
                self.env._("Install the app first: %s.", self.missing_apps or "")
            )
        tiles = self.entry["tiles"]
        # What they are tracked for beside the company, for tiles that rank.
        ranking = [tile for tile in tiles if tile.get("scope_mode") == "each"]
        ready._turn_on({tile["scope_type"] for tile in ranking})
        known = set(ready.mapped("code"))
        shown = [  # the tiles that have something to show
            {**tile, "kpis": [code for code in tile.get("kpis", ()) if code in known]}
            for tile in tiles
            if not tile.get("kpis") or known.intersection(tile["kpis"])
        ]
        entry = {**self.entry, "tiles": shown}
        self.env["kpi.pack"]._import({"dashboards": [entry]}, self.env.company)
        self.invalidate_recordset(["dashboard_id"])
        # Everybody finds it; each sees the KPIs that they may see.
        self.dashboard_id.group_ids = self.env.ref(USER)

    @api.model
    @api.readonly
    def find_offer(self, kpi_ids: list[Id]):
        """The ready dashboard that shows most of some ready KPIs, to be installed.

        :param kpi_ids: of ``kpi.gallery.kpi``
        :return: dict of ``model``, ``id``, ``method``, ``text`` and ``button``; empty
            where all are installed or the user may install none
        """
        if not self.env["kpi.definition"].has_access("create"):
            return {}
        chosen = set(kpi_ids)
        shown = {
            ready: len(chosen.intersection(ready.kpi_ids.ids))
            for ready in self.search([])
            if not ready.dashboard_id
        }
        best = max(shown, key=shown.get, default=None)
        if not best or not shown[best]:
            return {}
        return {
            "model": self._name,
            "id": best.id,
            "method": "action_install",
            "text": self.env._("A ready dashboard shows these KPIs: %s", best.name),
            "button": self.env._("Install"),
        }

    def action_open(self):
        """Show the dashboard that was made of this one."""
        self.ensure_one()
        if not self.dashboard_id:
            raise UserError(self.env._("%s is not installed yet.", self.name))
        return self.dashboard_id.action_open()


class KpiGalleryKpi(models.Model):
    """Who turns on ready KPIs is offered the ready dashboard that shows them."""

    _inherit = "kpi.gallery.kpi"

    def _turn_on(self, scope_types=()):
        action = super()._turn_on(scope_types)
        if action.get("tag") == "kpi_base.job_progress":
            action["params"]["offer"] = {
                "model": "kpi.gallery.dashboard",
                "method": "find_offer",
                "args": [self.ids],
            }
        return action
