from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.rights import search_by
from odoo.addons.kpi_base.schemas.base import Id

from ..definition.kpi_zones_mixin import STATUSES


class KpiTarget(models.Model):
    """Which targets are in force, what follows them, and how their KPIs stood last."""

    _inherit = "kpi.target"

    scope_type = fields.Selection(related="report_id.scope_type")
    scope_name = fields.Char(related="report_id.scope_name")
    frequency = fields.Selection(related="report_id.frequency")
    is_in_force = fields.Boolean(
        "In Force",
        compute="_compute_is_in_force",
        search=search_by("_get_in_force_domain"),
        exportable=False,
        help="Applies to the running period of its KPI.",
    )
    since_label = fields.Char("Since", compute="_compute_since_label")
    next_target = fields.Char("Next", compute="_compute_next_target")
    next_year_label = fields.Char(
        "Next Year to Set", compute="_compute_next_target", exportable=False
    )
    last_value = OptionalFloat(
        compute="_compute_last_period", aggregator=False, exportable=False
    )
    achievement = OptionalFloat(
        "Achievement (%)",
        compute="_compute_last_period",
        aggregator=False,
        exportable=False,
    )
    status = fields.Selection(
        STATUSES, compute="_compute_last_period", exportable=False
    )
    is_running = fields.Boolean(compute="_compute_last_period", exportable=False)
    period_label = fields.Char(
        "Last Period", compute="_compute_last_period", exportable=False
    )
    sparkline = fields.Json("Trend", compute="_compute_last_period", exportable=False)

    @api.depends("report_id", "date_from")
    def _compute_is_in_force(self):
        held = self.search(
            Domain("id", "in", self._origin.ids) & self._get_in_force_domain()
        )
        for target in self:
            target.is_in_force = target._origin in held

    @api.model
    def _get_in_force_domain(self):
        """Targets that the running period of each active KPI is rated by."""
        self.flush_model(["report_id", "definition_id", "date_from"])
        self.env["kpi.report"].flush_model(["active"])
        self.env["kpi.definition"].flush_model(["active", "calendar_id", "frequency"])
        return Domain(
            "id",
            "in",
            SQL(
                """
                SELECT DISTINCT ON (target.report_id) target.id
                  FROM kpi_target AS target
                  JOIN kpi_report AS report ON report.id = target.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
            CROSS JOIN LATERAL (
                    SELECT (now() AT TIME ZONE calendar.tz)::date AS day
                  ) AS today
             LEFT JOIN kpi_calendar_day AS running
                    ON running.shape = calendar.shape
                   AND running.grain = definition.frequency
                   AND running.day = today.day
                 WHERE report.active
                   AND definition.active
                   AND target.date_from < COALESCE(running.period_stop, today.day + 1)
              ORDER BY target.report_id, target.date_from DESC
                """
            ),
        )

    @api.depends("report_id", "date_from")
    @api.depends_context("lang")
    def _compute_since_label(self):
        for target in self:
            target.since_label = target._name_first_day()

    def _name_first_day(self):
        """Name the first period, or the first day where it is within a period."""
        self.ensure_one()
        calendar = self.report_id.definition_id.calendar_id
        if not (self.date_from and calendar):
            return ""
        period = calendar._period(self.frequency, self.date_from)
        if period.start == self.date_from:
            return calendar._period_label(period)
        return format_day(self.env, self.date_from, with_year=True)

    @api.depends("report_id", "date_from")
    @api.depends_context("lang", "uid")
    def _compute_next_target(self):
        """The target that follows, or the year that one could be set for."""
        every = self.search(
            Domain("report_id", "in", self.report_id.ids), order="report_id, date_from"
        )
        by_report = every.grouped("report_id")
        changeable = self._origin._filtered_access("write")
        for target in self:
            day = target.date_from
            later = by_report.get(target.report_id._origin, every.browse()).filtered(
                lambda one, day=day: day and one.date_from > day
            )[:1]
            target.next_target = bool(later) and self.env._(
                "%(since)s: %(target)s",
                since=later._name_first_day(),
                target=later.rule_in_words,
            )
            target.next_year_label = ""
            if day and not later and target._origin in changeable:
                first, year = target._get_next_year()
                target.next_year_label = year if day < first else ""

    def _get_next_year(self):
        """First day and name of the fiscal year after the running one."""
        calendar = self.report_id.definition_id.calendar_id
        running = calendar._period("year", calendar._today())
        following = calendar._period("year", running.stop)
        return following.start, calendar._period_label(following)

    @api.depends("report_id", "date_from")
    @api.depends_context("lang", "uid")
    def _compute_last_period(self):
        """How KPIs stood in their last period, by a constant number of statements.

        Empty for a target that is over or still to come.
        """
        held = self.filtered("is_in_force")
        reports = held.report_id
        standings = reports._get_standings(
            {report: report._get_verdict_periods() for report in reports}
        )
        # The last closed one; the running one of a KPI that has no other value yet.
        last_of = {}
        for report, found in standings.items():
            known = (one for one in found if one.judged.value is not None)
            last_of[report] = next(known, found[0])
        trends = self.env["kpi.report"]._get_trends(
            {
                report: report._get_periods_until(last.period)
                for report, last in last_of.items()
            }
        )
        for target in self:
            last = last_of.get(target.report_id) if target in held else None
            judged = last and last.judged
            target.last_value = judged and judged.value
            target.achievement = judged and judged.achievement
            target.status = judged and judged.status
            target.is_running = bool(last and last.is_running)
            target.period_label = last and last.label
            target.sparkline = last and {
                "running": last.is_running,
                "points": trends[target.report_id],
            }

    def action_set_next(self):
        """Open the dialog in which a target of the next fiscal year is set."""
        self.ensure_one()
        self.check_access("write")
        first, year = self._get_next_year()
        if self.report_id.has_guarded_targets:
            return self.report_id._open_target_proposal(
                self, default_choice="add", default_date_from=first
            )
        (vals,) = self.copy_data({"date_from": first})
        title = self.env._(
            "%(kpi)s: Target for %(year)s", kpi=self.report_id.display_name, year=year
        )
        defaults = {f"default_{name}": value for name, value in vals.items()}
        return open_dialog(self.browse(), title, hide_report=True, **defaults)

    @api.model
    @api.readonly
    def get_scope_texts(self, definition_ids: list[Id]):
        """Return the scopes for which each of these KPIs has a target in force.

        :return: dict id of a definition → text: “company, 4 departments, 10 people”
        """
        texts = {
            "company": (self.env._("company"), self.env._("%s companies")),
            "department": (self.env._("1 department"), self.env._("%s departments")),
            "team": (self.env._("1 team"), self.env._("%s teams")),
            "user": (self.env._("1 person"), self.env._("%s people")),
        }
        counts = {}
        held = Domain("definition_id", "in", definition_ids) & Domain(
            "is_in_force", "=", True
        )
        for definition, scope_type, count in self._read_group(
            held, ["definition_id", "scope_type"], ["__count"]
        ):
            counts.setdefault(definition.id, {})[scope_type] = count
        return {
            definition_id: ", ".join(
                say_count(found[scope_type], *words)
                for scope_type, words in texts.items()
                if scope_type in found
            )
            for definition_id, found in counts.items()
        }
