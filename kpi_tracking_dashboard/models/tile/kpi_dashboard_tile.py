from operator import attrgetter

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import groupby, partition
from odoo.tools.mail import html_to_inner_content

from odoo.addons.kpi_base.fields import RichText
from odoo.addons.kpi_base.schemas.base import Id
from odoo.addons.kpi_tracking.engine.finding import PAST_PERIODS
from odoo.addons.kpi_tracking.engine.series import as_json_numbers
from odoo.addons.kpi_tracking.engine.verdict import list_standings
from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPES

from ...engine.parts_of_total import find_children, get_remainder

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
COLUMNS = 12
UNAVAILABLE = "unavailable"  # state of what the reader may not see
ROWS = 4
WORDS = 60  # characters of names of KPIs, or of a text, that name their tile
MOST_PERIODS = 60
MAX_TILES = 200  # of a dashboard
USUAL_SIZES = {"card": (3, 1), "gauge": (3, 2), "text": (COLUMNS, 1)}
CHART_SIZE = 6, 2
MOST_SERIES = 5
MOST_ROWS = 50
TABLES = ("heatmap", "table")
STACKS = ("stacked",)
LINES = ("line", "area")
FOUND = ("line", "bar", "area")  # charts whose title ends with the finding
NOWHERE = None, 0, None  # position of what has none
PERCENT = {"kind": "percent", "decimals": 0, "symbol": ""}


