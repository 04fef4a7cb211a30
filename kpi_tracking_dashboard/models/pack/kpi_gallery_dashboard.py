from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.roles import USER
from odoo.addons.kpi_base.schemas.base import Id
from odoo.addons.kpi_tracking.models.gallery.kpi_gallery_kpi import EXAMPLE

# What an example has not: parts of values, and other levels than the company.
NO_EXAMPLE = {"breakdown", "reports", "scope_mode", "scope_type"}


class KpiGalleryDashboard(models.Model):
    """A ready dashboard of a department, and the ready KPIs that it shows."""

    _name = "kpi.gallery.dashboard"
    _description = "Predefined Dashboard"
    _inherit = ["kpi.gallery.mixin"]

    entry = fields.Json("Pack Entry", readonly=True, exportable=False)
    own_codes = fields.Json("Own KPIs Shown Instead", readonly=True, exportable=False)
    kpi_ids = fields.Many2many(
        "kpi.gallery.kpi", string="KPIs", compute="_compute_kpi_ids"
    )
    kpi_count = fields.Integer("KPI Count", compute="_compute_kpi_ids")
    available_count = fields.Integer("Available KPIs", compute="_compute_kpi_ids")
    missing_apps = fields.Char(compute="_compute_kpi_ids")
    empty_records = fields.Char(string="Missing Records", compute="_compute_kpi_ids")
    dashboard_id = fields.Many2one(
        "kpi.dashboard", "Installed As", compute="_compute_dashboard_id"
    )

    @api.depends_context("company", "lang", "uid")
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
            dashboard.empty_records = ready._list_names("empty_records")

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

    def _get_kpis(self):
        return self.kpi_ids

    def action_start(self):
        return self.action_install()

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

    def _find_own_codes(self):
        """Code of a ready KPI → that of a company's own one, shown in its place."""
        codes = self.own_codes or {}
        own = [("code", "in", [*codes.values()]), ("scope_type", "=", "company")]
        here = ("company_id", "=", self.env.company.id)
        known = {report.code for report in self.env["kpi.report"].search([*own, here])}
        return {ready: code for ready, code in codes.items() if code in known}

    def _install(self):
        own = self._find_own_codes()
        ready = self.kpi_ids.filtered(
            lambda kpi: kpi.state in ("on", "off") and kpi.code not in own
        )
        if not ready:
            raise UserError(
                self.env._("Install the app first: %s.", self.missing_apps or "")
            )
        tiles = self.entry["tiles"]
        # What they are tracked for beside the company, for tiles that rank.
        ranking = [tile for tile in tiles if tile.get("scope_mode") == "each"]
        ready._turn_on({tile["scope_type"] for tile in ranking})
        known = {code: code for code in ready.mapped("code")} | own
        shown = [  # the tiles that have something to show
            {
                **tile,
                "kpis": [known[one] for one in tile.get("kpis", ()) if one in known],
            }
            for tile in tiles
            if not tile.get("kpis") or known.keys() & tile["kpis"]
        ]
        entry = {**self.entry, "tiles": shown}
        self.env["kpi.pack"]._import({"dashboards": [entry]}, self.env.company)
        self.invalidate_recordset(["dashboard_id"])
        # Everybody finds it; each sees the KPIs that they may see.
        self.dashboard_id.group_ids = self.env.ref(USER)

    def _make_example(self):
        """Dashboards of the examples of their KPIs, which are there."""
        # They are the company's, as their KPIs: officers install dashboards.
        own = self.sudo()
        entries = [
            {
                **ready.entry,
                "name": own.env._("%s (example)", ready.name),
                "tiles": [
                    {
                        **{key: tile[key] for key in tile if key not in NO_EXAMPLE},
                        "kpis": [EXAMPLE + code for code in tile.get("kpis", ())],
                    }
                    for tile in ready.entry["tiles"]
                ],
            }
            for ready in own
        ]
        packs, company = own.env["kpi.pack"], self.env.company
        made = packs._import({"dashboards": entries}, company)["dashboards"]
        own.env["kpi.example"]._remember(made)
        made.group_ids = self.env.ref(USER)
        return made.sudo(False)

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
            "text": self.env._("Predefined dashboard with these KPIs: %s", best.name),
            "button": self.env._("Install"),
        }

    def action_open(self):
        """Show the dashboard that was made of this one."""
        self.ensure_one()
        if not self.dashboard_id:
            raise UserError(self.env._("%s is not installed yet.", self.name))
        return self.dashboard_id.action_open()


class KpiExample(models.AbstractModel):
    """Example data has the ready dashboards of its KPIs."""

    _inherit = "kpi.example"

    @api.model
    def _list_made_models(self):
        return ["kpi.dashboard", *super()._list_made_models()]

    @api.model
    def action_try(self):
        action = super().action_try()
        codes = {*self._find_made("kpi.definition").mapped("code")}
        shown = self.env["kpi.gallery.dashboard"].search([("entry", "!=", False)])
        shown.filtered(
            lambda ready: {EXAMPLE + code for code in ready._codes()} <= codes
        )._make_example()
        return action


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
