from datetime import timedelta

import numpy as np
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.number_text import round_half
from odoo.addons.kpi_base.engine.worktime import Timeline, WorkTimeError, to_instants
from odoo.addons.kpi_base.formatting import (
    format_number,
    format_percent,
    format_signed,
    format_significant,
)

from ..engine.calendar_text import read_calendar
from ..engine.staffing import Arrivals, estimate_handling, replay_queue
from ..html_table import write_table
from .kpi_tat_pending import WIDE

ENOUGH = 30  # decided requests
MOST = 20_000  # requests of a queue that are looked at, the latest
SEED = 19  # the same question gets the same answer
STAND_IN = 0.2  # who decides less than this part of an equal share only stands in
DECIDED = ("approved", "rejected", "returned")
CLASSES = ("", "text-end", "text-end", "w-25", WIDE)
BAR = (
    "<div class='d-flex align-items-center gap-2'>"
    "<span class='text-nowrap'>%s</span>"
    "<div class='progress flex-grow-1 d-none d-sm-flex' aria-hidden='true'>"
    "<div class='progress-bar' style='width:%s%%'></div></div></div>"
)


class KpiTatStaffing(models.TransientModel):
    """What if more or fewer people decided: a replay of what was asked.

    Everything is computed in the open form: nothing is stored, not even this.
    """

    _name = "kpi.tat.staffing"
    _description = "Staffing Simulation"

    template_id = fields.Many2one(
        "kpi.approval.workflow",
        default=lambda self: self._default_level().workflow_id,
        domain=[("workflow_type", "=", "request_template")],
    )
    level_id = fields.Many2one(
        "kpi.approval.level",
        default=lambda self: self._default_level(),
        compute="_compute_level_id",
        store=True,
        readonly=False,
        domain="[('workflow_id', '=', template_id)]",
    )
    days = fields.Selection(
        [
            ("30", "Last 30 Days"),
            ("90", "Last 90 Days"),
            ("180", "Last 180 Days"),
            ("365", "Last 365 Days"),
        ],
        "Period",
        required=True,
        default="90",
    )
    headline = fields.Char(compute="_compute_answer")
    answer = fields.Html(string="Result", compute="_compute_answer", sanitize=False)
    note = fields.Text(compute="_compute_answer")

    @api.model
    def _default_level(self):
        """The level that most requests came to lately."""
        since = fields.Datetime.now() - timedelta(days=90)
        counts = self.env["kpi.tat.level"]._read_group(
            [("level_start_time", ">=", since), ("request_id.is_test", "=", False)],
            ["step_id.workflow_id", "level_number"],
            ["__count"],
            order="__count desc",
        )
        for workflow, number, _count in counts:
            level = workflow.level_ids.sorted()[number - 1 : number]
            if level.rule == "any":
                return level
        return self.env["kpi.approval.level"]

    @api.depends("template_id")
    def _compute_level_id(self):
        for one in self:
            if one.level_id.workflow_id != one.template_id:
                one.level_id = one.template_id.level_ids.sorted()[:1]

    @api.depends("level_id", "days")
    def _compute_answer(self):
        for one in self:
            one.update({"headline": False, "answer": False, "note": False})
            one.update(one._find_answer())

    def _find_answer(self):
        """Values of the answer; a sentence that says why where there is none."""
        if not self.level_id:
            return {"headline": self.env._("Choose a template and a level.")}
        if self.level_id.rule != "any":
            return {
                "headline": self.env._(
                    "More approvers do not speed up a level that needs several "
                    "approvals."
                )
            }
        past = self._read_past()
        decided = past.filtered(lambda row: row.decision in DECIDED and row.decided_at)
        if len(decided) < ENOUGH:
            return {
                "headline": self.env._(
                    "Needs %(needed)s decided requests; %(count)s in this period. "
                    "Choose a longer period.",
                    count=len(decided),
                    needed=ENOUGH,
                )
            }
        try:
            return self._replay(past, decided)
        except WorkTimeError as error:
            return {"headline": str(error)}

    def _read_past(self):
        """Clocks that began on this level in the period, as the user may see them."""
        numbers = self.level_id.workflow_id.level_ids.sorted().ids
        since = fields.Datetime.now() - timedelta(days=int(self.days))
        domain = Domain("request_id.template_id", "=", self.template_id._origin.id)
        domain &= Domain(
            "level_number", "=", numbers.index(self.level_id._origin.id) + 1
        )
        domain &= Domain("level_start_time", ">=", since)
        domain &= Domain("request_id.is_test", "=", False)
        domain &= Domain("company_id", "=", self.env.company.id)
        rows = self.env["kpi.tat.level"]
        return rows.search(domain, order="level_start_time desc, id", limit=MOST)

    def _replay(self, past, decided):
        timeline = self._get_timeline(past)
        counts = [len(rows) for rows in decided.grouped("approver_id").values()]
        fair = len(decided) / len(counts)
        team = sum(count >= STAND_IN * fair for count in counts)
        handling = self._measure_handling(timeline, decided)
        staffings = range(max(1, team - 1), team + 3)
        replays = replay_queue(
            timeline,
            self._collect_arrivals(past),
            handling,
            staffings,
            np.random.default_rng(SEED),
        )
        by_size = {one.approvers: one for one in replays}
        measured = np.median([row.elapsed_seconds for row in decided])
        return {
            "headline": self._say_headline(by_size[team], by_size[team + 1]),
            "answer": self._write_table(replays, team),
            "note": self._explain(decided, measured, by_size[team]),
        }

    @staticmethod
    def _collect_arrivals(past):
        """Requests in the order asked: one of each, whoever of a group has a clock."""
        first = {}
        for row in past.sorted(lambda one: (one.level_start_time, one.id)):
            first.setdefault((row.request_id, row.attempt), row)
        rows = list(first.values())
        return Arrivals(
            to_instants([row.level_start_time for row in rows]),
            np.array([row.allowed_seconds for row in rows]),
            np.array([row.request_id.priority == "express" for row in rows]),
        )

    def _get_timeline(self, past):
        """Working hours that most standard requests counted by, else the company's."""
        # What clocks count by is no secret to who sees them.
        rows = past.sudo().filtered(lambda row: row.request_id.priority == "standard")
        groups = rows.grouped("calendar_id")
        if groups:
            most = max(groups, key=lambda calendar: len(groups[calendar]))
            return Timeline(read_calendar(most.hours))
        first = min(past.mapped("level_start_time")).date()
        # Hours of work are no secret.
        hours = self.env.company.resource_calendar_id.sudo()
        return Timeline(hours._kpi_work_calendar(first - timedelta(days=1)))

    def _measure_handling(self, timeline, decided):
        """Working seconds of each decision, from when it was asked for or claimed.

        What the approvers decided on other levels meanwhile is not counted.
        """
        people = decided.approver_id
        since = min(decided.mapped("level_start_time"))
        others = self.env["kpi.tat.level"].search(
            [
                ("approver_id", "in", people.ids),
                ("decided_at", ">=", since),
                ("id", "not in", decided.ids),
                ("request_id.is_test", "=", False),
            ],
            limit=MOST,
        )
        rows = decided + others.filtered("level_start_time")
        handling = estimate_handling(
            timeline.seconds_until(
                to_instants([row.claimed_at or row.level_start_time for row in rows])
            ),
            timeline.seconds_until(to_instants(rows.mapped("decided_at"))),
            np.array([row.approver_id.id for row in rows]),
        )
        return handling[: len(decided)]

    def _say_headline(self, now, more):
        return self.env._(
            "With one more approver, half the requests are decided within "
            "%(median)s (now %(median_now)s), %(share)s on time (now "
            "%(share_now)s).",
            median=self._say_time(more.median),
            median_now=self._say_time(now.median),
            share=format_percent(self.env, more.in_time, 0),
            share_now=format_percent(self.env, now.in_time, 0),
        )

    def _write_table(self, replays, team):
        rows = [
            (
                self._name_team(one.approvers, team),
                self._say_time(one.median),
                self._say_time(one.p90),
                Markup(BAR)
                % (
                    format_percent(self.env, one.in_time, 0),
                    f"{round_half(100 * one.in_time, 0):.0f}",
                ),
                format_percent(self.env, one.busy, 0),
            )
            for one in replays
        ]
        heads = (
            self.env._("Approvers"),
            self.env._("Half within"),
            self.env._("%s within", format_percent(self.env, 0.9, 0)),
            self.env._("On time"),
            self.env._("Utilization"),
        )
        active = [one.approvers for one in replays].index(team)
        return write_table(heads, rows, classes=CLASSES, is_named=True, active=active)

    def _name_team(self, size, team):
        if size == team:
            return self.env._("%s (today)", size)
        more = format_number(self.env, abs(size - team), 0)
        more = format_signed(self.env, size - team, more)
        return self.env._("%(size)s (%(more)s)", size=size, more=more)

    def _explain(self, decided, measured, now):
        words = {
            "count": len(decided),
            "share": format_percent(self.env, 0.9, 0),
            "measured": self._say_time(measured),
            "low": self._say_time(now.median_low),
            "high": self._say_time(now.median_high),
        }
        texts = [
            self.env._(
                "Replays past requests in working hours with the handling times of "
                "%(count)s decisions. Today's team: measured median %(measured)s; "
                "%(share)s of replayed medians are %(low)s to %(high)s.",
                **words,
            )
        ]
        if not now.median_low <= measured <= now.median_high:
            texts.append(
                self.env._(
                    "The replay differs from the measured times. Use it as a rough "
                    "guide."
                )
            )
        return "\n".join(texts)

    def _say_time(self, seconds):
        """Hours in three digits; minutes below one hour."""
        if seconds < 3600:
            return self.env._("%s min", round(seconds / 60))
        hours = seconds / 3600
        return self.env._("%s h", format_significant(self.env, hours, 3))
