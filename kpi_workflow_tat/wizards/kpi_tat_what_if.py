from odoo import api, fields, models

from odoo.addons.kpi_base.engine.worktime import Timeline, WorkTimeError, to_instants

from ..engine.clock import Pause, plan_clock
from ..engine.sentence import say_duration
from ..engine.statement import ask_what_if, list_intervals, put_under


class KpiTatWhatIf(models.TransientModel):
    """Shows a clock by other working hours or with another pause; changes nothing."""

    _name = "kpi.tat.what.if"
    _description = "What If"

    level_id = fields.Many2one("kpi.tat.level", required=True)
    calendar_id = fields.Many2one(
        "resource.calendar", "Working Hours", help="Empty: those that count now."
    )
    pause_from = fields.Datetime("Paused From")
    pause_to = fields.Datetime("Paused Until")
    elapsed_now = fields.Char("Elapsed", compute="_compute_answer")
    elapsed_then = fields.Char(compute="_compute_answer")
    due_now = fields.Datetime("Due", compute="_compute_answer")
    due_then = fields.Datetime(compute="_compute_answer")
    is_overdue_now = fields.Boolean(compute="_compute_answer")
    is_overdue_then = fields.Boolean(compute="_compute_answer")
    message = fields.Char(compute="_compute_answer")
    statement = fields.Html(compute="_compute_answer", sanitize=False)

    @api.depends_context("lang", "tz", "uid")
    @api.depends("level_id", "calendar_id", "pause_from", "pause_to")
    def _compute_answer(self):
        for dialog in self:
            dialog.update(dialog._prepare_answer())

    def _prepare_answer(self):
        answer = {
            "elapsed_now": False,
            "elapsed_then": False,
            "due_now": False,
            "due_then": False,
            "is_overdue_now": False,
            "is_overdue_then": False,
            "message": False,
            "statement": False,
        }
        level = self.level_id
        level.check_access("read")
        self.calendar_id.check_access("read")
        if not level.tat_start_time:
            return {**answer, "message": self.env._("This clock has not begun.")}
        try:
            return {**answer, **self._compare()}
        except WorkTimeError as error:
            return {**answer, "message": str(error)}

    def _compare(self):
        # What a clock counts by is no secret to who sees it, as was checked above.
        level = self.level_id.sudo()
        clock, stored = level._build_clock(), level.calendar_id._get_timeline()
        other = self._get_timeline() or stored
        moment = self.level_id._get_last_moment()
        pauses = self._list_pauses(moment)
        found = ask_what_if(
            stored, clock, moment, other_hours=other, more_pauses=pauses
        )
        then = put_under(clock, pauses)
        (statement,) = level._write_tables([list_intervals(other, then, moment)])
        return {
            "elapsed_now": say_duration(found.now.elapsed),
            "elapsed_then": say_duration(found.then.elapsed),
            "due_now": level._to_due(plan_clock(stored, clock)),
            "due_then": level._to_due(plan_clock(other, then)),
            "is_overdue_now": found.now.is_breached,
            "is_overdue_then": found.then.is_breached,
            "statement": statement,
        }

    def _get_timeline(self):
        """The other hours, with the leaves of who is asked; None: those stored."""
        if not self.calendar_id:
            return None
        return Timeline(
            self.level_id._read_hours(self.calendar_id, self.level_id.level_start_time)
        )

    def _list_pauses(self, moment):
        """:raises WorkTimeError: it ends before it begins"""
        if not self.pause_from:
            return ()
        (start,) = to_instants([self.pause_from]).tolist()
        stop = moment
        if self.pause_to:
            (stop,) = to_instants([self.pause_to]).tolist()
        return (Pause(start, stop),)
