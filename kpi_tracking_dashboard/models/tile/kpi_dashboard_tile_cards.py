from collections import Counter
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.rich_text import sanitize
from odoo.addons.kpi_base.schemas.base import Id, Nothing
from odoo.addons.kpi_tracking.engine.gauge.zones import Aim
from odoo.addons.kpi_tracking.models.report.kpi_report_status import SPARKLINE_PERIODS

from ...engine.parts_of_total import get_remainder, limit_rows
from ..reading import LAST_KEYS
from .kpi_dashboard_tile import (
    MOST_SERIES,
    TABLES,
    UNAVAILABLE,
    make_series,
    places_up_to,
)

MOST_RANKED = 20
MOST_PARTS = 12
MOST_COLOURS = 7  # that can be told apart
ROUND = ("pie", "doughnut")
WHOLES = (*ROUND, "waterfall")
ENTRY = "kpi_tracking.kpi_entry_grid_action"


class KpiDashboardTile(models.Model):
    """What every kind of tile has, and those that show one number."""

    _inherit = "kpi.dashboard.tile"

    @api.model
    def _build_tiles(self, tiles, reading):
        """Tiles as JSON; one that cannot be shown says why and leaves the others be."""
        return [self._build_tile(tile, reading) for tile in tiles]

    @api.model
    def _build_tile(self, tile, reading):
        """A tile as its head, and the body of its kind."""
        reports = reading.reports_of(tile)
        measured = [kpi.last_measured_at for kpi in reports if kpi.last_measured_at]
        is_one = len({kpi.definition_id for kpi in reports}) == 1
        head = {
            **{name: tile[name] for name in ("id", "kind", "span", "height")},
            "title": tile["name"],
            "state": "ok",
            "message": "",
            "report_ids": [report.id for report in reports],
            "is_stale": bool(reports) and self._is_stale(reports[0], reading),
            "is_crossed": any(kpi.id in reading.crossed_ids for kpi in reports),
            "definition_id": reports[0].definition_id if is_one else None,
            "certification": reports[0].certification if is_one else None,
            "as_of": max(measured).isoformat() + "Z" if measured else None,
            "notes": [],
        }
        if reports:
            head["breakdown"] = tile["breakdown"] or None
            head["title"] = tile["name"] or self._usual_title(tile, reports, reading)
        elif tile["definition_ids"] or tile["report_ids"]:
            # The title may name the KPI.
            title = self.env._("Not available")
            return {**head, "title": title, "state": UNAVAILABLE}
        try:
            body = self._draw_body(tile, reading)
            if body.get("state") == "no_data" and reports:
                body = {**body, **self._describe_empty(reports, reading)}
            return {**head, **body}
        except UserError as error:
            return {**head, "state": "error", "message": str(error)}

    @api.model
    def _draw_body(self, tile, reading):
        """What a tile shows, by its kind: the answer of ``_body_<kind>``, JSON.

        An addon adds a value to ``kind``, this method, and a component::

            def _body_clock(self, tile, reading):
                return {"now": reading.today.isoformat()}

            tiles.add("clock", { component: ClockTile });

        A tile without KPIs is drawn the same way, and reads what it shows with the
        user's rights, in a fixed number of statements.

        :param tile: dict of its stored fields
        :raises UserError: no addon draws this kind
        """
        body = getattr(self, f"_body_{tile['kind']}", None)
        if body is None:
            raise UserError(self.env._("This tile type is not installed."))
        return body(tile, reading)

    @api.model
    def _usual_title(self, tile, reports, reading):
        if tile["scope_mode"] == "fixed":
            return ", ".join(report.name for report in reports[:3])
        names = dict.fromkeys(report.kpi_name for report in reports)
        title = ", ".join([*names][:3])
        if tile["breakdown"]:
            by = self._field_label(reports[0].model_name, tile["breakdown"])
        elif tile["scope_mode"] == "each":
            labels = dict(self._fields["scope_type"]._description_selection(self.env))
            by = labels[tile["scope_type"]]
        else:
            return title
        return self.env._("%(kpi)s by %(part)s", kpi=title, part=by.lower())

    @api.model
    def _list_breakdowns(self, reports, reading):
        """Fields that all of these KPIs are split by, each with its label."""
        ids = {report.definition_id for report in reports}
        counts = Counter(path for id_, path in reading.breakdown_keys if id_ in ids)
        return [
            [path, self._field_label(reports[0].model_name, path)]
            for path in sorted(counts)
            if counts[path] == len(ids)
        ]

    @api.model
    def _field_label(self, model, path):
        """Label of the last field of a path; the path itself where there is none."""
        field = None
        for name in path.split("."):
            field = model in self.env and self.env[model]._fields.get(name)
            if not field:
                return path
            model = field.comodel_name if field.relational else ""
        return field._description_string(self.env)

    @api.model
    def _scope_name(self, report, reading):
        scope = reading.scope_of(report)
        return scope.name if scope else ""

    @api.model
    def _is_stale(self, report, reading):
        """Whether a whole period has passed without a value."""
        stop = report.current_period_stop
        if not stop or report.id not in reading.positions or reading.options.start:
            return False
        group, _row, _place = reading.positions[report.id]
        return stop < group.find_period(report.frequency, group.today).start

    @api.model
    def _value(self, report, reading, back=0):
        """The value shown, or that of so many periods before; None = no value."""
        group, row, place = reading.positions.get(report.id, (None, 0, -1))
        if not group or place < back:
            return None
        return group.values[row][place - back]

    @api.model
    def _kpi(self, report, reading):
        """One KPI in the period shown, as gauges and cards take it; tiles share it."""
        if report.id not in reading.built_kpis:
            group, row, place = reading.positions[report.id]
            value, previous = (self._value(report, reading, back) for back in (0, 1))
            last_year = group.year_before(place)
            due = group.criteria[row]
            recorded_at, who = reading.get_last_entry(report)
            whole = due["target"]
            reading.built_kpis[report.id] = {
                "report_id": report.id,
                "name": report.kpi_name,
                "scope": self._scope_name(report, reading),
                "unit": reading.unit(report),
                "value": value,
                "has_value": value is not None,
                "target": due["due_target"],
                "whole": None if whole == due["due_target"] else whole,
                "baseline": due["due_baseline"],
                "low": due["due_low"],
                "high": due["due_high"],
                "previous": previous,
                "year_before": None
                if last_year is None
                else group.values[row][last_year],
                "achievement": group.achievements[row],
                "status": group.statuses[row][place],
                "band": group.bands[row],
                "is_running": group.today in group.periods[place],
                "direction": report.direction,
                "aggregation_time": report.aggregation_time,
                "last_measured_at": recorded_at and f"{recorded_at.isoformat()}Z",
                "who": who,
                "period": {
                    "start": group.periods[place].start.isoformat(),
                    "label": group.label(place),
                },
                "sparkline": self._sparkline(report, reading),
            }
        return reading.built_kpis[report.id]

    @api.model
    def _sparkline(self, report, reading):
        group, row, place = reading.positions[report.id]
        places = range(max(0, place - SPARKLINE_PERIODS + 1), place + 1)
        shown = slice(places.start, places.stop)
        labels = group.labels_of(places)
        points = group.series.list_line(row, shown, labels, report.direction)
        return {"running": group.today in group.periods[place], "points": points}

    @api.model
    def _body_gauge(self, tile, reading):
        body = self._card_metric(tile, reading)
        if body.get("state") == "no_data":
            return {**body, "gauge": False}
        kpi, report = body["kpi"], reading.by_id[body["kpi"]["report_id"]]
        group, row, _place = reading.positions[report.id]
        judged = group.criteria[row]
        names = ("target", "baseline", "low", "high")
        points = kpi["sparkline"]["points"][:-1]
        drawn = reading.gauge_of(tile, report)._drawing(
            Aim(kpi["direction"], *(judged[f"due_{name}"] for name in names)),
            self.env["kpi.report"]._zones_of_status(judged),
            value=kpi["value"],
            whole=judged["target"],
            previous=kpi["previous"],
            earlier=[each["value"] for each in points if each["value"] is not None],
        )
        return {**body, "gauge": drawn and {**drawn, "who": kpi["who"]}}

    @api.model
    def _body_card(self, tile, reading):
        """A card by its style: the method ``_card_<style>``."""
        # Compares in time as the dashboard is asked to, unless it does not at all.
        shown = {"previous": tile["show_previous"], "year": tile["show_last_year"]}
        comparisons = [name for name, is_shown in shown.items() if is_shown]
        chosen = reading.options.comparison
        if comparisons and chosen != "previous":
            comparisons = [] if chosen == "none" else [chosen]
        if tile["show_target"]:
            comparisons.append("target")
        card = {
            "style": tile["card_style"],
            "icon": tile["icon_type"],
            "comparisons": comparisons,
        }
        body = getattr(self, f"_card_{tile['card_style']}")(tile, reading)
        return {**body, "card": {**card, **body.get("card", {})}}

    @api.model
    def _card_metric(self, tile, reading):
        """The first KPI that can be shown, and how many there are; or why it is not."""
        report = self._find_measured_reports(tile, reading)[0]
        kpi, count = self._kpi(report, reading), len(reading.reports_of(tile))
        if not kpi["has_value"]:
            message = report.computation_error or self.env._(
                "No value for %s.", kpi["period"]["label"]
            )
            return {"state": "no_data", "message": message, "kpi": kpi}
        message = count > 1 and self.env._(
            "Showing %(kpi)s, the first of %(count)s KPIs.",
            kpi=self._series_name(report, tile, reading),
            count=count,
        )
        return {"kpi": kpi, "message": message or ""}

    _card_trend = _card_metric

    @api.model
    def _card_comparison(self, tile, reading):
        """KPIs ranked by their values, the best first; those without come last.

        Several KPIs stand in the order of the tile: they are no better than each other.
        """
        reports = self._find_measured_reports(tile, reading)
        is_ranked = len({one.definition_id for one in reports}) == 1
        is_of_one = len({one.scope for one in reports}) == 1
        rows = []
        for one in reports:
            # What tells rows from each other: whom they are for, the KPI, or both.
            name = one.kpi_name if is_of_one else one.name
            if is_ranked:
                name = self._scope_name(one, reading) or one.name
            rows.append({**self._kpi(one, reading), "label": name})
        if is_ranked:
            rows.sort(key=_rank)
        has_any = any(row["has_value"] for row in rows)
        return {
            "state": "ok" if has_any else "no_data",
            "message": self._say_fewer(MOST_RANKED, len(rows)),
            "card": {"is_ranked": is_ranked, "rows": rows[:MOST_RANKED]},
        }

    @api.model
    def _card_alert(self, tile, reading):
        ids = {report.id for report in reading.reports_of(tile)}
        items = reading.read_once(_read_alerts)
        items = [item for item in items if not ids or item["report_id"] in ids]
        items = self.env["kpi.home"]._group_by_cause(items)
        return {"card": {"items": items[:MOST_RANKED], "count": len(items)}}

    @api.model
    def _body_text(self, tile, reading):
        return {"html": sanitize(tile["text"])}

    @api.model
    def _body_view(self, tile, reading):
        """What the client loads itself, with the rights of whoever looks."""
        model = tile["view_model"]
        if model not in self.env or not self.env[model].has_access("read"):
            return {"state": UNAVAILABLE, "title": self.env._("Not available")}
        return {
            "state": "lazy",
            "view": {
                "model": model,
                "view_type": tile["view_type"],
                "domain": tile["view_domain"] or "[]",
                "context": tile["view_context"] or "{}",
                "title": tile["name"],
            },
        }

    @api.model
    def _body_pie(self, tile, reading):
        """Parts of a value, KPIs side by side, or departments, teams or people.

        Steps of a funnel have their shares of the first.
        """
        reports = self._find_measured_reports(tile, reading)
        rows, message = self._rows_of_parts(tile, reading, reports)
        values = [row["value"] for row in rows]
        is_funnel = tile["kind"] == "funnel"
        if not is_funnel and any(value < 0 for value in values):
            raise UserError(
                self.env._(
                    "Negative values cannot be shown as shares. Use a bar chart."
                )
            )
        whole = sum(values[:1] if is_funnel else values)
        for row in rows:
            row["share"] = row["value"] / whole if whole else None
        return self._parts(reading.unit(reports[0]), rows, whole, message)

    _body_doughnut = _body_funnel = _body_pie

    @api.model
    def _body_waterfall(self, tile, reading):
        """From one total to the next, by parts, by KPIs or by periods."""
        reports = self._find_measured_reports(tile, reading)
        message, notes = "", []
        if tile["breakdown"]:
            rows = self._steps_of_parts(tile, reading, reports[0])
        elif len(reports) > 1:
            rows, message = self._rows_of_parts(tile, reading, reports)
            if rows:
                whole = sum(row["value"] for row in rows)
                rows.append(part(self.env._("Total"), whole, is_total=True))
        else:
            rows, notes = self._steps_of_periods(tile, reading, reports[0])
        total = rows[-1]["value"] if rows else 0
        body = self._parts(reading.unit(reports[0]), rows, total, message)
        body["parts"]["direction"] = reports[0].direction
        return {**body, "notes": notes}

    @api.model
    def _parts(self, unit, rows, total, message):
        return {
            "state": "ok" if rows else "no_data",
            "message": message if rows else self._no_values(),
            "parts": {"unit": unit, "total": total, "rows": rows},
        }

    @api.model
    def _rows_of_parts(self, tile, reading, reports):
        """Rows of a tile, and what is to be said about those left out."""
        is_whole = tile["kind"] in WHOLES
        most = MOST_COLOURS if tile["kind"] in ROUND else MOST_PARTS
        if tile["breakdown"]:
            group, _row, place = reading.positions[reports[0].id]
            start = group.periods[place].start
            values = self._find_parts(tile, reading, reports[0]).get(start, {})
            if tile["kind"] in ROUND:  # nothing of it can be seen
                values = {
                    key: value for key, value in values.items() if value
                } or values
            found = self._largest(values)
            if tile["kind"] == "funnel":
                found = self._in_process_order(tile, reports[0], found)
            rows = [part(name, value, key) for (key, name), value in found]
            adds_up = is_whole and reading.adds_up(reports[0])
            return self._fewer_parts(rows, adds_up, most)
        units = [reading.unit(report) for report in reports]
        if len({(unit["kind"], unit["currencyId"]) for unit in units}) > 1:
            raise UserError(
                self.env._("These KPIs have different units. Use separate tiles.")
            )
        within = self._find_nested_ids(tile, reports, reading) if is_whole else {}
        rows = []
        for report in reports:
            value = self._value(report, reading)
            name = self._series_name(report, tile, reading)
            if report.id in within:
                inner = [
                    self._value(reading.by_id[each], reading)
                    for each in within[report.id]
                ]
                value = get_remainder(value, inner)
                name = self._own_name(name)
            if value is not None:
                rows.append(part(name, value, None, report.id))
        if tile["scope_mode"] == "each":
            rows.sort(key=lambda row: -row["value"])
        adds_up = is_whole and self._adds_up(tile, reports)
        return self._fewer_parts(rows, adds_up, most)

    @api.model
    def _own_name(self, name):
        """What a department has beside the departments in it that are shown."""
        return self.env._("Other in %s", name)

    @api.model
    def _fewer_parts(self, rows, adds_up, most):
        """At most so many parts; the others as one, or said not to be shown."""
        if len(rows) <= most:
            return rows, ""
        if adds_up:
            other = self.env._("Other")
            return limit_rows(rows, most, lambda value: part(other, value)), ""
        return rows[:most], self._say_fewer(most, len(rows))

    @api.model
    def _find_parts(self, tile, reading, report):
        """First day → {(key, name): value} of the parts of a KPI that is split so."""
        path = tile["breakdown"]
        found = reading.values_by_part.get((report.id, path), {})  # nothing counted yet
        if not found and (report.definition_id, path) not in reading.breakdown_keys:
            raise UserError(
                self.env._("This KPI has no breakdown by this field in these periods.")
            )
        return found

    @api.model
    def _largest(self, values):
        """Pairs ((key, name), value), the largest first; “other” and hidden last."""
        return sorted(
            values.items(), key=lambda item: (item[0][0] in LAST_KEYS, -abs(item[1]))
        )

    @api.model
    def _in_process_order(self, tile, report, found):
        """Stages in the order of their process; what is no stage as it is."""
        parts = self.env["kpi.measurement.breakdown"]
        field = parts._field_at(report.model_name, tile["breakdown"])
        keys = []
        if field and field.type == "selection":
            keys = field.get_values(self.env)
        elif field and field.type == "many2one":
            stages = self.env[field.comodel_name].with_context(active_test=False)
            ids = [int(key) for (key, _name), _value in found if (key or "").isdigit()]
            if "sequence" in stages._order and stages.has_access("read"):
                keys = map(str, stages.search([("id", "in", ids)]).ids)
        place_of = {key: place for place, key in enumerate(keys)}
        return sorted(found, key=lambda each: place_of.get(each[0][0], len(place_of)))

    @api.model
    def _steps_of_parts(self, tile, reading, report):
        """What each part has added since the period before."""
        group, _row, place = reading.positions[report.id]
        value, before = (self._value(report, reading, back) for back in (0, 1))
        if value is None or before is None:
            return []
        split = self._find_parts(tile, reading, report)
        now, then = (
            split.get(group.periods[place - back].start, {}) for back in (0, 1)
        )
        steps = {key: now.get(key, 0) - then.get(key, 0) for key in {**now, **then}}
        found = [
            part(name, step, key) for (key, name), step in self._largest(steps) if step
        ]
        other = self.env._("Other")
        found = limit_rows(found, MOST_PARTS, lambda value: part(other, value))
        rows = [part(group.label(place - 1), before, is_total=True), *found]
        rest = value - before - sum(row["value"] for row in rows[1:])
        if abs(rest) > 1e-9 * max(abs(value), abs(before), 1):
            rows.append(part(self.env._("Not split"), rest))
        return [*rows, part(group.label(place), value, is_total=True)]

    @api.model
    def _steps_of_periods(self, tile, reading, report):
        """What each period has added to the one before, and notes on them."""
        group, row, last = reading.positions[report.id]
        places = places_up_to(last, tile)
        values = group.series.values[row]
        places = [at for at in places if values[at] == values[at]]
        if not places:
            return [], []
        known = [(group.label(at), float(values[at])) for at in places]
        rows = [part(*known[0], is_total=True)]
        for (_label, before), (label, value) in zip(known, known[1:], strict=False):
            rows.append(part(label, value - before))
        rows.append(part(self.env._("Now"), known[-1][1], is_total=True))
        return rows, self._list_period_notes([report], group, places, reading)

    @api.model
    def _build_parts_body(self, tile, reading, report):
        """A series per part of one KPI, in the periods up to the one shown."""
        group, _row, last = reading.positions[report.id]
        split = self._find_parts(tile, reading, report)
        places = places_up_to(last, tile)
        known = [split.get(group.starts[place], {}) for place in places]
        totals = {}
        for parts in known:
            for key, value in parts.items():
                totals[key] = totals.get(key, 0.0) + value
        most = MOST_PARTS if tile["kind"] in TABLES else MOST_SERIES
        order = [key for key, _total in self._largest(totals)]
        named, rest = order[:most], order[most:]
        unit, message = reading.unit(report), ""
        series = [
            make_series(key[1], [parts.get(key) for parts in known], unit, part=key[0])
            for key in named
        ]
        if rest and reading.adds_up(report):
            values = [sum(parts.get(each) or 0 for each in rest) for parts in known]
            series.append(make_series(self.env._("Other"), values, unit))
        elif rest:
            message = self._say_fewer(most, len(totals))
        notes = self._list_period_notes([report], group, places, reading)
        return self._chart_body(group, places, series, unit, message, notes)

    @api.readonly
    def drill(
        self,
        place: int | None = None,
        options: dict[str, Any] | Nothing = None,
        report_id: Id | Nothing = None,
    ):
        """What stands behind a tile: its KPI, or one of its values.

        :param place: which of the categories shown; None = the KPI itself
        :param options: as of ``kpi.dashboard.data``, with which the tile is shown
        :param report_id: which of the KPIs of the tile; default: the only one
        :return: action: the KPI, several of them, or what explains the value
        :raises UserError: the tile has no such KPI or place
        """
        self.ensure_one()
        # The KPIs of this tile alone, as the user sees them.
        dashboard = self.dashboard_id
        layout = dashboard._layout()
        options = dashboard._parse_options(options or {}, layout)
        own = [each for each in layout["tiles"] if each["id"] == self.id]
        (tile,) = options.extend(own)
        reading = dashboard._start_reading(layout, [tile], options)
        reports = reading.reports_of(tile)
        if report_id:
            reports = [report for report in reports if report.id == report_id]
        if not reports:
            raise UserError(self.env._("This KPI is not available."))
        if place is not None and len(reports) == 1:
            return self._explain(reports[0], place, tile, reading)
        shown = [("id", "in", [report.id for report in reports])]
        action = open_list(self.env, "kpi_tracking.kpi_report_action", shown)
        if len(reports) == 1:
            views = {"res_id": reports[0].id, "views": [(False, "form")]}
            return {**action, **views, "view_mode": "form"}
        return action

    def _explain(self, report, place, tile, reading):
        if report.id not in reading.positions:
            raise UserError(self._other_periods(report))
        group, _row, last = reading.positions[report.id]
        shown = places_up_to(last, tile)
        if type(place) is not int or not 0 <= place < len(shown):
            raise UserError(self.env._("Invalid tile position: %s", place))
        report = self.env["kpi.report"].browse(report.id)
        start = group.periods[shown[place]].start
        return report.action_explain_period(group.grain, start)

    @api.model
    def _describe_empty(self, reports, reading):
        """Why a tile has no number and what whoever looks can do, if anything.

        :return: dict of ``message`` where more is known than the period, and ``way``:
            ``text`` of a link, ``action`` or ``model`` whose records it shows,
            ``is_new`` for the form of one
        """
        counted = [report for report in reports if report.computation == "records"]
        if not counted:
            is_entered = any(report.computation == "manual" for report in reports)
            way = {"text": self.env._("Enter Value"), "action": ENTRY}
            return {"way": way} if is_entered else {}
        model = counted[0].model_name
        records = self.env.get(model)
        if records is None or not (records._auto and records.has_access("read")):
            return {}
        if reading.has_records[model]:
            return {"way": {"text": self.env._("Show Records"), "model": model}}
        found = {"message": self.env._("There are no records to count yet.")}
        if records.has_access("create"):
            text = self.env._("Create Record")
            found["way"] = {"text": text, "model": model, "is_new": True}
        return found


def _read_alerts(reading):
    """What the alert cards show: of their KPIs, or of all where one has none."""
    tiles = [tile for tile in reading.tiles if tile["card_style"] == "alert"]
    ids = [{kpi.id for kpi in reading.reports_of(tile)} for tile in tiles]
    kpis = reading.browse_kpis(set().union(*ids) if all(ids) else ())
    return reading.env["kpi.home"]._alert_items(kpis, reading.browse_kpis)


def _rank(kpi):
    """Best first; a range by its achievement."""
    if not kpi["has_value"]:
        return 1, 0.0
    if kpi["direction"] == "range":
        return 0, -(kpi["achievement"] or 0.0)
    return 0, kpi["value"] if kpi["direction"] == "lower" else -kpi["value"]


def part(name, value, key=None, report_id=None, *, is_total=False):
    return {
        "name": name,
        "key": key,
        "report_id": report_id,
        "value": value,
        "share": None,
        "is_total": is_total,
    }
