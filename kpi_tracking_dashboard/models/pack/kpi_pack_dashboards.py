from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.names import find_named
from odoo.addons.kpi_tracking.engine import pack

from ..dashboard.kpi_dashboard_options import PLAIN

NAMED = {  # key of a tile → its field, whose record goes by its name
    "card": "card_id",
    "gauge": "gauge_widget_id",
}


class KpiPackDashboards(models.AbstractModel):
    """Dashboards in packs, matched by name; the KPIs of their tiles by code.

    A KPI that is not known here leaves its tile, and the preview says so; all else of
    the dashboard is imported.
    """

    _name = "kpi.pack.dashboards"
    _description = "KPI Pack Dashboards"
    _inherit = ["kpi.pack.section"]

    _pack_section = "dashboards"
    _pack_model = "kpi.dashboard"
    _pack_identity = ("name",)
    _pack_left_out = frozenset({"active", "has_menu", "is_default", "sequence"})

    @api.model
    def _further_keys(self):
        fields_ = self.env["kpi.dashboard.tile"]._fields
        tile = {
            **{name: self._key_of(fields_[name]) for name in self._list_plain()},
            **{name: pack.Key("text") for name in self._list_named()},
            "kpis": pack.Key("texts"),
            "reports": pack.Key("entries", keys=self._report_keys()),
        }
        tile["kind"] = replace(tile["kind"], required=True)
        return {
            "name": pack.Key("text", required=True),
            "tiles": pack.Key("entries", required=True, keys=tile),
        }

    @api.model
    def _list_plain(self):
        """Fields of a tile that a pack has as they are."""
        tiles = self.env["kpi.dashboard.tile"]
        names = (*PLAIN, *tiles._list_options())
        return [name for name in names if not tiles._fields[name].relational]

    @api.model
    def _list_named(self):
        """Key of a tile → its field, whose record goes by its name."""
        tiles = self.env["kpi.dashboard.tile"]
        options = tiles._list_options()
        return NAMED | {one: one for one in options if tiles._fields[one].relational}

    @api.model
    def _export_entries(self, definitions):
        """Dashboards all of whose KPIs are in the pack, or only those asked for.

        The context names these by ``pack_dashboard_ids``. Those of one name are
        numbered, as a pack tells them apart by it.
        """
        tiles = self.env["kpi.dashboard.tile"].search(
            Domain("definition_ids", "in", definitions.ids)
            | Domain("report_ids.definition_id", "in", definitions.ids)
        )
        wanted = self.env.context.get("pack_dashboard_ids")
        here = (self.env.company, self.env["res.company"])
        entries = [
            self._entry_of(board)
            for board in tiles.dashboard_id.sorted()
            if not (board.draft_of_id or board.deleted_on)
            and board._definitions() <= definitions
            and (board.id in wanted if wanted else board.company_id in here)
        ]
        names = {entry["name"] for entry in entries}
        used = set()
        for entry in entries:
            name, number = entry["name"], 1
            while entry["name"] in used:
                number += 1
                numbered = f"{name} ({number})"
                entry["name"] = entry["name"] if numbered in names else numbered
            used.add(entry["name"])
        return entries

    @api.model
    def _entry_of(self, record):
        tiles = [self._tile_entry(tile) for tile in record.tile_ids.sorted()]
        return {**super()._entry_of(record), "tiles": tiles}

    @api.model
    def _tile_entry(self, tile):
        """What a pack says of a tile: what is as usual is left out."""
        names = self._list_plain()
        usual = tile.default_get(names)
        plain = {
            name: self._serialize_value(tile._fields[name], tile[name])
            for name in names
            if name == "kind" or (tile[name] or None) != (usual.get(name) or None)
        }
        named = self._list_named().items()
        named = {key: tile[field].name for key, field in named if tile[field]}
        lists = {
            "kpis": tile._get_ordered_definitions().mapped("code"),
            "reports": [self._report_key(report) for report in tile.report_ids],
        }
        return plain | named | {key: found for key, found in lists.items() if found}

    @api.model
    def _find_record(self, entry, company):
        domain = Domain("company_id", "in", [company.id, False])
        return find_named(self.env["kpi.dashboard"], entry["name"], domain)

    @api.model
    def _try_entry(self, entry, company):
        item = super()._try_entry(entry, company)
        if item.state != "impossible":
            item.notes = [
                note
                for place, tile in enumerate(entry.get("tiles") or [], start=1)
                for note in self._tile_values(tile, place, company)[1]
            ]
        return item

    @api.model
    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values["company_id"] = company.id
        if "tiles" in entry:
            tiles = [
                self._tile_values(tile, place, company)[0]
                for place, tile in enumerate(entry["tiles"], start=1)
            ]
            values["tile_ids"] = [
                Command.clear(),
                *(Command.create(tile) for tile in tiles if tile),
            ]
        return values

    @api.model
    def _tile_values(self, tile, place, company):
        """Values of a tile, None where it cannot be shown here, and what it loses.

        :param company: whose KPIs the tile shows; several where it is of none
        """
        notes = []

        def note(label, reason):
            said = {"place": place, "name": tile.get("name") or label, "reason": reason}
            notes.append(self.env._("Tile %(place)s, %(name)s: %(reason)s", **said))

        model = tile.get("view_model")
        if tile["kind"] == "view" and model not in self.env:
            note(model or "", self.env._("requires another app."))
            return None, notes
        plain = self._list_plain()
        values = {name: tile[name] for name in plain if tile.get(name) is not None}
        values["sequence"] = place
        fields_ = self.env["kpi.dashboard.tile"]._fields
        for key, field in self._list_named().items():
            named, name = self.env[fields_[field].comodel_name], tile.get(key)
            found = find_named(named, name) if name else named
            if name and not found:
                note(name, self.env._("“%s” does not exist.", name))
            if not found and tile["kind"] == key == "card":  # the usual one
                card = "kpi_tracking_dashboard.kpi_dashboard_card_trend"
                found = self.env.ref(card)
            values[field] = found.id
        codes = tile.get("kpis") or []
        known = self.env["kpi.definition"].search(
            Domain("code", "in", codes)
            & Domain("company_id", "in", [*company.ids, False])
        )
        id_of = {kpi.code: kpi.id for kpi in reversed(known)}
        for code in filter(lambda code: code not in id_of, codes):
            note(code, self.env._("KPI “%s” not found.", code))
        order = [*dict.fromkeys(id_of[code] for code in codes if code in id_of)]
        values["definition_ids"] = [Command.set(order)]
        values["definition_order"] = order
        reports = self.env["kpi.report"]
        for key in tile.get("reports") or []:
            found, reason = self._find_report(key, company)
            reports |= found
            if reason:
                note(key["kpi"], reason)
        values["report_ids"] = [Command.set(reports.ids)]
        return values, notes

    @api.model
    def _find_report(self, key, companies):
        """The tracked KPI that a tile names, or none and the reason."""
        reason = self.env._("it is not tracked here.")
        for company in companies:
            try:
                found = self._report_of(key, company)
            except UserError as error:
                reason = error
                continue
            if found:
                return found, ""
        return self.env["kpi.report"], reason


class KpiPack(models.AbstractModel):
    """Dashboards in packs."""

    _inherit = "kpi.pack"

    @api.model
    def _section_models(self):
        return [*super()._section_models(), "kpi.pack.dashboards"]


class KpiPackExport(models.TransientModel):
    """Dashboards go along with the KPIs that they show."""

    _inherit = "kpi.pack.export"

    with_dashboards = fields.Boolean(
        "Dashboards",
        default=True,
        help=("Includes only scorecards whose KPIs are all in the pack."),
    )
    dashboard_ids = fields.Many2many(
        "kpi.dashboard",
        string="Only These Dashboards",
        help="Leave empty to include dashboards whose KPIs are all in the pack.",
    )

    def _get_packs(self):
        packs = super()._get_packs()
        return packs.with_context(pack_dashboard_ids=self.dashboard_ids.ids)

    def _get_chosen_sections(self):
        chosen = super()._get_chosen_sections()
        return {**chosen, "dashboards": self.with_dashboards}
