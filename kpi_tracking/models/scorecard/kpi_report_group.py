import numpy as np

from odoo import Command, api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.fields import KnownFloat, RichText
from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing

from ...engine import status
from ...engine.scorecard import USUAL_CAP, change, weighted_achievement
from ...engine.status import ACHIEVEMENT_CAP
from ..definition.kpi_zones_mixin import STATUSES
from ..entry.kpi_entry_due import OPEN
from ..report.kpi_report import JUDGED
from ..report.kpi_report_values import HISTORY_PERIODS

SCORE_LABELS = [
    ("critical", "Critical"),
    ("poor", "Poor"),
    ("fair", "Fair"),
    ("good", "Good"),
    ("excellent", "Excellent"),
]

FIGURES = (  # which the engine writes
    "achievement distance_percent status score_label line_count value_count"
    " counted_count counted_weight current_period_stop last_measured_at"
).split()


def is_judged(group):
    """Return whether a scorecard has a weighted achievement."""
    return group.status in JUDGED


class KpiReportGroup(models.Model):
    """Scorecard: KPIs with weights, and the one figure that they add up to.

    The figure is stored on the record, so that lists sort and group by it;
    ``_refresh_current`` fills it from the stored achievements of the KPIs.
    """

    _name = "kpi.report.group"
    _description = "Scorecard"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "distance_percent desc, name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "code"]
    _mail_post_access = "read"
    _readable_by = ("company_id", "department_id", "member_ids", "owner_id")
    _editable_by = ("company_id", "department_id", "owner_id")

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(copy=False, help="Short name for imports, such as sales_q.")
    active = fields.Boolean(default=True, tracking=True)
    description = RichText(help=("Team goals and how the KPIs are weighted."))
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    department_id = fields.Many2one(
        "hr.department", index="btree_not_null", check_company=True, tracking=True
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        index="btree_not_null",
        tracking=True,
        default=lambda self: self.env.user,
    )
    member_ids = fields.Many2many(
        "res.users",
        "kpi_report_group_member_rel",
        string="Members",
        domain=[("share", "=", False)],
        check_company=True,
        help="Members see this scorecard and its total, but only the KPIs they "
        "have access to.",
    )
    line_ids = fields.One2many("kpi.report.group.line", "group_id", "KPIs", copy=True)
    frequency = fields.Selection(
        [
            ("day", "Daily"),
            ("week", "Weekly"),
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("year", "Yearly"),
        ],
        "Periods",
        required=True,
        default="month",
        help="Period length of the history.",
    )
    achievement_cap = fields.Float(
        "Cap (%)",
        default=USUAL_CAP,
        tracking=True,
        aggregator=False,
        help="Maximum achievement counted per KPI. At 100, KPIs above target do "
        "not offset KPIs below target.",
    )
    achievement = KnownFloat(
        "Weighted Achievement (%)",
        readonly=True,
        aggregator="avg",
        copy=False,
        known=is_judged,
    )
    distance_percent = fields.Float(
        "Distance to Target (%)",
        readonly=True,
        aggregator=False,
        copy=False,
        default=-1.0,
        help="0 means 100% reached; -1 means no KPI is counted.",
        exportable=False,
    )
    status = fields.Selection(
        STATUSES,
        readonly=True,
        copy=False,
        default="no_data",
        index=True,
        group_expand=True,
    )
    score_label = fields.Selection(SCORE_LABELS, "Rating", readonly=True, copy=False)
    line_count = fields.Integer(
        "KPIs Tracked", readonly=True, copy=False, aggregator=False
    )
    value_count = fields.Integer(
        "KPIs with a Value", readonly=True, copy=False, aggregator=False
    )
    counted_count = fields.Integer(
        "KPIs Included", readonly=True, copy=False, aggregator=False
    )
    counted_weight = fields.Float(
        readonly=True, copy=False, aggregator=False, exportable=False
    )
    current_period_stop = fields.Date(
        "Period End", readonly=True, copy=False, exportable=False
    )
    last_measured_at = fields.Datetime("Last Update", readonly=True, copy=False)
    is_running = fields.Boolean(
        compute="_compute_is_running", help="Includes a period that has not ended yet."
    )
    coverage = fields.Char("Based On", compute="_compute_coverage")
    hidden_count = fields.Integer(
        compute="_compute_hidden_count",
        help="Number of KPIs in the total that are hidden from you.",
        exportable=False,
    )
    largest_loss_line_id = fields.Many2one(
        "kpi.report.group.line",
        "Weakest KPI (Line)",
        compute="_compute_largest_loss_line_id",
        help=("KPI that costs the most points, among those you have access to."),
        exportable=False,
    )
    largest_loss_points = fields.Float(
        compute="_compute_largest_loss_line_id", exportable=False
    )
    largest_loss_name = fields.Char(
        "Weakest KPI",
        compute="_compute_largest_loss_line_id",
        help=("Name with the tracked level, unless it is the scorecard's department."),
    )
    due_count = fields.Integer("To Enter", compute="_compute_due")
    on_time_percent = fields.Float(
        "Entered on Time (%)",
        compute="_compute_due",
        help="Share of submitted or overdue entries that were submitted on time.",
    )
    has_on_time = fields.Boolean(compute="_compute_due")
    can_remind = fields.Boolean(compute="_compute_can_remind")
    has_trend = fields.Boolean(compute="_compute_trend")
    trend = KnownFloat(
        compute="_compute_trend",
        aggregator=False,
        known=lambda group: group.has_trend,
        help="Percentage-point change since the previous period, for KPIs with a "
        "status in both periods.",
    )

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "A scorecard with this code already exists in this company.",
    )
    _achievement_cap_range = models.Constraint(
        f"CHECK (achievement_cap BETWEEN 100 AND {int(ACHIEVEMENT_CAP)})",
        f"The cap must be between 100 and {int(ACHIEVEMENT_CAP)} percent.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        departments = self.env["hr.department"]
        for vals in vals_list:
            department = departments.browse(vals.get("department_id") or ())
            # Only its company; creating the scorecard checks the rights.
            company = department.sudo().company_id or self.env.company
            vals.setdefault("company_id", company.id)
        groups = super().create(vals_list)
        groups._refresh_current()
        return groups

    def write(self, vals):
        result = super().write(vals)
        if not {"owner_id", "department_id", "company_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        if "achievement_cap" in vals:
            self._refresh_current()
        return result

    @api.depends("current_period_stop")
    def _compute_is_running(self):
        today = fields.Date.context_today(self)
        for group in self:
            stop = group.current_period_stop
            group.is_running = bool(stop and today < stop)

    @api.depends("line_count", "value_count", "counted_count", "counted_weight")
    def _compute_coverage(self):
        for group in self:
            group.coverage = group._coverage()

    def _coverage(self):
        """Number of KPIs that the figure is made of, and why not of all."""
        if not self.line_count:
            return self.env._("No KPIs yet")
        if self.counted_count and not self.counted_weight:
            return self.env._("All KPIs with an achievement have weight 0")
        if self.counted_count == self.line_count:
            return self.env._("All %s KPIs", self.line_count)
        reasons = {
            self.env._("%s without a value"): self.line_count - self.value_count,
            self.env._("%s without a target"): self.value_count - self.counted_count,
        }
        return self.env._(
            "%(counted)s of %(all)s KPIs (%(reasons)s)",
            counted=self.counted_count,
            all=self.line_count,
            reasons=", ".join(text % n for text, n in reasons.items() if n),
        )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_count")
    def _compute_hidden_count(self):
        lines = self.env["kpi.report.group.line"].sudo(False)
        here = [("group_id", "in", self.ids), ("report_id.active", "=", True)]
        seen = dict(lines._read_group(here, ["group_id"], ["__count"]))
        for group in self:
            group.hidden_count = group.line_count - seen.get(group, 0)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_ids.points_lost")
    def _compute_largest_loss_line_id(self):
        lines = self.env["kpi.report.group.line"].sudo(False)
        lines = lines.search(
            [("group_id", "in", self.ids), ("points_lost", ">", 0)],
            order="group_id, points_lost, id desc",
        )
        worst = {line.group_id: line for line in lines}
        for group in self:
            group.largest_loss_line_id = worst.get(group._origin)
            group.largest_loss_points = group.largest_loss_line_id.points_lost
            report = group.largest_loss_line_id.report_id
            is_own = group.department_id and report.department_id == group.department_id
            group.largest_loss_name = report.kpi_name if is_own else report.name

    def action_open_lines(self):
        """The KPIs of the scorecard as the list of KPIs shows them."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking.kpi_report_action",
            [("group_line_ids.group_id", "=", self.id)],
            display_name=self.name,
        )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_ids.report_id")
    def _compute_due(self):
        """Counts and rates of all scorecards by one statement over what is due."""
        rows = self.env["kpi.entry.due"]._read_group(
            [("report_id", "in", self.line_ids.report_id.ids)],
            ["report_id"],
            ["on_time_percent:array_agg", "state:array_agg"],
        )
        found = {report: known for report, *known in rows}
        for group in self:
            known = [found[r] for r in group.line_ids.report_id if r in found]
            rates = [rate for of, _s in known for rate in of if rate is not None]
            group.due_count = sum(s in OPEN for _r, states in known for s in states)
            group.has_on_time = bool(rates)
            group.on_time_percent = sum(rates) / len(rates) if rates else 0.0

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_ids.report_id.owner_id")
    def _compute_can_remind(self):
        allowed = self.line_ids.report_id._filter_remindable()
        for group in self:
            group.can_remind = bool(group.line_ids.report_id & allowed)

    def action_remind(self):
        """Remind everybody with an entry due of a KPI that one answers for."""
        self.check_access("read")
        return self.line_ids.report_id._filter_remindable()._remind()

    def action_open_due(self):
        """Open the entries due and submitted for the KPIs of the scorecard."""
        self.ensure_one()
        domain = [("report_id", "in", self.line_ids.report_id.ids)]
        return open_list(self.env, "kpi_tracking.kpi_entry_due_action_all", domain)

    @api.depends("achievement", "achievement_cap", "counted_count")
    def _compute_trend(self):
        """Each KPI's latest value beside the one before, for all scorecards at once."""
        # The total holds KPIs that the viewer may not see.
        lines = self.sudo().line_ids.filtered("report_id.active")
        before = lines.report_id._previous_achievements()
        lines_of = lines.grouped("group_id")
        for group in self:
            own = lines_of.get(group._origin, lines.browse())
            points = change(
                own.report_id._current_achievements(),
                [before[line.report_id] for line in own],
                own.mapped("weight"),
                group.achievement_cap,
            )
            group.has_trend = points == points
            group.trend = points if group.has_trend else 0.0

    @api.model
    @api.readonly
    def get_history(self, group_id: Id | Nothing, grain: Grain | Nothing = None):
        """Weighted achievement of one scorecard by period, for its chart and table.

        :param grain: period length; default: the scorecard's own
        :return: dict with ``grain``, ``grains`` (that can be asked for, with labels)
            and ``points`` (oldest first); empty where the user may not see the
            scorecard
        """
        group = self.with_context(active_test=False).search([("id", "=", group_id)])
        if not group:
            return {}
        field = self.env["kpi.measurement"]._fields["grain"]
        labels = dict(field._description_selection(self.env))
        order = list(periods.GRAINS)
        grains = order[order.index(group.frequency) :]
        grain = grain if grain in grains else group.frequency
        return {
            "grain": grain,
            "grains": [[key, labels[key]] for key in grains],
            "points": group._history_points(grain),
        }

    def _history_points(self, grain):
        calendar = self._calendar()
        today = calendar._today()
        shown = calendar._latest_periods(grain, HISTORY_PERIODS[grain])
        # Archived KPIs counted while they were tracked.
        lines = self.sudo().with_context(active_test=False).line_ids
        achievements = lines.report_id._achievements_in(shown)
        score = weighted_achievement(
            achievements, lines.mapped("weight"), self.achievement_cap
        )
        known = (~np.isnan(score.percent)).tolist()
        if not any(known):
            return []
        statuses = status.status(score.percent)
        return [
            {
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "value": score.percent[at].item() if known[at] else None,
                "target": 100.0,
                "low": None,
                "high": None,
                "status": str(statuses[at]),
                "running": period.stop > today,
                "counted": int(score.counted[at]),
                "part_count": len(lines),
                "incomplete": bool(score.counted[at] < len(lines)),
            }
            for at, period in enumerate(shown)
        ][known.index(True) :]

    def _calendar(self):
        """The company's calendar, whoever looks at the scorecard."""
        # Who sees a scorecard need not be allowed to read calendars.
        return self.env["kpi.calendar"].sudo()._find_company_default(self.company_id)

    @api.model
    def _refresh_with(self, reports):
        """Bring the scorecards of these KPIs in line with them."""
        # Who changes a KPI need not see the scorecards that it is on.
        lines = self.env["kpi.report.group.line"].sudo()
        groups = lines._read_group([("report_id", "in", reports.ids)], ["group_id"])
        self.browse(group.id for (group,) in groups)._refresh_current()

    def _refresh_current(self):
        if not self.ids:
            return
        self.env["kpi.report"].flush_model(["active"])
        self.env["kpi.report.group.line"].flush_model()
        self.flush_recordset()
        self.env.cr.execute(self._refresh_sql())
        self.invalidate_recordset()
        self.env["kpi.report.group.line"].invalidate_model(["points_lost"])

    def _refresh_sql(self):
        """Write the figures of these scorecards, and what each line costs them.

        Lines count with what their KPI reached, from 0 on; archived KPIs are history
        and count no more. (``LEAST`` and ``GREATEST`` take NULL for nothing to compare
        with, not for unknown.)
        """
        # Both texts are made from the column names below: nothing a user wrote.
        reached = status.status_sql("scored.percent", "scored.value_count")
        label = status.status_sql("scored.percent", bands=status.FIVE_BANDS)
        return SQL(
            """
            WITH judged AS MATERIALIZED (
                SELECT line.id, line.group_id, line.weight, report.has_value,
                       report.current_period_stop, report.last_measured_at,
                       CASE WHEN report.status = ANY(%(judged)s)
                            THEN GREATEST(report.achievement, 0) END AS achievement
                  FROM kpi_report_group_line AS line
                  JOIN kpi_report AS report
                    ON report.id = line.report_id AND report.active
                 WHERE line.group_id = ANY(%(ids)s)
            ),
            scored AS MATERIALIZED (
                SELECT scorecard.id,
                       count(line.id) AS line_count,
                       NULLIF(count(*) FILTER (WHERE line.has_value), 0)
                           AS value_count,
                       count(line.achievement) AS counted_count,
                       COALESCE(sum(line.weight) FILTER (
                           WHERE line.achievement IS NOT NULL), 0) AS counted_weight,
                       sum(line.weight
                           * LEAST(line.achievement, scorecard.achievement_cap))
                           FILTER (WHERE line.achievement IS NOT NULL)
                           / NULLIF(sum(line.weight) FILTER (
                               WHERE line.achievement IS NOT NULL), 0) AS percent,
                       max(line.current_period_stop) FILTER (
                           WHERE line.achievement IS NOT NULL) AS period_stop,
                       max(line.last_measured_at) AS last_measured_at
                  FROM kpi_report_group AS scorecard
             LEFT JOIN judged AS line ON line.group_id = scorecard.id
                 WHERE scorecard.id = ANY(%(ids)s)
              GROUP BY scorecard.id
            ),
            cost AS (
                SELECT line.id,
                       CASE WHEN judged.achievement IS NOT NULL
                            THEN line.weight * GREATEST(100 - judged.achievement, 0)
                                 / NULLIF(scored.counted_weight, 0) END AS points
                  FROM kpi_report_group_line AS line
                  JOIN scored ON scored.id = line.group_id
             LEFT JOIN judged ON judged.id = line.id
            ),
            lines AS (
                UPDATE kpi_report_group_line AS line
                   SET points_lost = cost.points
                  FROM cost
                 WHERE cost.id = line.id
                   AND line.points_lost IS DISTINCT FROM cost.points
            ),
            result AS (
                SELECT id, percent AS achievement,
                       CASE WHEN percent IS NULL THEN -1
                            ELSE GREATEST(100 - percent, 0) END AS distance_percent,
                       %(reached)s AS status,
                       CASE WHEN percent IS NOT NULL THEN %(label)s END AS score_label,
                       line_count, COALESCE(value_count, 0) AS value_count,
                       counted_count, counted_weight,
                       period_stop AS current_period_stop, last_measured_at
                  FROM scored
            )
            UPDATE kpi_report_group AS scorecard
               SET (%(figures)s) = ROW(%(new)s)
              FROM result
             WHERE scorecard.id = result.id
               AND (%(old)s) IS DISTINCT FROM (%(new)s)
            """,
            judged=list(JUDGED),
            ids=self.ids,
            reached=SQL(reached),
            label=SQL(label),
            figures=SQL(", ").join(map(SQL.identifier, FIGURES)),
            old=SQL(", ").join(SQL.identifier("scorecard", name) for name in FIGURES),
            new=SQL(", ").join(SQL.identifier("result", name) for name in FIGURES),
        )

    def _set_lines(self, wanted):
        """Have these KPIs on the scorecard, as far as the user sees what is on it.

        :param wanted: objects with ``report_id`` and ``weight`` (None: as it is, or as
            the definition says), in the order of the scorecard
        :raises MissingError: one of the KPIs is none that the user sees
        """
        self.ensure_one()
        ids = [line.report_id for line in wanted]
        reports = self.env["kpi.report"].search([("id", "in", ids)])
        if len(reports) < len(ids):
            raise MissingError(self.env._("This KPI does not exist."))
        lines = self.line_ids._filtered_access("read").grouped("report_id")
        gone = [line for report, line in lines.items() if report not in reports]
        commands = [Command.delete(line.id) for line in gone]
        for position, line in enumerate(wanted, start=1):
            values = {"sequence": position * 10}
            if line.weight is not None:
                values["weight"] = line.weight
            known = lines.get(reports.browse(line.report_id))
            commands.append(
                Command.update(known.id, values)
                if known
                else Command.create({**values, "report_id": line.report_id})
            )
        self.line_ids = commands
