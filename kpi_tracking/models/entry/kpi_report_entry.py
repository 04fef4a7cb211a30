from collections import defaultdict
from datetime import date
from math import isinf

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog, open_list
from odoo.addons.kpi_base.formatting import format_day, format_number
from odoo.addons.kpi_base.roles import MANAGER, OFFICER

from ...engine.change import UNUSUAL, WINDOW, measure_next
from ...engine.due import is_locked
from .kpi_entry_due import OPEN
from .kpi_submission import Entry

ASKED = {"active", "entry_date_from", "owner_id", "submitter_ids", "user_id"}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)  # with working days known


class KpiReport(models.Model):
    """Values that people enter: who is asked for them, who may enter them."""

    _inherit = "kpi.report"

    submitter_ids = fields.Many2many(
        "res.users",
        "kpi_report_submitter_rel",
        string="Entered By",
        domain="[('share', '=', False)]",
        check_company=True,
        help="People who enter values, get reminders and see the KPI. Leave empty "
        "for the person responsible.",
    )
    entry_date_from = fields.Date(
        "Entries Due From",
        default=fields.Date.context_today,
        copy=False,
        help="Entries are due from the period containing this date.",
    )
    entry_mode = fields.Selection(related="definition_id.entry_mode")
    has_entry_approval = fields.Boolean(related="definition_id.has_entry_approval")
    submission_ids = fields.One2many("kpi.submission", "report_id", "Entries")
    is_in_use = fields.Boolean(
        compute="_compute_is_in_use",
        exportable=False,
        help="Both the KPI and its definition are active.",
    )
    can_enter_value = fields.Boolean(
        compute="_compute_can_enter_value", exportable=False
    )
    due_count = fields.Integer("To Enter", compute="_compute_due")
    on_time_percent = fields.Float(
        "Entered on Time (%)",
        compute="_compute_due",
        help="Share of submitted or overdue entries that were submitted on time.",
    )
    has_on_time = fields.Boolean(compute="_compute_due", exportable=False)
    can_remind = fields.Boolean(compute="_compute_can_remind", exportable=False)
    locked_until = fields.Date(
        tracking=True,
        copy=False,
        help="Values of periods ending by this date cannot be changed. The "
        "company's lock date may be later.",
    )

    @api.depends_context("uid")
    @api.depends(
        "active",
        "computation",
        "definition_id.active",
        "owner_id",
        "user_id",
        "submitter_ids",
    )
    def _compute_can_enter_value(self):
        enterable = self._filter_enterable()
        for report in self:
            report.can_enter_value = report in enterable

    @api.ondelete(at_uninstall=False)
    def _unlink_except_entered(self):
        # Any entry counts, also those that the officer may not see.
        entries = self.env["kpi.submission"].sudo()
        entered = entries.search(
            [("report_id", "in", self.ids), ("state", "!=", "draft")], limit=1
        )
        if entered:
            raise UserError(
                self.env._(
                    "%s has manually entered values. Archive it instead.",
                    entered.report_id.name,
                )
            )

    def _find_submitters(self):
        """Find who is asked for the values of these KPIs: dict report → users."""
        # Who is asked is no secret to those who see the KPI.
        return {
            report: report.sudo().submitter_ids or report.owner_id or report.user_id
            for report in self
        }

    def _filter_enterable(self):
        """Those whose values the user may enter: their own, or those of others."""
        manual = self.filtered(
            lambda report: (
                report.computation == "manual" and not report._get_archived_refusal()
            )
        )
        readable = manual._filtered_access("read")
        own = readable.filtered(
            lambda report: self.env.user in report._find_own_people()
        )
        return own | (readable - own)._filter_enterable_for_others()

    def _find_own_people(self):
        return self._find_submitters()[self] | self.owner_id | self.user_id

    def _filter_enterable_for_others(self):
        """Those of these KPIs for which the user may enter the values of others."""
        user = self.env.user
        if self.env.su or user.has_group(OFFICER):
            return self
        if not user.has_group(MANAGER):
            return self.browse()
        return self.filtered("is_managed_by_me")

    @api.depends("active", "definition_id.active")
    def _compute_is_in_use(self):
        for report in self:
            report.is_in_use = not report._get_archived_refusal()

    def _get_archived_refusal(self):
        """Return why this KPI takes no values; empty while it is in use."""
        # Whether a KPI is in use is no secret to those who see it.
        if self.active and self.sudo().definition_id.active:
            return ""
        return self.env._("%s is archived. Unarchive it first.", self.name)

    def _check_in_use(self):
        """Refuse to change values of an archived KPI."""
        for report in self:
            if refused := report._get_archived_refusal():
                raise UserError(refused)

    def _check_can_enter(self):
        self.check_access("read")
        self._check_in_use()
        for report in self:
            if report.computation != "manual":
                raise UserError(
                    self.env._("%s is computed: values cannot be entered.", report.name)
                )
        refused = self - self._filter_enterable()
        if refused:
            raise AccessError(
                self.env._(
                    "%s: only assigned people, the responsible person and managers "
                    "can enter values.",
                    refused[0].name,
                )
            )

    def _find_contributor(self, contributor):
        """Find whose part the user's entry is; nobody's where the KPI has one value.

        :param contributor: the person chosen, empty for the user's own part
        :raises UserError: somebody must be chosen, or is not asked for this KPI
        """
        self.ensure_one()
        if self.entry_mode != "parts":
            return self.env["res.users"]
        asked = self._find_submitters()[self]
        contributor = contributor or self.env.user & asked
        if not contributor:
            raise UserError(self.env._("%s: choose who the value is for.", self.name))
        if contributor not in asked:
            raise UserError(
                self.env._(
                    "%(kpi)s: %(person)s is not assigned to enter values.",
                    kpi=self.name,
                    person=contributor.name,
                )
            )
        if contributor != self.env.user and not self._filter_enterable_for_others():
            raise AccessError(
                self.env._("%s: you can only enter your own value.", self.name)
            )
        return contributor

    def _enter_value(self, day, value, note="", **values):
        """Enter ``value`` for the period that holds ``day``.

        :param note: stored with the entry, and as the reason where a value is replaced
        :param values: further attributes of ``Entry``
        :return: the entry; approved, where nobody is asked to approve it
        :raises AccessError: the user may not enter values of this KPI
        :raises UserError: not a number, a period that has not begun or is locked, a
            correction without reason
        """
        self.ensure_one()
        definition = self.definition_id
        period = definition.calendar_id._period(definition.frequency, day)
        entry = Entry(self, period, float(value), note=note, **values)
        return self.env["kpi.submission"]._enter([entry])

    def action_enter_value(self):
        self.ensure_one()
        self._check_can_enter()
        dialog, title = self.env["kpi.value.entry"], self.env._("Enter Value")
        return open_dialog(dialog, title, default_report_id=self.id)

    def action_enter_values(self):
        """Open the grid with the last periods of this KPI alone."""
        self.ensure_one()
        self._check_can_enter()
        actions = self.env["ir.actions.client"]
        return {
            **actions._for_xml_id("kpi_tracking.kpi_entry_grid_action"),
            "display_name": self.env._("Enter Values"),
            "context": {"entry_report_ids": self.ids},
        }

    def _find_managers(self):
        """Dict report → heads of the departments it measures, and of those above."""
        # Who manages whom is no secret.
        reports = self.sudo()
        employees = reports.env["hr.employee"].search(
            [("user_id", "in", reports.user_id.ids), ("department_id", "!=", False)]
        )
        people = employees.grouped(lambda one: (one.user_id, one.company_id))
        chains = {}
        for own, report in zip(self, reports, strict=True):
            found = people.get((report.user_id, report.company_id), employees.browse())
            departments = report.department_id | found.department_id
            steps = "".join(departments.mapped("parent_path")).split("/")
            chains[own] = departments.browse(map(int, filter(None, steps)))
        known = {id_ for chain in chains.values() for id_ in chain._ids}
        return self._filter_managers(
            {
                own: chain.with_prefetch(known).manager_id.filtered("active").user_id
                for own, chain in chains.items()
            }
        )

    def _find_team_leaders(self):
        """Leaders of the teams that these KPIs measure: dict report → users."""
        # Who leads whom is no secret.
        leaders = {own: own.sudo().team_id.leader_id for own in self}
        return self._filter_managers(leaders)

    def _filter_managers(self, people):
        """Of dict report → users those who are managers by role, in its company."""
        group = self.env.ref(MANAGER)
        return {
            report: users.filtered(
                lambda user, report=report: (
                    user.active
                    and report.company_id in user.company_ids
                    and group in user.all_group_ids
                )
            )
            for report, users in people.items()
        }

    def _compute_due(self):
        """Counts and rates of all KPIs by one statement."""
        rows = self.env["kpi.entry.due"]._read_group(
            [("report_id", "in", self.ids)],
            ["report_id"],
            ["on_time_percent:avg", "state:array_agg"],
        )
        found = {report: known for report, *known in rows}
        for report in self:
            percent, states = found.get(report, (None, []))
            report.due_count = sum(state in OPEN for state in states)
            report.on_time_percent = percent or 0.0
            report.has_on_time = percent is not None

    @api.depends_context("uid")
    @api.depends("owner_id")
    def _compute_can_remind(self):
        allowed = self._filter_remindable()
        for report in self:
            report.can_remind = report in allowed

    def _refresh_changed_duties(self, vals):
        """Find anew who owes which value, where that was changed."""
        if not ASKED.isdisjoint(vals):
            self._refresh_duties()

    def _refresh_duties(self):
        manual = self.filtered(lambda report: report.computation == "manual")
        if manual:
            # What is due follows from the KPIs; nobody writes it.
            manual.env["kpi.entry.duty"].sudo()._refresh(manual.sudo())

    def action_open_due(self):
        self.ensure_one()
        domain = [("report_id", "=", self.id)]
        return open_list(self.env, "kpi_tracking.kpi_entry_due_action_all", domain)

    def action_remind(self):
        """Remind everybody with an entry due of these KPIs, by one message each."""
        self._check_remindable()
        return self._remind()

    def _check_remindable(self):
        self.check_access("read")
        refused = self - self._filter_remindable()
        if refused:
            raise UserError(
                self.env._(
                    "%s: only the responsible person, managers and KPI officers "
                    "can send reminders.",
                    refused[0].name,
                )
            )

    def _remind(self):
        """Remind each person with an entry due of these KPIs; the same once a day."""
        due = self.env["kpi.entry.due"].search(
            [
                ("report_id", "in", self.ids),
                ("state", "in", OPEN),
                ("is_past", "=", True),
            ]
        )
        return due._remind()

    def _filter_remindable(self):
        own = self.filtered(lambda report: report.owner_id == self.env.user)
        return own | (self - own)._filter_enterable_for_others()

    def _due_dates(self, keys):
        """Dict (report, ``Period``) → due date, in the calendar of the KPI."""
        if not keys:
            return {}
        stops = [period.stop for _report, period in keys]
        self._ensure_working_days(min(stops), max(stops))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(due_date)s
                  FROM unnest(%(ids)s::int[], %(stops)s::date[])
                       WITH ORDINALITY AS period(report_id, period_stop, ordinal)
                  JOIN kpi_report AS report ON report.id = period.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN res_company AS company ON company.id = report.company_id
              ORDER BY period.ordinal
                """,
                due_date=self._due_date_sql(),
                ids=[report.id for report, _period in keys],
                stops=stops,
            )
        )
        return {key: day for key, (day,) in zip(keys, rows, strict=True)}

    def _due_date_sql(self):
        """The n-th working day after ``period``; days are counted without any hours."""
        self.env["kpi.definition"].flush_model(["entry_due_days"])
        self.env["res.company"].flush_model(["resource_calendar_id"])
        return SQL(
            """
            CASE WHEN definition.entry_due_days = 0 THEN period.period_stop - 1
                 ELSE COALESCE(
                   (SELECT worked.day
                      FROM kpi_working_day AS worked
                     WHERE worked.calendar_id = company.resource_calendar_id
                       AND worked.day >= period.period_stop
                       AND worked.segments <> '{}'
                  ORDER BY worked.day
                    OFFSET greatest(definition.entry_due_days - 1, 0)
                     LIMIT 1),
                   period.period_stop + definition.entry_due_days - 1)
            END
            """
        )

    def _ensure_working_days(self, first, last):
        # Days are the engine's own; which of them are worked is no secret.
        reports = self.sudo()
        calendars = reports.company_id.resource_calendar_id
        if calendars:
            reports.env["kpi.working.day"]._ensure(
                calendars, max(first, FIRST_DAY), min(last, LAST_DAY)
            )

    def _get_lock_dates(self):
        """Dict report → last locked day for people's values, None without one."""
        locked = {}
        for report in self:
            # What is locked binds also those who may not read the settings.
            company = report.sudo().company_id
            days = filter(None, (report.locked_until, company.kpi_lock_date))
            locked[report] = max(days, default=None)
        return locked

    def _hold_locks(self):
        """Have nobody lock these KPIs or their companies until this is committed.

        Who locks them writes the same rows: a value that was allowed by what they said
        before is entered again, and refused.
        """
        self.flush_model(["locked_until"])
        self.env["res.company"].flush_model(["kpi_lock_date"])
        self.env.cr.execute(
            """
            SELECT 1
              FROM kpi_report AS report
              JOIN res_company AS company ON company.id = report.company_id
             WHERE report.id = ANY(%s)
               FOR SHARE
            """,
            [self.ids],
        )

    def _hold_off(self):
        """Have nobody record a value of these KPIs until this is committed.

        Their first value was allowed by what the KPI was before: who records it, or who
        changes the KPI, runs again and sees what the other has done.
        """
        self.env.cr.execute(
            "UPDATE kpi_report SET definition_id = definition_id WHERE id = ANY(%s)",
            [self.ids],
        )

    def _check_unlocked(self, period):
        """Refuse a change of people's values in a locked ``period`` of these KPIs."""
        for report, locked_until in self._get_lock_dates().items():
            if is_locked(period.stop, locked_until):
                raise UserError(report._say_locked(period, locked_until))

    def _say_locked(self, period, locked_until):
        names = {
            "kpi": self.name,
            "period": self.definition_id.calendar_id._period_label(period),
            "day": format_day(self.env, locked_until),
        }
        if locked_until == self.locked_until:
            return self.env._(
                "%(kpi)s: %(period)s is locked. KPI officers can change its "
                "“Locked Until” (%(day)s).",
                **names,
            )
        return self.env._(
            "%(kpi)s: %(period)s is locked. KPI administrators can change the lock "
            "date (%(day)s) under Configuration → Technical → Lock Periods.",
            **names,
        )

    @api.model
    def _find_unusual(self, entries):
        """Say which of key → ``Entry`` are far outside the usual: key → sentence."""
        measured = {
            key: entry
            for key, entry in entries.items()
            if entry.report.definition_id.unit != "boolean"
        }
        known = self._fetch_values_before(measured.values())
        for entry in measured.values():
            # What is entered together is compared with each other too.
            known[entry.series][entry.period.start] = entry.value
        found = {}
        for key, entry in measured.items():
            since = entry.report.definition_id._find_change_before(entry.period)
            before = [
                (start, value)
                for start, value in sorted(known[entry.series].items())
                if since <= start < entry.period.start
            ]
            ratio = measure_next([value for _start, value in before], entry.value)
            if abs(ratio) > UNUSUAL:
                found[key] = entry.report._say_unusual(entry, before[-1], ratio)
        return found

    def _say_unusual(self, entry, last, ratio):
        """:param last: first day and value of the period that is compared with"""
        definition, (start, last_value) = self.definition_id, last
        calendar = definition.calendar_id
        value = definition._format_value(entry.value)
        is_running = entry.period.stop > calendar._today()
        if is_running and definition.aggregation_time == "sum":
            value = self.env._("%s so far", value)
        period = calendar._period(entry.period.grain, start)
        words = {
            "value": value,
            "last": definition._format_value(last_value),
            "period": calendar._period_label(period),
        }
        if isinf(ratio):
            return self.env._(
                "%(value)s is unusual: all previous values were %(last)s.", **words
            )
        times = format_number(self.env, abs(ratio), 0 if abs(ratio) >= 10 else 1)
        return self.env._(
            "From %(last)s in %(period)s to %(value)s: %(times)s× the usual change.",
            times=times,
            **words,
        )

    @api.model
    def _fetch_values_before(self, entries):
        """``series`` of each entry → first day → last accepted values before it."""
        for model in ("kpi.measurement", "kpi.submission"):
            self.env[model].flush_model()
        entries = list(entries)
        # Whoever may enter a value sees those that were entered before it.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.report_id, asked.contributor_id, known.period_start,
                       known.value
                  FROM unnest(%(reports)s::int[], %(contributors)s::int[],
                              %(grains)s::text[], %(starts)s::date[])
                       AS asked(report_id, contributor_id, grain, start)
            CROSS JOIN LATERAL (
                    SELECT period_start, value
                      FROM kpi_measurement
                     WHERE asked.contributor_id IS NULL
                       AND report_id = asked.report_id
                       AND grain = asked.grain
                       AND period_start < asked.start
                 UNION ALL
                    SELECT period_start, value
                      FROM kpi_submission
                     WHERE contributor_id = asked.contributor_id
                       AND report_id = asked.report_id
                       AND grain = asked.grain
                       AND period_start < asked.start
                       AND is_current
                       AND state = 'approved'
                  ORDER BY period_start DESC
                     LIMIT %(count)s
                  ) AS known
                """,
                reports=[entry.report.id for entry in entries],
                contributors=[entry.contributor_id or None for entry in entries],
                grains=[entry.period.grain for entry in entries],
                starts=[entry.period.start for entry in entries],
                count=WINDOW + 1,
            )
        )
        found = defaultdict(dict)
        for report_id, contributor_id, start, value in rows:
            found[report_id, contributor_id or False][start] = value
        return found
