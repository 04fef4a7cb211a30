from datetime import UTC, datetime
from functools import cache
from itertools import chain
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_date, format_duration

from odoo.addons.kpi_base.engine.worktime import to_instants

from ...engine.statement import list_intervals


class KpiTatLevel(models.Model):
    """What a clock shows now, and why: every stretch, counted or not."""

    _inherit = "kpi.tat.level"

    tat_hours_allocated = fields.Float(
        "Hours Allowed", compute="_compute_hours", exportable=False
    )
    tat_hours_elapsed = fields.Float(
        "Hours Elapsed", compute="_compute_hours", exportable=False
    )
    tat_hours_remaining = fields.Float(
        "Hours Left", compute="_compute_hours", exportable=False
    )
    elapsed_percent = fields.Float(
        "Time Used", compute="_compute_hours", exportable=False
    )
    statement = fields.Html(
        "Clock Statement",
        compute="_compute_statement",
        sanitize=False,
        exportable=False,
    )

    @api.depends(
        "tat_start_time", "stopped_at", "allowed_seconds", "elapsed_before", "clock"
    )
    def _compute_hours(self):
        now = fields.Datetime.now()
        for row in self:
            # What a clock counts by is no secret to who sees it.
            reading = row.tat_start_time and row.sudo()._read_now(now)
            row.tat_hours_allocated = reading and reading.allowed / 3600
            row.tat_hours_elapsed = reading and reading.elapsed / 3600
            row.tat_hours_remaining = reading and reading.remaining / 3600
            row.elapsed_percent = reading and reading.percent

    def get_statement(self):
        """Tell every stretch of this clock up to now, or until it was stopped.

        :return: list of dicts in order: ``date_from`` and ``date_to`` (UTC), ``kind``,
            ``label`` and ``seconds`` that count; these add up to what the clock shows
        """
        self.ensure_one()
        self.check_access("read")
        return [
            {
                "date_from": datetime.fromtimestamp(one.start, UTC).isoformat(),
                "date_to": datetime.fromtimestamp(one.stop, UTC).isoformat(),
                "kind": one.kind,
                "label": self._get_kind_labels()[one.kind],
                "seconds": one.seconds,
            }
            for one in self._list_intervals()
        ]

    def _list_intervals(self):
        if not self.tat_start_time:
            return []
        # What a clock counts by is no secret to who sees it.
        row = self.sudo()
        return list_intervals(
            row.calendar_id._get_timeline(), row._build_clock(), self._get_last_moment()
        )

    def _get_last_moment(self):
        """The instant up to which this clock has counted: now, or when it stopped."""
        return int(to_instants([self.stopped_at or fields.Datetime.now()])[0])

    @api.depends("tat_start_time", "stopped_at", "elapsed_before", "clock")
    def _compute_statement(self):
        statements = self._write_statements()
        for row in self:
            row.statement = statements[row.id]

    def _write_statements(self):
        """Id → the stretches of each of these clocks, as ``_write_tables`` does."""
        tables = self._write_tables([row._list_intervals() for row in self])
        return dict(zip(self.ids, tables, strict=True))

    @api.model
    def _write_tables(self, clocks):
        """Stretches of each clock as a table in the reader's zone; False: it has none.

        :param clocks: lists as ``_list_intervals`` makes them
        """
        labels = self._get_kind_labels()
        # Most stretches end where those of other clocks do: at the end of work.
        say_moment = cache(self._say_moment)
        heads = (
            self.env._("From (%s)", self._get_zone()),
            self.env._("To"),
            self.env._("Reason"),
            self.env._("Counted"),
            self.env._("Counted in total"),
        )
        tables = []
        for intervals in clocks:
            lines = [
                (
                    say_moment(one.start) if one.kind != "taken_over" else "",
                    say_moment(one.stop) if one.kind != "taken_over" else "",
                    labels[one.kind],
                    say_seconds(one.seconds) if one.seconds else "–",
                )
                for one in intervals
            ]
            total = say_seconds(sum(one.seconds for one in intervals))
            tables.append(bool(lines) and write_table(heads, lines, total))
        return tables

    def _say_moment(self, instant):
        local = datetime.fromtimestamp(instant, ZoneInfo(self._get_zone()))
        day = format_date(self.env, local.date(), date_format="EEE d MMM")
        return f"{day}, {local:%H:%M:%S}".removesuffix(":00")

    def _get_zone(self):
        return self.env.user.tz or self.env.company.partner_id.tz or "UTC"

    def _get_kind_labels(self):
        return {
            "counted": self.env._("Counted"),
            "held": self.env._("On hold"),
            "leave": self.env._("Leave or public holiday"),
            "closed": self.env._("Outside working hours"),
            "taken_over": self.env._("Counted before"),
        }


def say_seconds(seconds):
    """Hours, minutes and seconds: 3:05, or 3:05:09 where there are seconds."""
    text = format_duration(seconds // 60 / 60)
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def write_table(heads, lines, total):
    """An HTML table of lines of four texts, with the total below the last."""
    cells = "<td>%s</td><td>%s</td><td>%s</td><td class='text-end'>%s</td>"
    rows = f"<tr>{cells}</tr>" * len(lines)
    return Markup(
        "<table class='table table-sm'><thead><tr><th>%s</th><th>%s</th><th>%s</th>"
        f"<th class='text-end'>%s</th></tr></thead><tbody>{rows}</tbody><tfoot><tr>"
        "<th colspan='3'>%s</th><th class='text-end'>%s</th></tr></tfoot></table>"
    ) % (*heads[:4], *chain.from_iterable(lines), heads[4], total)
