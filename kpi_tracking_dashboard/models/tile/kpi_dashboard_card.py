from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.columns import Choices


class KpiDashboardCard(models.Model):
    """How a tile shows a number: its style, its icon and what stands beside it."""

    _name = "kpi.dashboard.card"
    _description = "Dashboard Card"
    _inherit = ["kpi.input.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    card_style = fields.Selection(
        [
            ("metric", "Key Metric Card"),
            ("trend", "Trend Analysis Card"),
            ("comparison", "Comparison Card"),
            ("alert", "Alert Status Card"),
        ],
        "Style",
        required=True,
        default="metric",
    )
    icon_type = fields.Selection(
        [
            ("trending-up", "Trending Up"),
            ("trending-down", "Trending Down"),
            ("target", "On Target"),
            ("alert-triangle", "Attention Needed"),
            ("check-circle", "Completed"),
            ("clock", "Pending"),
        ],
        "Icon",
    )
    show_previous = fields.Boolean("Change vs Previous Period", default=True)
    show_last_year = fields.Boolean("Change vs Last Year")
    show_target = fields.Boolean("Difference from Target", default=True)
    tile_ids = fields.One2many("kpi.dashboard.tile", "card_id", "Used By")

    _card_style_choices = Choices("card_style")
    _icon_type_choices = Choices("icon_type")
    _name_uniq = models.UniqueIndex("(name)", "This card name already exists.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # A tile that the officer may not see keeps its card too.
        used = self.sudo().filtered("tile_ids")[:1]
        if used:
            raise UserError(
                self.env._(
                    "%s is in use. Archive it, or change the card of its tiles.",
                    used.name,
                )
            )
