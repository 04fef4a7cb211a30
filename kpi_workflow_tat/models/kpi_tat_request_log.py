import json
from datetime import timezone
from urllib.parse import quote
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang, split_every

from odoo.addons.kpi_base.engine.worktime import Timeline

from ..engine.event_log import MICROSECONDS, EventLog, build_log
from ..engine.ranges import read_ranges, write_ranges
from ..engine.xes import LIFECYCLE, NAME, RESOURCE, TIME, Trace, write_xes

UTC = ZoneInfo("UTC")
MOST_EVENTS = 1_000_000  # of a map
PART = 1_000  # requests at once
LONGEST_ADDRESS = 6_000  # characters; servers cut others off


class KpiTatRequest(models.Model):
    """Requests of event logs: nobody is asked, and no clock runs."""

    _inherit = "kpi.tat.request"

    is_imported = fields.Boolean(
        "Imported",
        readonly=True,
        copy=False,
        help="Imported from an event log: no approvals, no reminders.",
    )
    source = fields.Char(readonly=True, copy=False, help="Imported file.")
    event_ids = fields.One2many("kpi.tat.event", "request_id", "Events", readonly=True)

    _case_uniq = models.UniqueIndex(
        "(company_id, template_id, number) WHERE is_imported",
        "This case has already been imported.",
    )

    def _check_not_imported(self):
        """:raises UserError: one is a case of a log, which alone says its status"""
        for request in self:
            if request.is_imported:
                raise UserError(
                    self.env._(
                        "%s was imported. Its status comes from the log.",
                        request.display_name,
                    )
                )

    @api.model
    def _build_event_log(self, domain, limit=None) -> EventLog:
        """The events of the requests that the user sees, by the ids of these.

        :param limit: of requests, the last ones submitted
        :raises UserError: they have more than ``MOST_EVENTS``
        """
        query = self._search(domain, order="submitted_at DESC, id DESC", limit=limit)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                  WITH chosen AS MATERIALIZED (
                        SELECT id FROM workflow_requests WHERE id IN %(requests)s)
                SELECT event.request_id,
                       event.activity,
                       (EXTRACT(epoch FROM event.happened_at) * %(unit)s)::bigint
                  FROM (%(events)s) AS event
              ORDER BY event.request_id, event.happened_at, event.place
                 LIMIT %(most)s
                """,
                most=MOST_EVENTS + 1,
                unit=MICROSECONDS,
                requests=query.subselect(),
                events=self._events_sql(SQL("(SELECT id FROM chosen)")),
            )
        )
        if len(rows) > MOST_EVENTS:
            raise UserError(
                self.env._(
                    "More than %s events. Choose a template, a department or fewer "
                    "days.",
                    formatLang(self.env, MOST_EVENTS, digits=0),
                )
            )
        return build_log(rows)

    @api.model
    def _events_sql(self, requests):
        """Events of requests: activity, when, who, and their order at one moment.

        A level that several people approve is one event: that of the last of them.

        :param requests: their ids, in parentheses
        """
        return SQL(
            """
            SELECT event.request_id, event.activity, event.happened_at,
                   event.resource, event.lifecycle, event.place
              FROM kpi_tat_event AS event
             WHERE event.request_id IN %(requests)s
         UNION ALL
            SELECT done.request_id, done.activity, done.happened_at,
                   person.name, 'complete', done.place
              FROM (%(done)s) AS done
              JOIN workflow_requests AS request ON request.id = done.request_id
         LEFT JOIN res_users AS actor ON actor.id = done.user_id
         LEFT JOIN res_partner AS person ON person.id = actor.partner_id
             WHERE request.is_imported IS NOT TRUE
               AND request.is_test IS NOT TRUE
            """,
            requests=requests,
            done=self._done_sql(requests),
        )

    @api.model
    def _done_sql(self, requests):
        """What was done by approvals, each with who did it."""
        label = self.env._
        return SQL(
            """
            SELECT level.request_id, %(submitted)s AS activity,
                   min(level.level_start_time) AS happened_at,
                   min(request.initiator_id) AS user_id, 0 AS place
              FROM approval_levels AS level
              JOIN workflow_requests AS request ON request.id = level.request_id
             WHERE level.request_id IN %(requests)s
               AND level.level_start_time IS NOT NULL
          GROUP BY level.request_id, level.attempt
         UNION ALL
            SELECT * FROM (
                SELECT DISTINCT ON (
                           level.request_id, level.attempt, level.level_number,
                           step.state)
                       level.request_id,
                       format(CASE step.state WHEN 'approved' THEN %(approved)s
                                              WHEN 'rejected' THEN %(rejected)s
                                              ELSE %(returned)s END,
                              level.level_number),
                       level.decided_at, level.approver_id, 10 + level.level_number
                  FROM approval_levels AS level
                  JOIN kpi_approval_step AS step ON step.id = level.step_id
                 WHERE level.request_id IN %(requests)s
                   AND level.decided_at IS NOT NULL
              ORDER BY level.request_id, level.attempt, level.level_number, step.state,
                       level.decided_at DESC, level.id DESC
            ) AS decided
         UNION ALL
            SELECT level.request_id, format(%(passed)s, level.level_number),
                   level.stopped_at, level.approver_id, 5
              FROM approval_levels AS level
             WHERE level.request_id IN %(requests)s
               AND level.is_passed_on
               AND level.stopped_at IS NOT NULL
         UNION ALL
            SELECT hold.request_id, %(held)s, hold.date_from, hold.user_id, 2
              FROM kpi_tat_hold AS hold
             WHERE hold.request_id IN %(requests)s
         UNION ALL
            SELECT hold.request_id, %(resumed)s, hold.date_to, NULL, 3
              FROM kpi_tat_hold AS hold
             WHERE hold.request_id IN %(requests)s
               AND hold.date_to IS NOT NULL
         UNION ALL
            SELECT request.id, %(withdrawn)s, request.decided_at,
                   request.initiator_id, 100
              FROM workflow_requests AS request
             WHERE request.id IN %(requests)s
               AND request.status = 'withdrawn'
               AND request.decided_at IS NOT NULL
            """,
            requests=requests,
            submitted=label("Submitted"),
            approved=label("Level %s: approved", "%s"),
            rejected=label("Level %s: rejected", "%s"),
            returned=label("Level %s: sent back", "%s"),
            passed=label("Level %s: reassigned", "%s"),
            held=label("On hold"),
            resumed=label("Resumed"),
            withdrawn=label("Withdrawn"),
        )

    @api.model
    def _get_timelines(self, log: EventLog):
        """The working hours by which each case of a log is measured: the company's."""
        ids = list(log.case_names)
        companies = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, company_id FROM workflow_requests WHERE id = ANY(%s)",
                    ids,
                )
            )
        )
        known = {}
        for company_id in set(companies.values()):
            # Hours of work are no secret.
            company = self.env["res.company"].browse(company_id).sudo()
            calendar = company.resource_calendar_id
            known[company_id] = Timeline(calendar._kpi_work_calendar())
        return [known[companies[request_id]] for request_id in ids]

    def action_export_xes(self):
        """Open the event log of these requests as a file."""
        self.check_access("read")
        asked = quote(write_ranges(self.ids))
        if len(asked) > LONGEST_ADDRESS:
            raise UserError(
                self.env._("Too many requests for one event log. Select fewer.")
            )
        companies = quote(json.dumps(self.env.companies.ids))
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi_workflow_tat/log/xes?ids={asked}&companies={companies}",
            "target": "download",
        }

    @api.model
    def _find_exported(self, ids):
        """The requests of a text by ``write_ranges``, as far as the user sees them."""
        ranges = [
            Domain("id", ">=", first) & Domain("id", "<=", last)
            for first, last in read_ranges(ids)
        ]
        return self.search(Domain.OR(ranges), order="id")

    def _write_xes(self):
        """The event log of these requests, part by part."""
        return write_xes(self._list_traces())

    def _list_traces(self):
        for part in split_every(PART, self.ids, self.browse):
            traces = {}
            # Whoever sees a request sees the names of its template and department.
            for request in part.sudo():
                case = {
                    NAME: request.number,
                    "subject": request.subject,
                    "template": request.template_id.name,
                    "priority": request.priority,
                    "status": request.status,
                    "approval_state": request.approval_state,
                    "department": request.department_id.complete_name,
                    "amount": request.amount or None,
                }
                traces[request.id] = Trace(case)
            for request_id, name, moment, resource, lifecycle in part._read_events():
                event = {NAME: name, TIME: moment.replace(tzinfo=timezone.utc)}
                event |= {RESOURCE: resource, LIFECYCLE: lifecycle}
                traces[request_id].events.append(event)
            yield from traces.values()
            part.invalidate_recordset()

    def _read_events(self):
        """Request, activity, moment, person and transition of each event."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT request_id, activity, happened_at, resource, lifecycle
                  FROM (%s) AS event
              ORDER BY request_id, happened_at, place
                """,
                self._events_sql(SQL("%s", tuple(self.ids))),
            )
        )


class KpiTatEvent(models.Model):
    """Something that was done in an imported case, as its log says it."""

    _name = "kpi.tat.event"
    _description = "Request Event"
    _inherit = ["kpi.readonly.mixin"]
    _order = "request_id, place"
    _rec_name = "activity"
    _log_access = False  # by the million; the import says who and when

    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade"
    )
    place = fields.Integer(
        string="Position",
        required=True,
        readonly=True,
        aggregator=None,
        help="Order within the case.",
    )
    activity = fields.Char(required=True, readonly=True)
    happened_at = fields.Datetime("Time", required=True, readonly=True)
    resource = fields.Char("Done By", readonly=True)
    lifecycle = fields.Char("Transition", readonly=True)

    _place_uniq = models.UniqueIndex(
        "(request_id, place)", "Event positions in a case must be unique."
    )
