from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.formatting import Unit, compact
from odoo.addons.kpi_base.formatting import (
    format_month,
    full_table,
    month_name,
    reader_table,
)
from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval

from ..engine.punctuality import Share, compare_ends, find_late, is_lower
from .kpi_tat_approval_times import JUDGED, OUTCOMES, count_late, to_number

GOAL_CODE = "tat_compliance"  # KPI whose target is the goal of approvers
HOURS = Unit("duration", decimals=1, duration_unit="hour")
LATE = Domain("outcome", "=", "breached")
MAX_APPROVERS = 10
MAX_LATE = 5
MAX_STEPS = 8
OVERDUE = 100  # percent of the time allowed


class KpiTatApprovalTimes(models.AbstractModel):
    """Sections of the page: each a dict with what was found in its ``title``, or None
    where there is nothing to show."""

    _inherit = "kpi.tat.approval.times"

    @api.model
    def _prepare_approvers(self):
        """How approvers keep to their time: those whose figures the reader may see."""
        rows = self.env["kpi.tat.approver.performance"].search_fetch(
            Domain("total_assignments", ">", 0),
            [
                "approver_id",
                "approver_name",
                "company_id",
                "department_id",
                "median_response_time_hours",
                "met_count",
                "total_assignments",
            ],
        )
        if not rows:
            return None
        shares = {row.id: Share(row.met_count, row.total_assignments) for row in rows}
        # Those who are late most often need to be seen, where there are many.
        shown = rows.sorted(lambda row: (-shares[row.id].ratio, -shares[row.id].count))
        shown = shown[-MAX_APPROVERS:]
        waiting = shown._count_waiting()
        has_companies = len(rows.company_id) > 1
        return {
            "title": self._get_approvers_title(rows, shares),
            "count": len(rows),
            "goal": self._find_goal(),
            "rows": [
                {
                    "id": row.id,
                    "approver_id": row.approver_id.id,
                    "company_id": row.company_id.id,
                    "name": row.approver_name,
                    # Readers of the row see the names in it.
                    "note": ", ".join(
                        filter(
                            None,
                            (
                                row.department_id.sudo().name,
                                has_companies and row.company_id.sudo().name,
                            ),
                        )
                    ),
                    "count": row.total_assignments,
                    "ratio": shares[row.id].ratio,
                    "range": wilson_interval(*shares[row.id]),
                    "hours": to_number(row.median_response_time_hours),
                    "waiting": waiting.get((row.company_id.id, row.approver_id.id), 0),
                }
                for row in shown
            ],
        }

    @api.model
    def _get_approvers_title(self, rows, shares):
        if len(rows) == 1:
            met, count = shares[rows.id]
            return self.env._(
                "%(name)s decided %(met)s of %(count)s in time",
                name=rows.approver_name,
                met=met,
                count=count,
            )
        late = find_late(shares)
        if not late:
            return self.env._("No approver is clearly slower")
        if len(late) == 1:
            name = rows.browse(late).approver_name
            return self.env._("%s is late more often", name)
        return self.env._("%s approvers are late more often", len(late))

    @api.model
    def _find_goal(self):
        """The company's target of decisions in time, 0 to 1; None without."""
        kpi = self.env["kpi.report"].search_fetch(
            Domain("definition_id.code", "=", GOAL_CODE)
            & Domain("scope_type", "=", "company")
            & Domain("company_id", "=", self.env.company.id),
            ["target_value"],
            limit=1,
        )
        target = kpi and kpi.target_value
        return target / 100 if target else None

    @api.model
    def _prepare_months(self, counts):
        months = self._list_months(counts)
        if not months:
            return None
        running = self._get_today().replace(day=1)
        names = reader_table(self.env)["months"]["LLL"]
        return {
            "title": self._get_months_title(counts, months, running),
            "rows": [
                {
                    "start": fields.Date.to_string(month),
                    "label": names[month.month - 1],
                    "name": format_month(self.env, month, is_long=True),
                    "late": count_late(counts, month),
                    "count": counts[month].count if month in counts else 0,
                    "is_running": month == running,
                }
                for month in months
            ],
        }

    @api.model
    def _get_months_title(self, counts, months, running):
        if not any(count_late(counts, month) for month in months):
            return self.env._("No late decisions")
        # What happens in the rest of this month is not known yet.
        closed = [month for month in months if month < running and month in counts]
        change = compare_ends([counts[month] for month in closed])
        if change is None:
            return self.env._("Late decisions by month")
        first = month_name(self.env, closed[0].month)
        if closed[0].year != running.year:
            first = format_month(self.env, closed[0], is_long=True)
        if change == "fewer":
            return self.env._("Fewer late decisions since %s", first)
        if change == "more":
            return self.env._("More late decisions since %s", first)
        return self.env._("Late decisions: no clear change since %s", first)

    @api.model
    def _prepare_late(self, counts):
        """The last late decisions, and those still open, with their delay reasons."""
        total = sum(share.count - share.met for share in counts.values())
        if not total:
            return None
        rows = self.env["kpi.tat.compliance"].search_fetch(
            LATE,
            [
                "approver_name",
                "delay_reason",
                "due_at",
                "hours_late",
                "level_id",
                "request_id",
                "request_number",
                "subject",
                "tat_hours_allocated",
            ],
            order="due_at desc, id desc",
            limit=MAX_LATE,
        )
        # Readers of the row see its clock.
        levels = rows.level_id.sudo()
        levels.fetch(["clock", "step_id"])
        can_explain = set(levels.with_env(self.env)._filter_unexplained().ids)
        return {
            "title": self._get_late_title(total),
            "count": total,
            # Readers of the row see its clock, also below.
            "rows": [
                {
                    "id": row.level_id.id,
                    "request_id": row.request_id.id,
                    "number": row.request_number,
                    "subject": row.subject,
                    "approver": row.approver_name,
                    "hours": self._count_hours_late(row),
                    "is_open": row.level_id.sudo().clock in ("running", "held"),
                    "reason": row.delay_reason or "",
                    "can_explain": row.level_id.id in can_explain,
                    "due_at": fields.Datetime.to_string(row.due_at),
                }
                for row in rows
            ],
        }

    @api.model
    def _count_hours_late(self, row):
        if row.hours_late is not False:
            return row.hours_late
        # Readers of the row see what its clock shows.
        elapsed = row.level_id.sudo().tat_hours_elapsed or 0
        return max(elapsed - (row.tat_hours_allocated or 0), 0)

    @api.model
    def _get_late_title(self, total):
        """Name the reason given most often, where one was given more than once."""
        reasons = self.env["kpi.tat.compliance"]._read_group(
            Domain("delay_reason", "!=", False),
            ["delay_reason"],
            ["__count"],
            order="__count desc",
        )
        missing = self.env._("Not given")
        given = [(name, count) for name, count in reasons if name != missing]
        if given and given[0][1] > 1:
            name, count = given[0]
            return self.env._(
                "Most frequent delay reason: %(reason)s (%(count)s of %(total)s)",
                reason=name,
                count=count,
                total=total,
            )
        return self.env._("Late decisions")

    @api.model
    def _prepare_outcomes(self):
        """How requests of one template ended: the one chosen, or that with the most."""
        requests = self.env["kpi.tat.request"]
        view = self.env["kpi.tat.view"]
        query = requests._search(view._get_submitted_domain())
        requests.flush_model(
            ["approval_round", "approval_state", "cycle_hours", "status", "template_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT request.template_id,
                       CASE WHEN request.approval_state IN ('approved', 'rejected')
                            THEN request.approval_state
                            WHEN request.status = 'withdrawn' THEN 'withdrawn'
                            ELSE 'open' END AS outcome,
                       count(*),
                       -- imported requests have no rounds
                       count(*) FILTER (WHERE COALESCE(request.approval_round, 0) <= 1),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY request.cycle_hours)
                  FROM workflow_requests AS request
                 WHERE request.id IN %s
              GROUP BY request.template_id, outcome
                """,
                query.subselect(),
            )
        )
        totals = {}
        for template_id, _outcome, count, _first, _hours in rows:
            totals[template_id] = totals.get(template_id, 0) + count
        if not totals:
            return None
        template_id = max(totals, key=lambda one: (totals[one], -one))
        ends = {
            outcome: {"count": count, "first": first, "hours": hours}
            for one, outcome, count, first, hours in rows
            if one == template_id
        }
        # Readers of a request see the name of its template.
        template = self.env["kpi.approval.workflow"].sudo().browse(template_id)
        is_timed = ("approved", "rejected")  # of others it has not ended
        return {
            "title": self.env._(
                "%(template)s: %(first)s of %(total)s approved on first submission",
                template=template.name,
                first=ends.get("approved", {}).get("first", 0),
                total=totals[template_id],
            ),
            "template_id": template_id,
            "count": totals[template_id],
            "ends": [
                {
                    "outcome": outcome,
                    "count": ends[outcome]["count"],
                    "hours": ends[outcome]["hours"] if outcome in is_timed else None,
                }
                for outcome in OUTCOMES
                if outcome in ends
            ],
        }

    @api.model
    def _prepare_priorities(self):
        rows = self.env["kpi.tat.compliance"]
        shares = {}
        for priority, outcome, count in rows._read_group(
            JUDGED, ["priority", "outcome"], ["__count"]
        ):
            met, total = shares.get(priority, (0, 0))
            shares[priority] = Share(met + count * (outcome == "met"), total + count)
        if not shares:
            return None
        medians = dict(
            rows._read_group(
                JUDGED & Domain("decided_at", "!=", False),
                ["priority"],
                ["tat_hours_elapsed:median"],
            )
        )
        labels = dict(rows._fields["priority"]._description_selection(self.env))
        known = [key for key in labels if key in shares]
        return {
            "title": self._get_priorities_title(shares, labels),
            "has_list": self.env["kpi.tat.request.volume"].has_access("read"),
            "rows": [
                {
                    "priority": key,
                    "name": labels[key],
                    "count": shares[key].count,
                    "ratio": shares[key].ratio,
                    "hours": to_number(medians.get(key)),
                }
                for key in known
            ],
        }

    @api.model
    def _get_priorities_title(self, shares, labels):
        if len(shares) == 1:
            (key,) = shares
            return self.env._("All requests: %s", labels[key])
        lower, *_others = sorted(shares, key=lambda key: shares[key].ratio)
        others = [share for key, share in shares.items() if key != lower]
        if all(is_lower(shares[lower], share) for share in others):
            return self.env._("%s requests are late more often", labels[lower])
        return self.env._("No priority is clearly slower")

    @api.model
    def _prepare_reminders(self):
        rows = self.env["kpi.tat.alert.summary"]._read_group(
            [],
            ["threshold_percentage"],
            ["__count", "completion_time:count", "response_time_hours:median"],
            order="threshold_percentage",
        )
        if not rows:
            return None
        total = sum(count for _percent, count, _done, _hours in rows)
        overdue = sum(
            count for percent, count, _done, _hours in rows if percent >= OVERDUE
        )
        reminders = self.env._("1 reminder"), self.env._("%s reminders")
        return {
            "title": self.env._(
                "%(reminders)s, %(overdue)s of them overdue",
                reminders=say_count(total, *reminders),
                overdue=overdue,
            ),
            "rows": [
                {
                    "percent": percent,
                    "count": count,
                    "decided": done,
                    "hours": to_number(hours),
                }
                for percent, count, done, hours in rows
            ],
        }

    @api.model
    def _prepare_steps(self):
        """Steps of requests that have ended, in their order, with their medians."""
        rows = self.env["kpi.tat.lifecycle"]._read_group(
            Domain("clock_hours", "!=", False),
            ["step"],
            ["__count", "clock_hours:median", "worked_hours:median"],
            limit=MAX_STEPS,
        )
        if not rows:
            return None
        longest, _count, hours, _worked = max(rows, key=lambda row: row[2])
        duration = compact(full_table(self.env), float(hours), HOURS)
        return {
            "title": self.env._(
                "%(step)s takes longest: %(hours)s (median)",
                step=longest,
                hours=duration,
            ),
            "rows": [
                {
                    "name": step,
                    "count": count,
                    "hours": to_number(wall),
                    "worked_hours": to_number(worked),
                }
                for step, count, wall, worked in rows
            ],
        }

    @api.model
    def _prepare_engagement(self):
        names = (
            "comments_count",
            "work_notes_count",
            "documents_count",
            "spectators_count",
            "active_spectators_count",
        )
        ((count, *sums),) = self.env["kpi.tat.engagement"]._read_group(
            [], [], ["__count", *(f"{name}:sum" for name in names)]
        )
        if not count:
            return None
        found = dict(zip(names, (total or 0 for total in sums), strict=True))
        comments = self.env._("1 comment"), self.env._("%s comments")
        requests = self.env._("1 request"), self.env._("%s requests")
        return {
            "title": self.env._(
                "%(comments)s on %(requests)s",
                comments=say_count(found["comments_count"], *comments),
                requests=say_count(count, *requests),
            ),
            **found,
        }
