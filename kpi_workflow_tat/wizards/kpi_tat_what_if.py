from dataclasses import replace

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.worktime import Timeline, WorkTimeError

from ..engine.clock import Pause, plan_clock, read_clock
from ..engine.sentence import say_duration
from ..engine.statement import list_intervals
from ..models.kpi_tat_level import to_instant, to_moment


class KpiTatWhatIf(models.TransientModel):
    """Shows a clock by other working hours or with another pause; changes nothing."""

    _name = "kpi.tat.what.if"
    _description = "Simulate Clock"

    level_id = fields.Many2one("kpi.tat.level", required=True)
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        help="Leave empty to use the current working hours.",
    )
    pause_from = fields.Datetime("Paused From")
    pause_to = fields.Datetime("Paused Until")
    elapsed_now = fields.Char("Elapsed", compute="_compute_answer")
    elapsed_then = fields.Char(string="Elapsed (Simulated)", compute="_compute_answer")
    due_now = fields.Datetime("Due", compute="_compute_answer")
    due_then = fields.Datetime(string="Due (Simulated)", compute="_compute_answer")
    is_overdue_now = fields.Boolean(string="Overdue Now", compute="_compute_answer")
    is_overdue_then = fields.Boolean(
        string="Overdue (Simulated)", compute="_compute_answer"
    )
    message = fields.Char(compute="_compute_answer")
    statement = fields.Html(compute="_compute_answer", sanitize=False)

    @api.depends_context("lang", "tz", "uid")
    @api.depends("level_id", "calendar_id", "pause_from", "pause_to")
    def _compute_answer(self):
        for name, field in self._fields.items():
            if field.compute == "_compute_answer":
                self[name] = False
        for dialog in self:
            if not dialog.level_id.tat_start_time:
                dialog.message = self.env._("This clock has not started.")
                continue
            try:
                dialog.update(dialog._compare())
            except WorkTimeError as error:
                dialog.message = str(error)

    def _compare(self):
        # What a clock counts by is no secret to who sees it, as was checked above.
        level = self.level_id.sudo()
        clock, stored = level._build_clock(), level.calendar_id._get_timeline()
        other, moment = stored, level._get_last_moment()
        if self.calendar_id:
            # With the leaves of who is asked.
            calendars, start = level.env["kpi.tat.calendar"], level.level_start_time
            _own, person = calendars._find_hours(level.approver_id, level.company_id)
            other = Timeline(calendars._read_hours(self.calendar_id, person, start))
        changed, answer = clock, {}
        if self.pause_from:
            stop = to_instant(self.pause_to) if self.pause_to else moment
            pause = Pause(to_instant(self.pause_from), stop)
            changed = replace(clock, pauses=(*clock.pauses, pause))
        for end, hours, one in (("now", stored, clock), ("then", other, changed)):
            shown = read_clock(hours, one, moment)
            answer[f"elapsed_{end}"] = say_duration(shown.elapsed)
            answer[f"is_overdue_{end}"] = shown.is_breached
            answer[f"due_{end}"] = to_moment(plan_clock(hours, one).due_at)
        (statement,) = level._write_tables([list_intervals(other, changed, moment)])
        return {**answer, "statement": statement}