class KpiDashboardTile(models.Model):
    """A piece of a dashboard: one or more KPIs and how they are drawn."""

    _name = "kpi.dashboard.tile"
    _description = "Dashboard Tile"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "dashboard_id, sequence, id"
    _rec_names_search = ["name", "kind", "definition_ids.name", "report_ids.name"]

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default="card")
    name = fields.Char(
        "Title", translate=True, help="Leave empty to use the KPI's name."
    )
    span = fields.Integer("Columns", default=3, help="Width in columns, out of 12.")
    height = fields.Integer("Rows", default=1)
    definition_ids = fields.Many2many(
        "kpi.definition", "kpi_dashboard_tile_definition_rel", string="KPIs"
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
        help="Shown regardless of dashboard filters.",
    )
    scope_mode = fields.Selection(
        [
            ("filter", "Dashboard Filters"),
            ("fixed", "Fixed KPIs"),
            ("each", "All Departments, Teams or People"),
        ],
        "Shown For",
        required=True,
        default="filter",
    )
    scope_type = fields.Selection(SCOPES, "For Each", default="department")
    periods = fields.Integer(
        "Number of Periods", default=12, help="Used by charts and tables."
    )
    breakdown = fields.Char("Split By", help="Field to split the KPI by.")
    card_id = fields.Many2one(
        "kpi.dashboard.card", ondelete="restrict", index="btree_not_null"
    )
    gauge_widget_id = fields.Many2one(
        "kpi.gauge.widget",
        "Gauge Style",
        ondelete="restrict",
        help="Leave empty to use the KPI's own gauge.",
    )
    text = RichText(translate=True)
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
    published_tile_id = fields.Many2one(
        "kpi.dashboard.tile",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        exportable=False,
    )

    _span_range = models.Constraint(
        f"CHECK (span BETWEEN 1 AND {COLUMNS})",
        f"Tile width must be 1 to {COLUMNS} columns.",
    )
    _height_range = models.Constraint(
        f"CHECK (height BETWEEN 1 AND {ROWS})", f"Tile height must be 1 to {ROWS} rows."
    )
    _periods_range = models.Constraint(
        f"CHECK (periods BETWEEN 1 AND {MOST_PERIODS})",
        f"A tile shows 1 to {MOST_PERIODS} periods.",
    )

    @api.depends("definition_ids")
    def _compute_definition_order(self):
        """KPIs that are added come last."""
        for tile in self:
            known = tile.definition_ids.ids
            kept = [each for each in tile.definition_order or [] if each in known]
            tile.definition_order = kept + [each for each in known if each not in kept]

    @api.depends("name", "kind", "definition_ids.name", "report_ids.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for tile in self:
            kpis = (tile.definition_ids or tile.report_ids).mapped("name")
            shown = ", ".join(filter(None, kpis))
            tile.display_name = tile.name or shown[:WORDS] or kinds[tile.kind]

    def _get_title(self):
        """Get what tells it from other tiles: its name, else words of its text."""
        self.ensure_one()
        words = html_to_inner_content(self.text or "") if self.kind == "text" else ""
        return self.name or words[:WORDS] or self.display_name

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
                    self.env._("%s: choose a card.", tile.display_name)
                )

    @api.constrains("dashboard_id")
    def _check_count(self):
        counts = self._read_group(
            [("dashboard_id", "in", self.dashboard_id.ids)],
            ["dashboard_id"],
            ["__count"],
        )
        for dashboard, count in counts:
            if count > MAX_TILES:
                raise ValidationError(
                    self.env._(
                        "“%(dashboard)s” would have %(count)s tiles; the maximum "
                        "is %(limit)s.",
                        dashboard=dashboard.name,
                        count=count,
                        limit=MAX_TILES,
                    )
                )

    @api.constrains("kind", "view_model", "view_type")
    def _check_view(self):
        for tile in self:
            if tile.kind == "view" and tile.view_model not in self.env:
                raise ValidationError(
                    self.env._(
                        "%(tile)s: model “%(model)s” does not exist.",
                        tile=tile.display_name,
                        model=tile.view_model or "",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("kpi_arrange_in_draft"):
            browse = self.env["kpi.dashboard"].browse
            asked = [browse(vals.get("dashboard_id")) for vals in vals_list]
            vals_list = [
                {**vals, "dashboard_id": dashboard._get_arranged().id}
                for vals, dashboard in zip(vals_list, asked, strict=True)
            ]
        tiles = super().create(vals_list)
        tiles.dashboard_id._bump_revision()
        return tiles

    def write(self, vals):
        before = self.dashboard_id
        result = super().write(vals)
        if "dashboard_id" in vals:
            # Odoo looks at the record before the change only.
            self.check_access("write")
        (before | self.dashboard_id)._bump_revision()
        if "dashboard_id" in vals:
            # Elsewhere they replace none; who may move them has been asked.
            self.filtered("published_tile_id").sudo().published_tile_id = False
        return result

    def _write_layout(self, values):
        """As ``write`` of order and size; the revision is the caller's."""
        # Not the write above, which would count a change for each tile.
        # pylint: disable=super-method-mismatch
        return super().write(values)

    def unlink(self):
        dashboards = self.dashboard_id
        result = super().unlink()
        dashboards._bump_revision()
        return result

    def move_to(self, dashboard_id: Id):
        """Put these tiles at the end of another dashboard of the user's.

        Where others look at it, they are put into its draft.

        :raises AccessError: the user may not arrange one of both
        """
        target = self.env["kpi.dashboard"].browse(dashboard_id)
        if not target.exists():
            raise UserError(
                self.env._("This dashboard no longer exists. Choose another.")
            )
        target.check_access("write")
        target = target._get_arranged()
        last = max(target.tile_ids.mapped("sequence"), default=0)
        for place, tile in enumerate(self.sorted(), start=1):
            tile.write({"dashboard_id": target.id, "sequence": last + place})
        return True

    @api.model
    def _body_line(self, tile, reading):
        return self._build_series_body(tile, reading)

    _body_bar = _body_area = _body_stacked = _body_heatmap = _body_table = _body_line

    @api.model
    def _build_series_body(self, tile, reading):
        """Series of values in the periods up to the one shown."""
        reports = self._find_measured_reports(tile, reading)
        if tile["breakdown"]:
            return self._build_parts_body(tile, reading, reports[0])
        group, together, message = self._same_periods(reports, reading)
        if tile["kind"] not in TABLES:
            together, apart = self._same_unit(together, reading)
            message = " ".join(filter(None, (message, apart)))
        last = max(reading.positions[report.id][2] for report in together)
        places = places_up_to(last, tile)
        series = [self._series(report, places, tile, reading) for report in together]
        if tile["kind"] in STACKS:
            series = self._stackable(tile, together, series, reading)
        series, more = self._fewer(tile, reading, together, series)
        notes = self._list_period_notes(together, group, places, reading)
        unit = reading.unit(together[0])
        body = self._chart_body(group, places, series, unit, message or more, notes)
        findings = reading.read_once(_read_findings)
        return {**body, "finding": findings.get(tile["id"], "")}

    @api.model
    def _chart_body(self, group, places, series, unit, message, notes):
        """Series over periods as JSON."""
        has_any = any(map(has_value, series))
        return {
            "message": message or ("" if has_any else self._no_values()),
            "notes": notes,
            "state": "ok" if has_any else "no_data",
            "chart": {
                "unit": unit,
                "categories": group.labels_of(places),
                "starts": group.days_of(places),
                "series": series,
                "is_running": bool(group.series.elapsed[places[-1]] < 1),
            },
        }

    @api.model
    def _no_values(self):
        return self.env._("No values in this period.")

    @api.model
    def _say_fewer(self, shown, count):
        """How many are shown of all; empty where all are."""
        if count <= shown:
            return ""
        return self.env._("Showing %(shown)s of %(count)s.", shown=shown, count=count)

    @api.model
    def _find_measured_reports(self, tile, reading):
        """The KPIs of a tile that can be shown in the periods asked for.

        :raises UserError: none of them can
        """
        reports = reading.reports_of(tile)
        if not reports:
            raise UserError(self.env._("Choose KPIs for this tile."))
        measured = [report for report in reports if report.id in reading.positions]
        if not measured:
            raise UserError(self._other_periods(reports[0]))
        return measured

    @api.model
    def _other_periods(self, report):
        field = self.env["kpi.report"]._fields["frequency"]
        labels = dict(field._description_selection(self.env))
        return self.env._(
            "Not shown (different periods): %s.", labels[report.frequency].lower()
        )

    @api.model
    def _same_periods(self, reports, reading):
        """The KPIs that have the periods of the first one; which are left out."""
        group = reading.positions[reports[0].id][0]
        together, others = partition(
            lambda report: reading.positions[report.id][0] is group, reports
        )
        names = ", ".join(report.kpi_name for report in others)
        message = names and self.env._("Not shown (different periods): %s", names)
        return group, together, message

    @api.model
    def _same_unit(self, reports, reading):
        """The KPIs that share the axis of the first one; which are left out."""

        def find_axis(report):
            unit = reading.unit(report)
            return unit["kind"], unit["kind"] == "currency" and unit["currencyId"]

        axis = find_axis(reports[0])
        together, others = partition(lambda report: find_axis(report) == axis, reports)
        names = ", ".join(dict.fromkeys(report.kpi_name for report in others))
        return together, names and self.env._("Not shown (different unit): %s", names)

    @api.model
    def _adds_up(self, tile, reports):
        """Whether values of departments, teams or people make one of all of them."""
        return (
            tile["scope_mode"] == "each"
            and len({report.definition_id for report in reports}) == 1
            and reports[0].aggregation_scope == "sum"
        )

    @api.model
    def _find_nested_ids(self, tile, reports, reading):
        """Id of a KPI → ids of those of departments that its value has in it."""
        if not self._adds_up(tile, reports) or tile["scope_type"] != "department":
            return {}
        scopes = {report.id: reading.scope_of(report) for report in reports}
        paths = {each: scope.path for each, scope in scopes.items() if scope}
        return find_children(paths)

    @api.model
    def _stackable(self, tile, reports, series, reading):
        """Series of which none has another one in it, as their heights are added."""
        within = self._find_nested_ids(tile, reports, reading)
        values_of = {each["report_id"]: each["values"] for each in series}
        for each in series:
            inner = within.get(each["report_id"])
            if inner:
                columns = zip(*(values_of[each_id] for each_id in inner), strict=True)
                values = [*map(get_remainder, each["values"], columns)]
                each |= {
                    "name": self._own_name(each["name"]),
                    "statuses": ["no_target"] * len(values),
                    "targets": None,
                    "values": values,
                }
        return [
            each
            for each in series
            if each["report_id"] not in within or has_value(each)
        ]

    @api.model
    def _series(self, report, places, tile, reading):
        group, row, _place = reading.positions[report.id]
        chosen = slice(places.start, places.stop)
        targets = group.targets[row][chosen]
        values = group.values[row][chosen]
        if tile["kind"] in LINES:
            values = group.series.leave_out_fall(places, values)
        return make_series(
            self._series_name(report, tile, reading),
            values,
            reading.unit(report),
            report_id=report.id,
            targets=None if targets.count(None) == len(targets) else targets,
            statuses=group.statuses[row][chosen],
            is_additive=report.aggregation_time == "sum",
        )

    @api.model
    def _series_name(self, report, tile, reading):
        """What tells a series from the others: the KPI, whom it is for, or both."""
        if tile["scope_mode"] == "each":
            return self._scope_name(report, reading)
        if tile["scope_mode"] == "fixed":
            return report.name
        return report.kpi_name

    @api.model
    def _fewer(self, tile, reading, reports, series):
        """At most five series; the rest as “other” where the values add up."""
        most = MOST_ROWS if tile["kind"] in TABLES else MOST_SERIES
        if len(series) <= most:
            return series, ""
        series = sorted(series, key=lambda each: -(last_known(each["values"]) or 0))
        named, rest = series[:most], series[most:]
        # Beside each other, one may have another in it.
        is_apart = tile["kind"] in STACKS or not self._find_nested_ids(
            tile, reports, reading
        )
        if self._adds_up(tile, reports) and is_apart and tile["kind"] not in TABLES:
            values = np.array([each["values"] for each in rest], float)
            is_missing = np.isnan(values).all(axis=0)
            total = np.where(is_missing, np.nan, np.nansum(values, axis=0))
            known = {name: rest[0][name] for name in ("unit", "is_additive")}
            other = make_series(self.env._("Other"), as_json_numbers(total), **known)
            return [*named, other], ""
        return named, self._say_fewer(most, len(series))

    @api.model
    def _list_period_notes(self, reports, group, places, reading):
        """Notes about the KPIs, each at the period that its day lies in.

        Where the way of computing changes, once for all scopes, or a value was restated
        after it had settled, is one of them.
        """
        texts = self.env["kpi.definition"]._get_seam_texts()
        kpis = {report.definition_id: report for report in reversed(reports)}
        found = []  # id, day, text, who, and which KPI it is about where there are more
        for report in kpis.values():
            seams = group.series.seams[group.series.row_of[report.id]]
            name = report.kpi_name if len(kpis) > 1 else ""
            for at in places:
                if seams[at]:
                    id_, text = f"change {report.id} {at}", texts[seams[at]]
                    found.append((id_, group.starts[at], text, "", name))
        first, stop = group.starts[places[0]], group.periods[places[-1]].stop
        for report in reports:
            name = report.name if len(reports) > 1 else ""
            for row in reading.restatements.get(report.id, ()):
                day = row.period_start
                if first <= day < stop:
                    id_, text = f"restated {report.id} {day}", reading.say_restated(row)
                    found.append((id_, day, text, "", name))
        for report in reports:
            found += [(*note, "") for note in reading.notes.get(report.id, ())]
        notes = [
            {
                "id": id_,
                "date": day.isoformat(),
                "place": number,
                "text": f"{name}: {text}" if name else text,
                "who": who,
            }
            for id_, day, text, who, name in found
            for number, at in enumerate(places)
            if day in group.periods[at]
        ]
        return sorted(notes, key=lambda note: note["date"])

    @api.model
    def _body_radar(self, tile, reading):
        """How far each KPI has come towards its target, and had when compared with."""
        reports = self._find_measured_reports(tile, reading)
        by_kpi = dict(groupby(reports, attrgetter("definition_id")))
        series = []
        if tile["scope_mode"] == "each":
            axes = [same[0].kpi_name for same in by_kpi.values()]
            for _scope_id, same in groupby(reports, attrgetter("scope_id")):
                of_kpi = {report.definition_id: report for report in reversed(same)}
                name = self._scope_name(same[0], reading)
                along = [of_kpi.get(kpi) for kpi in by_kpi]
                series.append(self._radar_series(name, along, reading))
        else:
            axes = [self._series_name(report, tile, reading) for report in reports]
            group, _row, place = reading.positions[reports[0].id]
            series.append(self._radar_series(group.label(place), reports, reading))
            before = {
                "previous": self.env._("Previous period"),
                "year": self.env._("Same period last year"),
            }.get(reading.options.comparison)
            if before:
                past = self._radar_series(before, reports, reading, is_before=True)
                series.append(past)
        series = [*filter(has_value, series)]
        return {
            "message": self._say_fewer(MOST_SERIES, len(series))
            or ("" if series else self.env._("No target set.")),
            "state": "ok" if series else "no_data",
            "chart": {
                "unit": PERCENT,
                "categories": axes,
                "starts": [],
                "series": series[:MOST_SERIES],
                "is_running": False,
            },
        }

    @api.model
    def _radar_series(self, name, reports, reading, *, is_before=False):
        """Achievements of KPIs, none of them below 0; None = there is no such KPI."""
        values = []
        for report in reports:
            group, row, place = reading.positions.get(report and report.id, NOWHERE)
            if is_before and group and reading.options.comparison == "year":
                place = group.year_before(place)
            elif is_before and group:
                place = place - 1 if place else None
            achieved = (
                np.nan if place is None else group.series.achievements[row, place]
            )
            values.append(None if achieved != achieved else max(float(achieved), 0.0))
        return make_series(name, values, PERCENT)

    @api.model
    def _body_scatter(self, tile, reading):
        """Two KPIs against each other: a point per department, person or period."""
        reports = reading.reports_of(tile)
        if len({report.definition_id for report in reports}) < 2:
            # Left out where the reader may not see the others.
            is_fixed = tile["scope_mode"] == "fixed"
            hidden = (
                len(tile["report_ids"]) - len(reports)
                if is_fixed
                else len(tile["definition_ids"]) - 1
            )
            if hidden < 1:
                raise UserError(self.env._("A scatter plot needs two KPIs."))
            return {"state": UNAVAILABLE, "title": self.env._("Not available")}
        measured = self._find_measured_reports(tile, reading)
        groups = groupby(measured, attrgetter("definition_id"))
        by_kpi = [kpis for _definition_id, kpis in groups]
        if len(by_kpi) < 2:
            (kpi_id,) = {kpis[0].definition_id for kpis in by_kpi}
            other = next(kpi for kpi in reports if kpi.definition_id != kpi_id)
            raise UserError(self._other_periods(other))
        x, y = by_kpi[:2]
        if tile["scope_mode"] == "each":
            across = {kpi.scope: kpi for kpi in y}
            rows = [
                (
                    self._scope_name(kpi, reading),
                    self._value(kpi, reading),
                    self._value(across[kpi.scope], reading),
                )
                for kpi in x
                if kpi.scope in across
            ]
        else:
            rows = self._list_period_pairs(x[0], y[0], tile, reading)
        points = [
            {"name": name, "x": float(x_value), "y": float(y_value)}
            for name, x_value, y_value in rows
            if None not in (x_value, y_value)
        ]
        return {
            "state": "ok" if points else "no_data",
            "chart": {
                "units": [reading.unit(x[0]), reading.unit(y[0])],
                "names": [x[0].kpi_name, y[0].kpi_name],
                "points": points,
            },
        }

    @api.model
    def _list_period_pairs(self, x, y, tile, reading):
        """Periods with both values of two KPIs."""
        group, _together, message = self._same_periods([x, y], reading)
        if message:
            raise UserError(message)
        known = [reading.positions[kpi.id] for kpi in (x, y)]
        values = [group.values[row] for _group, row, _place in known]
        places = places_up_to(min(place for *_row, place in known), tile)
        return [(group.label(at), *(row[at] for row in values)) for at in places]


def _read_findings(reading):
    """Id of a chart of one KPI → the finding of the last period that it shows.

    Of a running one of which there is none to say, that of the period before. Without
    charts of other than the KPI's own periods, or of a part of it.
    """
    shown = {}
    for tile in reading.tiles:
        reports = reading.reports_of(tile)
        is_chart = tile["kind"] in FOUND and not tile["breakdown"]
        if not is_chart or len(reports) != 1 or reports[0].id in reading.crossed_ids:
            continue
        group, *_place = reading.positions.get(reports[0].id, NOWHERE)
        if group and group.grain == reports[0].frequency:
            shown[tile["id"]] = reports[0].id
    if not shown:
        return {}
    standings = _list_standings(reading, reading.browse_kpis({*shown.values()}))
    found = reading.env["kpi.report"]._get_findings(
        {kpi: [each.period for each in past[-2:]] for kpi, past in standings.items()},
        standings,
    )
    said = {
        kpi.id: next(filter(None, reversed(texts.values())), "")
        for kpi, texts in found.items()
    }
    return {tile_id: said[kpi_id] for tile_id, kpi_id in shown.items()}


def _list_standings(reading, kpis):
    """KPI → ``Standing`` of the period shown and of those that findings look at."""
    alike = {}
    for kpi in kpis:
        group, row, place = reading.positions[kpi.id]
        alike.setdefault((id(group), place), []).append((kpi, group, row))
    standings = {}
    for (_id, place), members in alike.items():
        group = members[0][1]
        places = range(max(0, place - PAST_PERIODS), place + 1)
        shown = slice(places.start, places.stop)
        periods, labels = group.periods[shown], group.labels_of(places)
        judged = group.series.list_judged([row for *_group, row in members], shown)
        for kpi, *_group in members:
            standings[kpi] = list_standings(
                periods, labels, judged[kpi.id], group.today, kpi.direction
            )
    return standings


def in_order(ids, order):
    """Ids as ``order`` has them; those that it lacks come last."""
    place_of = {each: place for place, each in enumerate(order)}
    return sorted(ids, key=lambda each: (place_of.get(each, len(place_of)), each))


def places_up_to(last, tile):
    """Places of the periods that a tile shows up to one of them."""
    return range(max(0, last - tile["periods"] + 1), last + 1)


def make_series(name, values, unit, **known):
    """A series of a chart; without ``report_id`` or ``part`` it is neither's."""
    return {
        "name": name,
        "report_id": None,
        "unit": unit,
        "values": values,
        "targets": None,
        "statuses": ["no_target"] * len(values),
        "part": None,
        **known,
    }


def has_value(series):
    """Whether any value of a series is known."""
    return series["values"].count(None) < len(series["values"])


def last_known(values):
    """The latest value; None where there is none."""
    return next((value for value in reversed(values) if value is not None), None)
