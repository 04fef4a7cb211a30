from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mail import html_to_inner_content

from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPES

KINDS = [
    ("gauge", "Gauge"),
    ("card", "Card"),
    ("line", "Line Chart"),
    ("bar", "Bar Chart"),
    ("area", "Area Chart"),
    ("stacked", "Stacked Bars"),
    ("pie", "Pie"),
    ("doughnut", "Doughnut"),
    ("radar", "Radar"),
    ("scatter", "Scatter Plot"),
    ("funnel", "Funnel"),
    ("waterfall", "Waterfall"),
    ("heatmap", "Heat Map"),
    ("table", "Table"),
    ("text", "Text"),
    ("view", "Odoo View"),
]
LAYOUT = ("sequence", "span", "height")
COLUMNS = 12
ROWS = 4
WORDS = 60  # characters of a text that name its tile
MOST_PERIODS = 60
USUAL_SIZES = {"card": (3, 1), "gauge": (3, 2), "text": (COLUMNS, 1)}
CHART_SIZE = 6, 2


class KpiDashboardTile(models.Model):
    """A piece of a dashboard: one or more KPIs and how they are drawn."""

    _name = "kpi.dashboard.tile"
    _description = "Dashboard Tile"
    _inherit = ["kpi.input.mixin"]
    _order = "dashboard_id, sequence, id"

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default="card")
    name = fields.Char("Title", translate=True, help="Empty: the KPI's name.")
    span = fields.Integer("Columns", default=3, help="Width, of 12 columns.")
    height = fields.Integer("Rows", default=1)
    definition_ids = fields.Many2many(
        "kpi.definition",
        "kpi_dashboard_tile_definition_rel",
        string="KPIs",
    )
    definition_order = fields.Json(
        compute="_compute_definition_order",
        store=True,
        readonly=False,
        copy=True,
        exportable=False,
    )
    report_ids = fields.Many2many(
        "kpi.report",
        "kpi_dashboard_tile_report_rel",
        string="Tracked KPIs",
        help="Always shows these, regardless of the dashboard's filters.",
    )
    scope_mode = fields.Selection(
        [
            ("filter", "Dashboard filters"),
            ("fixed", "Always the same KPIs"),
            ("each", "All departments, teams or people"),
        ],
        "Shown For",
        required=True,
        default="filter",
    )
    scope_type = fields.Selection(SCOPES, "For Each", default="department")
    periods = fields.Integer(
        "Number of Periods", default=12, help="Shown by charts and tables."
    )
    breakdown = fields.Char("Split By", help="Record field to split the KPI by.")
    card_id = fields.Many2one("kpi.dashboard.card", ondelete="restrict")
    gauge_widget_id = fields.Many2one(
        "kpi.gauge.widget",
        "Gauge Style",
        ondelete="restrict",
        help="Empty: the KPI's own gauge.",
    )
    text = fields.Html(translate=True)
    view_model = fields.Char("Records")
    view_type = fields.Selection(
        [
            ("list", "List"),
            ("kanban", "Kanban"),
            ("graph", "Graph"),
            ("pivot", "Pivot"),
            ("calendar", "Calendar"),
        ],
        "View",
        default="list",
    )
    view_domain = fields.Char("Filter", default="[]")
    view_context = fields.Char("Context", default="{}")

    _span_range = models.Constraint(
        f"CHECK (span BETWEEN 1 AND {COLUMNS})",
        f"A tile can be 1 to {COLUMNS} columns wide.",
    )
    _height_range = models.Constraint(
        f"CHECK (height BETWEEN 1 AND {ROWS})",
        f"A tile can be 1 to {ROWS} rows high.",
    )
    _periods_range = models.Constraint(
        f"CHECK (periods BETWEEN 1 AND {MOST_PERIODS})",
        f"A tile can show 1 to {MOST_PERIODS} periods.",
    )

    @api.depends("definition_ids")
    def _compute_definition_order(self):
        """KPIs that are added come last."""
        for tile in self:
            known = tile.definition_ids.ids
            kept = [each for each in tile.definition_order or [] if each in known]
            tile.definition_order = kept + [each for each in known if each not in kept]

    @api.depends("name", "kind", "text", "definition_ids.name", "report_ids.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for tile in self:
            kpis = (tile.definition_ids or tile.report_ids).mapped("name")
            words = html_to_inner_content(tile.text or "")
            shown = words if tile.kind == "text" else ", ".join(kpis)
            tile.display_name = tile.name or shown[:WORDS] or kinds[tile.kind]

    def _get_ordered_definitions(self):
        """The KPIs in the order in which they are shown."""
        ids = in_order(self.definition_ids.ids, self.definition_order or ())
        return self.definition_ids.browse(ids)

    @api.model
    def _list_options(self):
        """Fields that addons add to what can be chosen of a tile: plain and stored.

        They are read with the tile, previewed, packed and kept in versions. An addon
        adds the field, its name here, and in the tile's form::

            is_smooth = fields.Boolean()

            def _list_options(self):
                return [*super()._list_options(), "is_smooth"]

            tileOptions.add("is_smooth", {});
        """
        return []

    @api.onchange("kind")
    def _onchange_kind(self):
        """Choose a card that is a number, and for a new tile its usual size."""
        if self.kind == "card" and not self.card_id:
            self.card_id = self.env["kpi.dashboard.card"].search([], limit=1)
        if not self._origin and "default_span" not in self.env.context:
            self.span, self.height = USUAL_SIZES.get(self.kind, CHART_SIZE)

    @api.constrains("kind", "card_id")
    def _check_card(self):
        for tile in self:
            if tile.kind == "card" and not tile.card_id:
                raise ValidationError(
                    self.env._("%s: choose the card that shows it.", tile.display_name)
                )

    @api.constrains("kind", "view_model", "view_type")
    def _check_view(self):
        for tile in self.filtered(lambda tile: tile.kind == "view"):
            if tile.view_model not in self.env:
                raise ValidationError(
                    self.env._(
                        "%(tile)s: there is no model “%(model)s”.",
                        tile=tile.display_name,
                        model=tile.view_model or "",
                    )
                )


def in_order(ids, order):
    """Ids as ``order`` has them; those that it lacks come last."""
    place_of = {each: place for place, each in enumerate(order)}
    return sorted(ids, key=lambda each: (place_of.get(each, len(place_of)), each))
