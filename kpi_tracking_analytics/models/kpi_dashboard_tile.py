from datetime import date

from odoo import api, fields, models

from ..analytics.expected import as_arrays, list_coming

LINES = ("line", "area")


class KpiDashboardTile(models.Model):
    """Lines, areas and trends that go on with what is expected of their KPIs."""

    _inherit = "kpi.dashboard.tile"

    show_expected = fields.Boolean(
        "Show Forecast",
        help="Extends the line with the forecast and its 80% range.",
    )
    card_style = fields.Selection(related="card_id.card_style")

    @api.model
    def _list_options(self):
        return [*super()._list_options(), "show_expected"]

    @api.model
    def _build_series_body(self, tile, reading):
        """As before; in a chart that goes on ``coming`` names the periods after its
        last one, and ``expected`` of a series has their values and limits.
        """
        body = super()._build_series_body(tile, reading)
        is_line = tile["kind"] in LINES and not tile["breakdown"]
        if not tile["show_expected"] or not is_line or body["state"] != "ok":
            return body
        chart = body["chart"]
        ids = [each["report_id"] for each in chart["series"] if each["report_id"]]
        group = reading.positions[ids[0]][0]
        last = group.series.index_of[date.fromisoformat(chart["starts"][-1])]
        ahead = _look_ahead(ids, last, len(chart["starts"]), reading)
        if not ahead:
            return body
        coming, expected, is_stale = ahead
        series = [
            {**each, "expected": expected.get(each["report_id"])}
            for each in chart["series"]
        ]
        return {
            **body,
            "chart": {**chart, "coming": coming, "series": series},
            "is_expected_stale": is_stale,
        }

    @api.model
    def _card_trend(self, tile, reading):
        """As before; the sparkline goes on as a chart does."""
        body = super()._card_trend(tile, reading)
        if not tile["show_expected"] or body.get("state") == "no_data":
            return body
        kpi = body["kpi"]
        id_, sparkline = kpi["report_id"], kpi["sparkline"]
        place = reading.positions[id_][2]
        ahead = _look_ahead([id_], place, len(sparkline["points"]), reading)
        if not ahead:
            return body
        coming, expected, is_stale = ahead
        further = {"coming": coming, "expected": expected[id_]}
        return {
            **body,
            "kpi": {**kpi, "sparkline": {**sparkline, **further}},
            "is_expected_stale": is_stale,
        }


def _look_ahead(report_ids, last, shown, reading):
    """What is expected of KPIs after the periods that a chart shows of them.

    :param last: place of the last period shown
    :param shown: number of periods
    :return: ``categories`` and ``starts`` of these periods, id of a KPI → what is
        expected of it, as ``as_arrays`` gives it, and whether any of it is being
        updated; None where nothing is known, or an earlier period was asked for
    """
    group = reading.positions[report_ids[0]][0]
    period = group.periods[last]
    if reading.start and period.stop <= group.today:
        return None
    read = reading.read_once(_read_expected)
    known = {id_: read[id_] for id_ in report_ids if id_ in read}
    starts = [start for each in known.values() for start in each.points]
    coming = list_coming(group.spec, period, group.today, shown, starts)
    arrays = {
        id_: as_arrays(each.points, period, coming, group.today)
        for id_, each in known.items()
    }
    expected = {id_: found for id_, found in arrays.items() if found}
    if not expected:
        return None
    names = [group.name_period(each) for each in coming]
    starts = [each.start.isoformat() for each in coming]
    is_stale = any(known[id_].is_stale for id_ in expected)
    return {"categories": names, "starts": starts}, expected, is_stale


def _read_expected(reading):
    """What is expected of the KPIs of all tiles that go on with it, by id."""
    # Those shown in their own periods, which are forecast.
    ids = {
        report.id
        for tile in reading.tiles
        if tile["show_expected"]
        for report in reading.reports_of(tile)
        if report.id in reading.positions
        and reading.positions[report.id][0].grain == report.frequency
    }
    # Who sees a KPI sees what comes of it.
    points = reading.env["kpi.predictive.point"].sudo()
    return points._read_expected(ids) if ids else {}
