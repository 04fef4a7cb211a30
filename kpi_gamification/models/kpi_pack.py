from odoo import models


class KpiPackAchievements(models.AbstractModel):
    """Icons, and since when something counts, belong to a database."""

    _name = "kpi.pack.achievements"
    _description = "Achievements in a KPI Pack"
    _inherit = ["kpi.pack.named.section"]

    _pack_section = "achievements"
    _pack_model = "kpi.achievement"
    _pack_left_out = frozenset({"active", "date_from"})
    _pack_kpis = "condition_ids.definition_id"
    _pack_lines = ("conditions", "condition_ids")


class KpiPackLeaderboards(models.AbstractModel):
    """Whose people a board is of belongs to a database."""

    _name = "kpi.pack.leaderboards"
    _description = "Leaderboards in a KPI Pack"
    _inherit = ["kpi.pack.named.section"]

    _pack_section = "leaderboards"
    _pack_model = "kpi.leaderboard"
    _pack_left_out = frozenset({"active"})


class KpiPack(models.AbstractModel):
    """Achievements and leaderboards are sections of packs."""

    _inherit = "kpi.pack"

    def _section_models(self):
        added = ["kpi.pack.achievements", "kpi.pack.leaderboards"]
        return [*super()._section_models(), *added]
