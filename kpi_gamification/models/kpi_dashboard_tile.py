from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.formatting import format_number


class KpiDashboardTile(models.Model):
    """A leaderboard as a tile; it ranks nobody where anybody may look."""

    _inherit = "kpi.dashboard.tile"

    kind = fields.Selection(
        selection_add=[("leaderboard", "Leaderboard")],
        ondelete={"leaderboard": "cascade"},
    )
    leaderboard_id = fields.Many2one(
        "kpi.leaderboard", index="btree_not_null", ondelete="set null"
    )

    def _list_options(self):
        return [*super()._list_options(), "leaderboard_id"]

    def _body_leaderboard(self, tile, reading):
        """The places that whoever looks sees, in the period that is shown."""
        if not tile["leaderboard_id"]:
            raise UserError(self.env._("Choose a leaderboard for this tile."))
        boards = self.env["kpi.leaderboard"]
        board = boards.search([("id", "=", tile["leaderboard_id"])])
        if not board:
            return {"state": "unavailable", "title": self.env._("Not available")}
        shown = board._get_race(reading.start)
        heads = [self.env._("Rank"), self.env._("Name"), self.env._("Score")]
        rows = [
            [
                str(one["rank"] or "–"),
                one["name"],
                format_number(self.env, one["score"], 1),
            ]
            for one in shown["lines"]
        ]
        nobody = self.env._("No one is ranked yet.")
        return {
            "title": tile["name"] or board.name,
            "state": "ok" if rows else "no_data",
            "message": shown["message"] or ("" if rows else nobody),
            "board": {**shown, "id": board.id},
            "table": {"heads": heads, "rows": rows},
        }
