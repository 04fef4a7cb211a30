from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.message import Line
from odoo.addons.kpi_tracking_dashboard.engine.drawing.charts import draw_line
from odoo.addons.kpi_tracking_dashboard.engine.drawing.payload import (
    ChartTile,
    PayloadError,
    Series,
)
from odoo.addons.kpi_tracking_dashboard.engine.output.reading import add_ticks
from odoo.addons.kpi_tracking_dashboard.models.output.kpi_dashboard_records import (
    MAIL_WIDTH,
    ZOOM,
    painter,
)

MOST_PERIODS = 12
MOST_PARTS = 3


class KpiAlertEvent(models.Model):
    """The chart of an alert, and what moved its KPI, as the reader may see them."""

    _inherit = "kpi.alert.event"

    def _draw_chart(self, zoom=ZOOM):
        """The last periods with their targets, up to the one that was judged.

        :param zoom: pixels of the file for each of the drawing
        :return: PNG, None where nothing paints it, and the same in words
        """
        try:
            chart = self._build_chart()
        except PayloadError:
            return None, ""
        if not chart:
            return None, ""
        dashboards = self.env["kpi.dashboard"]
        text = f"{chart.title}: {'; '.join(self._say_points(chart))}"
        if not painter():
            return None, text
        return dashboards._paint(draw_line(chart).as_svg(), MAIL_WIDTH, zoom), text

    def _build_chart(self):
        """``ChartTile`` of the KPI; None where it has no values any more."""
        last = fields.Date.to_string(self.period_start)
        points = self.report_id._history_points(self.grain)
        points = [each for each in points if each["start"] <= last][-MOST_PERIODS:]
        values = tuple(each["value"] for each in points)
        if not any(value is not None for value in values):
            return None
        reader = self.env["kpi.dashboard"]._reader()
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.report_id.sudo()
        unit = reader.unit(kpi.definition_id._unit_description())
        texts = tuple(
            "" if value is None else reader.text.short(value, unit) for value in values
        )
        judged = (None,) * (len(values) - 1) + values[-1:]
        targets = tuple(each["target"] for each in points)
        is_judged = points[-1]["start"] == last and values[-1] is not None
        marked = Series(self.period_label or points[-1]["label"], judged, texts)
        chart = ChartTile(
            title=kpi.name,
            categories=tuple(each["label"] for each in points),
            series=(
                Series(self.env._("Value"), values, texts),
                *([marked] if is_judged else ()),
            ),
            targets=targets if any(t is not None for t in targets) else (),
            targets_name=self.env._("Target"),
            is_running=points[-1]["running"],
        )
        return add_ticks(chart, unit, reader, has_zero=False)

    def _say_points(self, chart):
        return [
            f"{category} {text}"
            for category, text in zip(
                chart.categories, chart.series[0].texts, strict=True
            )
            if text
        ]

    def _describe_parts_line(self):
        """The largest parts of the last change, as a ``Line`` of their own; or none."""
        calendar = self.report_id.sudo().definition_id.calendar_id  # known to readers
        before = calendar._period(
            self.grain, self.period_start - timedelta(days=1)
        ).start
        if self.grain != self.report_id.frequency:
            return ()
        try:
            change = self.report_id.explain_change(before, self.period_start)
        except UserError:
            return ()
        if not change["parts"]:
            return ()
        facts = tuple(
            (part["label"], part["text"]) for part in change["parts"][:MOST_PARTS]
        )
        return (
            Line(self.env._("What changed most"), text=change["summary"], facts=facts),
        )
