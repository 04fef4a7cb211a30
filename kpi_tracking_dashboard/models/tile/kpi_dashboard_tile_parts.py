from odoo import api, models
from odoo.exceptions import UserError

from ...engine.parts_of_total import get_remainder, limit_rows
from ..reading.parts import LAST_KEYS
from .kpi_dashboard_tile_charts import MOST_SERIES, last_known

MOST_PARTS = 12
MOST_COLOURS = 7  # that can be told apart
ROUND = ("pie", "doughnut")
WHOLES = (*ROUND, "waterfall")


class KpiDashboardTile(models.Model):
    """Tiles that show what a number is made of."""

    _inherit = "kpi.dashboard.tile"

    @api.model
    def _body_pie(self, tile, reading):
        """Parts of a value, KPIs side by side, or departments, teams or people."""
        reports = self._find_measured_reports(tile, reading)
        rows, message = self._rows_of_parts(tile, reading, reports)
        if any(row["value"] < 0 for row in rows):
            raise UserError(
                self.env._(
                    "Negative values cannot be shown as shares. Use a "
                    "bar chart instead."
                )
            )
        total = sum(row["value"] for row in rows)
        for row in rows:
            row["share"] = row["value"] / total if total else None
        return self._parts(reading.unit(reports[0]), rows, total, message)

    _body_doughnut = _body_pie

    @api.model
    def _body_funnel(self, tile, reading):
        """Steps, each with its share of the first."""
        reports = self._find_measured_reports(tile, reading)
        rows, message = self._rows_of_parts(tile, reading, reports)
        first = rows[0]["value"] if rows else 0
        for row in rows:
            row["share"] = row["value"] / first if first else None
        return self._parts(reading.unit(reports[0]), rows, first, message)

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
            rows = [
                part(name, value, key) for (key, name), value in self._largest(values)
            ]
            adds_up = is_whole and reading.parts.adds_up(reports[0])
            return self._fewer_parts(rows, adds_up, most)
        self._check_one_unit(reports, reading)
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
        message = self.env._(
            "%(shown)s of %(count)s are shown.", shown=most, count=len(rows)
        )
        return rows[:most], message

    @api.model
    def _check_one_unit(self, reports, reading):
        units = {tuple(sorted(reading.unit(one).items(), key=str)) for one in reports}
        kinds = {(dict(unit)["kind"], dict(unit)["currencyId"]) for unit in units}
        if len(kinds) > 1:
            raise UserError(
                self.env._(
                    "These KPIs have different units. Show them in separate tiles."
                )
            )

    @api.model
    def _find_parts(self, tile, reading, report):
        """First day → {(key, name): value} of the parts of a KPI.

        :raises UserError: it is not split by this field in such periods
        """
        path = tile["breakdown"]
        found = reading.parts.values_by_part.get((report.id, path))
        if found is not None:
            return found
        if (report.definition_id, path) in reading.parts.breakdown_keys:
            return {}  # nothing was counted yet
        raise UserError(self.env._("This KPI has no such split in the periods shown."))

    @api.model
    def _largest(self, values):
        """Pairs ((key, name), value), the largest first; “other” and hidden last."""
        return sorted(
            values.items(),
            key=lambda item: (item[0][0] in LAST_KEYS, -abs(item[1])),
        )

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
        places = range(max(0, last - tile["periods"] + 1), last + 1)
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
        places = range(max(0, last - tile["periods"] + 1), last + 1)
        starts = [group.periods[place].start for place in places]
        totals = {}
        for start in starts:
            for key, value in split.get(start, {}).items():
                totals[key] = totals.get(key, 0.0) + value
        most = MOST_PARTS if tile["kind"] in ("heatmap", "table") else MOST_SERIES
        order = [key for key, _total in self._largest(totals)][:most]
        rest = [key for key in totals if key not in order]
        series = [
            self._part_series(
                name,
                key,
                [split.get(start, {}).get((key, name)) for start in starts],
                reading.unit(report),
            )
            for key, name in order
        ]
        message = ""
        if rest and reading.parts.adds_up(report):
            values = [
                sum(split.get(start, {}).get(each) or 0 for each in rest)
                for start in starts
            ]
            other = self._part_series(
                self.env._("Other"), None, values, reading.unit(report)
            )
            series.append(other)
        elif rest:
            message = self.env._(
                "%(shown)s of %(count)s are shown.", shown=most, count=len(totals)
            )
        has_any = any(last_known(each["values"]) is not None for each in series)
        return {
            "state": "ok" if has_any else "no_data",
            "message": message or ("" if has_any else self._no_values()),
            "notes": self._list_period_notes([report], group, places, reading),
            "chart": {
                "unit": reading.unit(report),
                "categories": [group.label(place) for place in places],
                "starts": [start.isoformat() for start in starts],
                "series": series,
                "is_running": bool(group.series.elapsed[last] < 1),
            },
        }

    @api.model
    def _part_series(self, name, key, values, unit):
        return {
            "name": name,
            "report_id": None,
            "unit": unit,
            "values": values,
            "targets": None,
            "statuses": ["no_target"] * len(values),
            "part": key,
        }


def part(name, value, key=None, report_id=None, *, is_total=False):
    return {
        "name": name,
        "key": key,
        "report_id": report_id,
        "value": value,
        "share": None,
        "is_total": is_total,
    }
