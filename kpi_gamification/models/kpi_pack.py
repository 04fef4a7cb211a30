from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import file_open

from odoo.addons.kpi_tracking.engine import pack

from .kpi_achievement import CONDITION

READY = "kpi_gamification/data/packs/achievements.json"


class KpiPackGamification(models.AbstractModel):
    """What packs say of records with a name, of one company and about some KPIs."""

    _name = "kpi.pack.gamification"
    _description = "Sections of Achievements in a KPI Pack"
    _inherit = ["kpi.pack.section"]

    _pack_identity = ("name",)
    _pack_kpis = ""  # path to the definitions that a record is about

    def _export_entries(self, definitions):
        """What is about KPIs of the pack, and no others, of the company at work."""
        of_company = [("company_id", "=", self.env.company.id)]
        records = self.env[self._pack_model].search(of_company)
        return [
            self._entry_of(record)
            for record in records
            if (kpis := record.mapped(self._pack_kpis)) and kpis <= definitions
        ]

    def _find_record(self, entry, company):
        named = Domain("name", "=", entry["name"])
        return self.env[self._pack_model].search(
            named & Domain("company_id", "=", company.id), limit=1
        )

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        return values if record else {**values, "company_id": company.id}

    def _find_kpis(self, codes, company):
        """KPIs with these codes; refuses those that are not here."""
        found = self.env["kpi.definition"].search(
            Domain("code", "in", codes)
            & Domain("company_id", "in", [company.id, False])
        )
        missing = sorted(set(codes) - set(found.mapped("code")))
        if missing:
            missing = ", ".join(missing)
            raise UserError(self.env._("There is no KPI “%s” here.", missing))
        return found


class KpiPackAchievements(models.AbstractModel):
    """Icons, and since when something counts, belong to a database."""

    _name = "kpi.pack.achievements"
    _description = "Achievements in a KPI Pack"
    _inherit = ["kpi.pack.gamification"]

    _pack_section = "achievements"
    _pack_model = "kpi.achievement"
    _pack_left_out = frozenset({"active", "date_from"})
    _pack_kpis = "condition_ids.definition_id"

    def _further_keys(self):
        known = self.env["kpi.achievement.condition"]._fields
        keys = {name: self._key_of(known[name]) for name in CONDITION}
        keys["kpi"] = pack.Key("text")
        conditions = pack.Key("entries", required=True, keys=keys)
        return {"name": pack.Key("text", required=True), "conditions": conditions}

    def _entry_of(self, record):
        conditions = [
            {
                **{name: each[name] or None for name in CONDITION},
                "kpi": each.definition_id.code or None,
            }
            for each in record.condition_ids
        ]
        return {**super()._entry_of(record), "conditions": conditions}

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if "conditions" in entry:
            values["condition_ids"] = [Command.clear()]
        for each in entry.get("conditions", ()):
            given = {name: each[name] for name in CONDITION if each.get(name)}
            if each.get("kpi"):
                given["definition_id"] = self._find_kpis([each["kpi"]], company).id
            values["condition_ids"].append(Command.create(given))
        return values


class KpiPackLeaderboards(models.AbstractModel):
    """Whose people a board is of belongs to a database."""

    _name = "kpi.pack.leaderboards"
    _description = "Leaderboards in a KPI Pack"
    _inherit = ["kpi.pack.gamification"]

    _pack_section = "leaderboards"
    _pack_model = "kpi.leaderboard"
    _pack_left_out = frozenset({"active"})
    _pack_kpis = "definition_ids"

    def _further_keys(self):
        return {"name": pack.Key("text", required=True), "kpis": pack.Key("texts")}

    def _entry_of(self, record):
        codes = sorted(record.definition_ids.mapped("code"))
        return {**super()._entry_of(record), "kpis": codes}

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if "kpis" in entry:
            found = self._find_kpis(entry["kpis"] or (), company)
            values["definition_ids"] = [Command.set(found.ids)]
        return values


class KpiPack(models.AbstractModel):
    """Achievements and leaderboards are sections of packs; a ready pack is shipped."""

    _inherit = "kpi.pack"

    def _section_models(self):
        added = ["kpi.pack.achievements", "kpi.pack.leaderboards"]
        return [*super()._section_models(), *added]

    def _import_ready_achievements(self, company):
        """Create what is shipped and not there yet; what is there is left alone."""
        with file_open(READY, "rb") as file:
            document = self._read(file.read())
        wanted = {
            (section._pack_section, section._identity(entry))
            for section in self._sections()
            for entry in document[section._pack_section]
            if not section._find_record(entry, company)
        }
        return self._import(document, company, wanted)
