from odoo import models
from odoo.fields import Command
from odoo.tools import file_open

from odoo.addons.kpi_tracking.engine import pack

from .kpi_achievement import CONDITION

READY = "kpi_gamification/data/packs/achievements.json"


class KpiPackAchievements(models.AbstractModel):
    """Icons, and since when something counts, belong to a database."""

    _name = "kpi.pack.achievements"
    _description = "Achievements in a KPI Pack"
    _inherit = ["kpi.pack.named.section"]

    _pack_section = "achievements"
    _pack_model = "kpi.achievement"
    _pack_left_out = frozenset({"active", "date_from"})
    _pack_kpis = "condition_ids.definition_id"

    def _further_keys(self):
        known = self.env["kpi.achievement.condition"]._fields
        keys = {name: self._key_of(known[name]) for name in CONDITION}
        keys["kpi"] = pack.Key("text")
        conditions = pack.Key("entries", required=True, keys=keys)
        return {**super()._further_keys(), "conditions": conditions}

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
    _inherit = ["kpi.pack.named.section"]

    _pack_section = "leaderboards"
    _pack_model = "kpi.leaderboard"
    _pack_left_out = frozenset({"active"})


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
