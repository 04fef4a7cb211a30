from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_tracking.engine.gauge.zones import Aim
from odoo.addons.kpi_tracking.engine.series import as_json_numbers
from odoo.addons.kpi_tracking.models.report.kpi_report_status import SPARKLINE_PERIODS

MOST_RANKED = 20
UNAVAILABLE = "unavailable"  # state of what the reader may not see


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
        head = {
            "id": tile["id"],
            "kind": tile["kind"],
            "title": tile["name"],
            "span": tile["span"],
            "height": tile["height"],
            "state": "ok",
            "message": "",
            "report_ids": [report.id for report in reports],
            "is_stale": False,
            "is_crossed": False,
            "definition_id": None,
            "certification": None,
            "as_of": None,
            "notes": [],
        }
        is_asking = tile["definition_ids"] or tile["report_ids"]
        if is_asking and not reports:
            # The title may name the KPI.
            title = self.env._("Not available")
            return {**head, "title": title, "state": UNAVAILABLE}
        if reports:
            head.update(self._about(tile, reports, reading))
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
            raise UserError(self.env._("This kind of tile is not installed."))
        return body(tile, reading)

    @api.model
    def _about(self, tile, reports, reading):
        measured = [kpi.last_measured_at for kpi in reports if kpi.last_measured_at]
        crossed = reading.crossed_ids
        return {
            "title": tile["name"] or self._usual_title(tile, reports, reading),
            "breakdown": tile["breakdown"] or None,
            "is_stale": self._is_stale(reports[0], reading),
            "as_of": measured and max(measured).isoformat() + "Z" or None,
            "is_crossed": any(report.id in crossed for report in reports),
            **self._about_definition(reports),
        }

    @api.model
    def _about_definition(self, reports):
        """The KPI of a tile and its badge; none where it shows several KPIs."""
        definitions = {report.definition_id for report in reports}
        if len(definitions) > 1:
            return {}
        return {
            "definition_id": definitions.pop(),
            "certification": reports[0].certification,
        }

    @api.model
    def _usual_title(self, tile, reports, reading):
        if tile["scope_mode"] == "fixed":
            return ", ".join(report.name for report in reports[:3])
        names = dict.fromkeys(report.kpi_name for report in reports)
        title = ", ".join([*names][:3])
        by = self._split_name(tile, reports[0])
        return self.env._("%(kpi)s by %(part)s", kpi=title, part=by) if by else title

    @api.model
    def _split_name(self, tile, report):
        """What the numbers of a tile are split by, in a word; empty if they are not."""
        if tile["breakdown"]:
            return self._field_label(report.model_name, tile["breakdown"]).lower()
        if tile["scope_mode"] != "each":
            return ""
        field = self._fields["scope_type"]
        return dict(field._description_selection(self.env))[tile["scope_type"]].lower()

    @api.model
    def _list_breakdowns(self, reports, reading):
        """Fields that all of these KPIs are split by, each with its label."""
        found = None
        for report in reports:
            own = {
                path
                for definition_id, path in reading.parts.breakdown_keys
                if definition_id == report.definition_id
            }
            found = own if found is None else found & own
        model = reports[0].model_name if reports else ""
        return [[path, self._field_label(model, path)] for path in sorted(found or ())]

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
        if report.id not in reading.positions or reading.options.start:
            return False
        group, _row, _place = reading.positions[report.id]
        stop = report.current_period_stop
        current = group.current
        if group.grain != report.frequency:
            current = group.find_period(report.frequency, group.today)
        return bool(stop) and stop < current.start

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
            reading.built_kpis[report.id] = self._build_kpi(report, reading)
        return reading.built_kpis[report.id]

    @api.model
    def _build_kpi(self, report, reading):
        group, row, place = reading.positions[report.id]
        value, previous = (self._value(report, reading, back) for back in (0, 1))
        due = group.criteria[row]
        recorded_at, who = reading.get_last_entry(report)
        whole = due["target"]
        return {
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
            "year_before": self._year_before(report, reading),
            "achievement": group.achievements[row],
            "status": group.statuses[row][place],
            "band": group.bands[row],
            "is_running": group.today in group.periods[place],
            "direction": report.direction,
            "aggregation_time": report.aggregation_time,
            "last_measured_at": recorded_at and recorded_at.isoformat() + "Z" or None,
            "who": who,
            "period": {
                "start": group.periods[place].start.isoformat(),
                "label": group.label(place),
            },
            "sparkline": self._sparkline(report, reading),
        }

    @api.model
    def _year_before(self, report, reading):
        group, row, place = reading.positions[report.id]
        at = group.year_before(place)
        return None if at is None else group.values[row][at]

    @api.model
    def _sparkline(self, report, reading):
        group, row, place = reading.positions[report.id]
        places = range(max(0, place - SPARKLINE_PERIODS + 1), place + 1)
        shown = slice(places.start, places.stop)
        points = [
            {"label": label, "value": value, "target": target}
            for label, value, target in zip(
                group.labels_of(places),
                group.values[row][shown],
                group.targets[row][shown],
                strict=True,
            )
        ]
        if report.direction == "range":
            targets = group.series.targets
            ends = (
                as_json_numbers(end[row, shown]) for end in (targets.low, targets.high)
            )
            for point, low, high in zip(points, *ends, strict=True):
                point.update(low=low, high=high)
        return {"running": group.today in group.periods[place], "points": points}

    @api.model
    def _one(self, tile, reading):
        """The KPI of a tile that shows one.

        :raises UserError: it has no such periods
        """
        return self._find_measured_reports(tile, reading)[0]

    @api.model
    def _one_of(self, report, tile, reading):
        """Which of several KPIs a tile shows that has room for one."""
        count = len(reading.reports_of(tile))
        if count == 1:
            return ""
        return self.env._(
            "Showing %(kpi)s, the first of %(count)s.",
            kpi=self._series_name(report, tile, reading),
            count=count,
        )

    @api.model
    def _no_value(self, report, reading):
        """Why there is no number, in a sentence."""
        group, _row, place = reading.positions[report.id]
        return report.computation_error or self.env._(
            "No value for %s.", group.label(place)
        )

    @api.model
    def _body_gauge(self, tile, reading):
        report = self._one(tile, reading)
        kpi = self._kpi(report, reading)
        if not kpi["has_value"]:
            message = self._no_value(report, reading)
            return {"state": "no_data", "message": message, "kpi": kpi, "gauge": False}
        return {
            "kpi": kpi,
            "gauge": self._gauge(report, kpi, tile, reading),
            "message": self._one_of(report, tile, reading),
        }

    @api.model
    def _gauge(self, report, kpi, tile, reading):
        group, row, _place = reading.positions[report.id]
        judged = group.criteria[row]
        aim = Aim(
            kpi["direction"],
            *(judged[f"due_{name}"] for name in ("target", "baseline", "low", "high")),
        )
        points = kpi["sparkline"]["points"][:-1]
        drawn = reading.gauge_of(tile, report)._drawing(
            aim,
            self.env["kpi.report"]._zones_of_status(judged),
            value=kpi["value"],
            whole=judged["target"],
            previous=kpi["previous"],
            earlier=[each["value"] for each in points if each["value"] is not None],
        )
        return drawn and {**drawn, "who": kpi["who"]}

    @api.model
    def _body_card(self, tile, reading):
        """A card by its style: the method ``_card_<style>``."""
        card = {
            "style": tile["card_style"],
            "icon": tile["icon_type"],
            "comparisons": self._list_comparisons(tile, reading),
        }
        body = getattr(self, f"_card_{tile['card_style']}")(tile, reading)
        return {**body, "card": {**card, **body.get("card", {})}}

    @api.model
    def _list_comparisons(self, tile, reading):
        """What a card compares its number with: in time, as the dashboard is asked to.

        A card that compares with no other period is left so.
        """
        earlier = [
            name
            for name, field in (
                ("previous", "show_previous"),
                ("year", "show_last_year"),
            )
            if tile[field]
        ]
        if earlier and reading.options.comparison != "previous":
            chosen = reading.options.comparison
            earlier = [] if chosen == "none" else [chosen]
        return [*earlier, *(["target"] if tile["show_target"] else [])]

    @api.model
    def _card_metric(self, tile, reading):
        report = self._one(tile, reading)
        kpi = self._kpi(report, reading)
        if kpi["has_value"]:
            return {"kpi": kpi, "message": self._one_of(report, tile, reading)}
        message = self._no_value(report, reading)
        return {"state": "no_data", "message": message, "kpi": kpi}

    _card_trend = _card_metric

    @api.model
    def _card_comparison(self, tile, reading):
        """KPIs ranked by their values, the best first; those without come last.

        Several KPIs stand in the order of the tile: they are no better than each other.
        """
        reports = self._find_measured_reports(tile, reading)
        names = self._get_ranking_names(reports, reading)
        rows = [
            {**self._kpi(one, reading), "label": name}
            for one, name in zip(reports, names, strict=True)
        ]
        is_ranked = len({one.definition_id for one in reports}) == 1
        if is_ranked:
            rows.sort(key=_rank)
        message = ""
        if len(rows) > MOST_RANKED:
            message = self.env._(
                "%(shown)s of %(count)s are shown.", shown=MOST_RANKED, count=len(rows)
            )
        has_any = any(row["has_value"] for row in rows)
        return {
            "state": "ok" if has_any else "no_data",
            "message": message,
            "card": {"is_ranked": is_ranked, "rows": rows[:MOST_RANKED]},
        }

    @api.model
    def _get_ranking_names(self, reports, reading):
        """What tells the rows from each other: whom they are for, the KPI, or both."""
        kpis = {one.definition_id for one in reports}
        scopes = {one.scope for one in reports}
        if len(kpis) == 1:
            return [self._scope_name(one, reading) or one.name for one in reports]
        if len(scopes) == 1:
            return [one.kpi_name for one in reports]
        return [one.name for one in reports]

    @api.model
    def _card_alert(self, tile, reading):
        ids = [report.id for report in reading.reports_of(tile)]
        reports = self.env["kpi.report"].browse(ids)
        items = self.env["kpi.home"]._alert_items(reports)
        return {"card": {"items": items[:MOST_RANKED], "count": len(items)}}

    @api.model
    def _body_text(self, tile, reading):
        return {"html": tile["text"] or ""}

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


def _rank(kpi):
    """Best first; a range by its achievement."""
    if not kpi["has_value"]:
        return 1, 0.0
    if kpi["direction"] == "range":
        return 0, -(kpi["achievement"] or 0.0)
    return 0, kpi["value"] if kpi["direction"] == "lower" else -kpi["value"]
