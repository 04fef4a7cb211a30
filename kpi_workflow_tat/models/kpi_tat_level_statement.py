from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_duration

from odoo.addons.kpi_base.engine import formatting
from odoo.addons.kpi_base.engine.worktime import Timeline
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_moment, reader_table

from ..engine.clock import plan_clock, read_clock
from ..engine.sentence import say_duration
from ..engine.statement import list_intervals
from ..html_table import write_table
from .kpi_tat_level import OPEN, to_instant, to_moment

CLASSES = ("", "", "", "text-end")
COMPARED = {
    ">": lambda risk, value: risk > value,
    ">=": lambda risk, value: risk >= value,
    "<": lambda risk, value: risk < value,
    "<=": lambda risk, value: risk <= value,
}


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
    breach_risk = OptionalFloat(
        "Risk",
        compute="_compute_breach_risk",
        search="_search_breach_risk",
        exportable=False,
        aggregator=None,
        help="Overdue share among similar past levels that waited this long. Blank "
        "without enough evidence.",
    )
    breach_risk_note = fields.Text(
        "Risk Explanation", compute="_compute_breach_risk", exportable=False
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
        return to_instant(self.stopped_at or fields.Datetime.now())

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
        """Intervals of each clock as a table in the reader's zone; False: no table."""
        labels = self._get_kind_labels()
        zone = ZoneInfo(self._get_zone())

        table, today = reader_table(self.env), fields.Date.context_today(self)

        @cache
        def say_moment(instant):
            # Most stretches end where those of other clocks do: at the end of work.
            local = datetime.fromtimestamp(instant, zone)
            return formatting.moment(
                table, local, today, form="weekday", with_seconds=local.second > 0
            )

        heads = (
            self.env._("From (%s)", self._get_zone()),
            self.env._("To"),
            self.env._("Reason"),
            self.env._("Counted"),
        )
        foot, tables = self.env._("Total counted"), []
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
            tables.append(
                bool(lines)
                and write_table(heads, lines, classes=CLASSES, foot=(foot, total))
            )
        return tables

    def _get_zone(self):
        return self.env.user.tz or self.env.company.partner_id.tz or "UTC"

    def _get_kind_labels(self):
        return {
            "counted": self.env._("Counted"),
            "held": self.env._("On hold"),
            "leave": self.env._("Leave or public holiday"),
            "closed": self.env._("Outside working hours"),
            "taken_over": self.env._("Counted earlier"),
        }

    def _correct(self, change):
        """Change what these clocks count by, and store what they show since.

        :param change: does it, without arguments
        :return: list of dicts, one for each clock that shows something else: ``row``,
            and ``before`` and ``after`` of ``elapsed`` and ``allowed`` seconds and
            ``due_at``
        """
        now = fields.Datetime.now()
        before = {row: row._read_state(now) for row in self}
        change()
        for row in self:
            row._store_correction(now, before[row])
        after = {row: row._read_state(now) for row in self}
        self.env["kpi.timer"]._notify()
        return [
            {"row": row, "before": before[row], "after": after[row]}
            for row in self
            if before[row] != after[row]
        ]

    def _read_state(self, now):
        return describe_state(self._read_now(now), self.due_at)

    def _store_correction(self, now, before):
        """Store what this clock shows by what it counts by now.

        A breach goes only where the correction undoes it: one of before the time
        allowed was changed, or of whoever had the level before, stays.
        """
        reading = self._read_now(now)
        # What a correction changes before a claim is the group's time. Where the clock
        # was planned anew since, what came before cannot change.
        if self.claimed_at and self.claimed_at >= self.tat_start_time:
            elapsed = self._read_now(self.claimed_at).elapsed
            self.taken_over_seconds = max(0, elapsed - self.own_before)
        was_breached = before["elapsed"] > before["allowed"]
        if was_breached and not reading.is_breached:
            self.tat_breached = False
        if self._filter_open():
            self._plan()
            return
        clock = self._build_clock()
        stop = to_instant(self.stopped_at)
        pauses = tuple(pause for pause in clock.pauses if pause.start < stop)
        _thresholds, values = self._prepare_plan(replace(clock, pauses=pauses))
        self.write(
            {
                **values,
                "elapsed_seconds": reading.elapsed,
                "tat_breached": reading.is_breached or self.tat_breached,
                "own_seconds": self._count_own(reading.elapsed),
            }
        )
        if self.decided_at:
            alerts = self._get_current_alerts()
            alerts.was_completed_on_time = not reading.is_breached

    def _prepare_recomputed(self, *, with_hours, with_allowance):
        """What this clock counts by, by its calendars and template as they are now.

        :return: triple of the ``WorkCalendar`` with its name (None: as it is), and the
            values of the template (empty: as they are)
        """
        self.ensure_one()
        request = self.request_id
        hours = None
        if with_hours and self.tat_start_time:
            hours = self.env["kpi.tat.calendar"]._choose_hours(
                self.approver_id, *request._get_rules(), self.tat_start_time
            )
        levels = request.template_id.level_ids.sorted()
        level = levels[self.level_number - 1 : self.level_number]
        values = {}
        if with_allowance and level:
            names = ("tat_hours_standard", "tat_hours_express", "timeout_action")
            values = {name: level[name] for name in names}
            values["reminder_percents"] = request.template_id.reminder_percents
        return hours, values

    def _preview_recomputed(self, **rules):
        """What ``_recompute`` would return; nothing changes."""
        now, changes = fields.Datetime.now(), []
        for row in self._filter_open():
            hours, values = row._prepare_recomputed(**rules)
            clock = row._build_clock()
            if values:
                clock = replace(clock, allowed=row._count_promised(values))
            timeline = Timeline(hours[0]) if hours else row.calendar_id._get_timeline()
            reading = read_clock(timeline, clock, to_instant(now))
            due_at = to_moment(plan_clock(timeline, clock).due_at)
            before, after = row._read_state(now), describe_state(reading, due_at)
            if before != after:
                changes.append({"row": row, "before": before, "after": after})
        return changes

    def _recompute(self, **rules):
        """Count those that run, or will, by calendars and template as they are now."""
        rows = self.filtered(lambda row: row.clock != "stopped")
        prepared = {row: row._prepare_recomputed(**rules) for row in rows}

        def change():
            for row, (hours, values) in prepared.items():
                if hours:
                    row.calendar_id = row.calendar_id._get_stored(*hours)
                row.write(values)
                if values and row.tat_start_time:
                    row.allowed_seconds = row._count_promised()

        return rows._filter_open()._correct(change)

    def _write_corrections(self, changes):
        """What was corrected, as a table for the chatter and dialogs."""
        if not changes:
            return Markup("<p>%s</p>") % self.env._("No clocks changed.")
        heads = self.env._("Approver"), self.env._("Before"), self.env._("After")
        rows = [
            (one["row"].approver_id.name, *map(self._say_state, states))
            for one in changes
            for states in [(one["before"], one["after"])]
        ]
        return write_table(heads, rows)

    def _say_state(self, state):
        text = self.env._(
            "%(elapsed)s of %(allowed)s",
            elapsed=say_duration(state["elapsed"]),
            allowed=say_duration(state["allowed"]),
        )
        if not state["due_at"]:
            return text
        due = format_moment(self.env, fields.Datetime.to_datetime(state["due_at"]))
        return self.env._("%(text)s, due %(due)s", text=text, due=due)

    @api.depends_context("lang")
    @api.depends("clock", "tat_breached", "tat_hours_elapsed", "tat_hours_allocated")
    def _compute_breach_risk(self):
        open_rows = self.filtered(
            lambda row: row.clock in OPEN and not row.tat_breached
        )
        (self - open_rows).update({"breach_risk": False, "breach_risk_note": False})
        for row, (risk, own) in open_rows._predict_risks().items():
            row.breach_risk = False if own is None else own
            row.breach_risk_note = risk.explanation
            if not risk:
                row.breach_risk_note = self.env._(
                    "Not shown: no similar past levels yet. Updated nightly."
                )
            elif risk.is_shown and own is None:
                row.breach_risk_note = self.env._(
                    "Not shown: too few past levels waited this long."
                )

    @api.model
    def _is_risk_known(self):
        """Check whether enough has happened that the risk of anything is shown."""
        # Whether there is one is no secret.
        risks = self.env["kpi.tat.risk"].sudo()
        return bool(risks.search_count([("is_shown", "=", True)], limit=1))

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._is_risk_known())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Leave the column of the risk out of lists as long as it would be empty."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not self._is_risk_known():
            for node in arch.xpath("//field[@name='breach_risk']"):
                node.getparent().remove(node)
        return arch, view

    def _predict_risks(self):
        """Clock → what is known of levels like it, empty: nothing; and its risk.

        The risk is None where none is told. Those of a kind are predicted at once.
        """
        # Whoever sees a clock sees how likely it is overdue, not what that comes from.
        own = self.sudo()
        risks = own.env["kpi.tat.risk"].search(
            [
                ("company_id", "in", own.company_id.ids),
                ("template_id", "in", own.request_id.template_id.ids),
            ]
        )
        known = {
            (one.company_id, one.template_id, one.level_number, one.priority): one
            for one in risks
        }

        def find_known(row):
            # As above.
            request = row.sudo().request_id
            kind = request.company_id, request.template_id, row.level_number
            return known.get((*kind, request.priority), risks.browse())

        return {
            row: (risk, predicted)
            for risk, rows in self.grouped(find_known).items()
            for row, predicted in zip(
                rows,
                risk._predict(
                    [round(row.tat_hours_elapsed * 3600) for row in rows],
                    [round(row.tat_hours_allocated * 3600) for row in rows],
                ),
                strict=True,
            )
        }

    @api.model
    def _search_breach_risk(self, operator, value):
        if operator not in COMPARED:
            return NotImplemented
        # Open clocks of the kinds whose risk is shown; of others there is none. Which
        # kinds there are is no secret.
        shown = self.env["kpi.tat.risk"].sudo().search([("is_shown", "=", True)])
        kinds = Domain.OR(
            Domain("company_id", "=", one.company_id.id)
            & Domain("request_id.template_id", "=", one.template_id.id)
            & Domain("request_id.priority", "=", one.priority)
            & Domain("level_number", "=", one.level_number)
            for one in shown
        )
        is_open = Domain("clock", "in", OPEN) & Domain("tat_breached", "=", False)
        rows, compare = self.search(kinds & is_open), COMPARED[operator]
        found = [
            row.id
            for row, (_risk, predicted) in rows._predict_risks().items()
            if predicted is not None and compare(predicted, value)
        ]
        return [("id", "in", found)]


def describe_state(reading, due_at):
    """What a clock shows, and when it is due, as the audit log has it."""
    due_at = fields.Datetime.to_string(due_at) if due_at else None
    return {"elapsed": reading.elapsed, "allowed": reading.allowed, "due_at": due_at}


def say_seconds(seconds):
    """Hours, minutes and seconds: 3:05, or 3:05:09 where there are seconds."""
    text = format_duration(seconds // 60 / 60)
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text
