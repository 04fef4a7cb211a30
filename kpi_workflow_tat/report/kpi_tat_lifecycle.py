from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count

from .kpi_tat_view import Rounded, choose_as


class KpiTatLifecycle(models.Model):
    """Each step of a request from its submission to the decision, and its time.

    A step is a person's clock on a level, a hold, the time in which the initiator
    revises what was sent back or withdrawn, or an event of an imported case, which
    takes the time since the one before. Clocks of a group that another one of it has
    decided or claimed for are left out: they show the same time.
    """

    _name = "kpi.tat.lifecycle"
    _description = "Request Lifecycle"
    _table = "vw_request_lifecycle"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _order = "request_id desc, started_at, place, id"
    _rec_name = "step"
    _mailed_columns = ("request_number", "step", "person_name", "clock_hours")
    _screen_path = "tat-lifecycle"

    request_id = fields.Many2one("kpi.tat.request", readonly=True)
    request_number = fields.Char("Number", readonly=True)
    subject = fields.Char(readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    template_id = fields.Many2one("kpi.approval.workflow", readonly=True)
    priority = choose_as("priority")
    status = choose_as("status")
    step = fields.Char(readonly=True)
    place = fields.Integer(
        "Position",
        readonly=True,
        aggregator=None,
    )
    attempt = fields.Integer(readonly=True, aggregator=None)
    person_name = fields.Char("Person", readonly=True)
    result = choose_as("state", "kpi.approval.step", string="Result")
    comment = fields.Text(readonly=True)
    started_at = fields.Datetime("From", readonly=True)
    ended_at = fields.Datetime("Until", readonly=True)
    clock_hours = Rounded(
        "Calendar Hours", aggregator="median", help="Blank while the step is open."
    )
    worked_hours = Rounded(
        "Working Hours",
        aggregator="median",
        help="Excludes the time of previous approvers.",
    )
    is_late = fields.Boolean("Overdue", readonly=True)

    # Submissions and withdrawals are moments: they take no time. No clock begins before
    # its request was submitted: the index finds those of recent requests.
    _rows = """
        SELECT stage.id,
               stage.request_id,
               request.number AS request_number,
               request.subject,
               request.company_id,
               request.department_id,
               department.name->>'en_US' AS department,
               request.template_id,
               request.priority,
               request.status,
               stage.step,
               stage.place,
               stage.attempt,
               COALESCE(stage.resource, person.name) AS person_name,
               stage.result,
               stage.comment,
               stage.started_at,
               stage.ended_at,
               CASE WHEN stage.place NOT IN (0, 9002) THEN
                    round(EXTRACT(epoch FROM stage.ended_at - stage.started_at)
                        / 3600, 4) END AS clock_hours,
               stage.worked_hours,
               stage.is_late
          FROM (
            SELECT level.id * 8::bigint AS id,
                   level.request_id,
                   format(%(level)s, level.level_number) AS step,
                   10 * LEAST(level.level_number, 800) AS place,
                   level.attempt,
                   level.approver_id AS user_id,
                   NULL AS resource,
                   step.state AS result,
                   step.comment,
                   -- the clock of who took over began with whoever had it before
                   CASE WHEN former.id IS NOT NULL
                         AND former.is_left_to_others IS NOT TRUE
                         AND COALESCE(level.own_before, 0) = 0
                        THEN GREATEST(level.level_start_time, step.asked_at)
                        ELSE level.level_start_time END AS started_at,
                   level.stopped_at AS ended_at,
                   CASE WHEN level.clock = 'stopped' THEN
                        round((level.elapsed_seconds
                             - CASE WHEN former.is_left_to_others IS NOT TRUE
                                     AND former.id IS NOT NULL
                                    THEN level.taken_over_seconds ELSE 0 END)
                            / 3600.0, 4) END AS worked_hours,
                   COALESCE(level.tat_breached AND NOT level.is_passed_on, FALSE)
                       AS is_late
              FROM approval_levels AS level
              JOIN kpi_approval_step AS step ON step.id = level.step_id
         LEFT JOIN approval_levels AS former ON former.id = level.former_id
             WHERE level.level_start_time >= %(start)s - interval '1 day'
               AND level.is_left_to_others IS NOT TRUE
         UNION ALL
            SELECT own.id * 8::bigint + part.number, own.request_id, part.step,
                   part.place, own.attempt, request.initiator_id, NULL, NULL, NULL,
                   part.started_at, part.ended_at, NULL, FALSE
              FROM (
                -- of each attempt its first clock, and when its last clock stopped
                SELECT min(level.id) AS id,
                       level.request_id,
                       level.attempt,
                       min(level.level_start_time) AS started_at,
                       CASE WHEN bool_and(level.clock = 'stopped')
                            THEN max(level.stopped_at) END AS stopped_at,
                       lead(min(level.level_start_time)) OVER (
                           PARTITION BY level.request_id
                               ORDER BY level.attempt) AS next_at
                  FROM approval_levels AS level
                 WHERE level.level_start_time >= %(start)s - interval '1 day'
              GROUP BY level.request_id, level.attempt
              ) AS own
              JOIN workflow_requests AS request ON request.id = own.request_id
        CROSS JOIN LATERAL (VALUES
                (1, %(submitted)s, 0, own.started_at, own.started_at),
                (2, %(revision)s, 9000, own.stopped_at, own.next_at)
              ) AS part (number, step, place, started_at, ended_at)
             WHERE part.number = 1
                OR own.stopped_at < own.next_at
                OR (own.next_at IS NULL AND request.status = 'returned')
         UNION ALL
            SELECT hold.id * 8::bigint + 3, hold.request_id, %(held)s, 9001, NULL,
                   hold.user_id, NULL, NULL, hold.reason, hold.date_from,
                   hold.date_to, NULL, FALSE
              FROM kpi_tat_hold AS hold
         UNION ALL
            SELECT request.id * 8::bigint + 4, request.id, %(withdrawn)s, 9002, NULL,
                   request.initiator_id, NULL, NULL, NULL, request.decided_at,
                   request.decided_at, NULL, FALSE
              FROM workflow_requests AS request
             WHERE request.status = 'withdrawn'
               AND request.decided_at IS NOT NULL
         UNION ALL
            SELECT event.id * 8::bigint + 5, event.request_id, event.activity,
                   10000 + LEAST(event.place, 1000000), NULL, NULL, event.resource,
                   NULL, NULL,
                   lag(event.happened_at, 1, event.happened_at) OVER (
                       PARTITION BY event.request_id ORDER BY event.place),
                   event.happened_at, NULL, FALSE
              FROM kpi_tat_event AS event
          ) AS stage
          JOIN workflow_requests AS request ON request.id = stage.request_id
     LEFT JOIN res_users AS actor ON actor.id = stage.user_id
     LEFT JOIN res_partner AS person ON person.id = actor.partner_id
     LEFT JOIN hr_department AS department ON department.id = request.department_id
         WHERE %(chosen)s
           AND request.submitted_at >= %(start)s
           AND request.submitted_at < %(stop)s
    """

    @api.model
    def _get_parts(self):
        label = self.env._
        return {
            "held": label("On hold"),
            "level": label("Level %s", "%s"),
            "revision": label("Revision"),
            "submitted": label("Submitted"),
            "withdrawn": label("Withdrawn"),
        }

    @api.model
    def _read_group_orderby(self, order, groupby_terms, query):
        """Order groups of steps as these follow one another."""
        step = groupby_terms.get("step")
        if not step:
            return super()._read_group_orderby(order, groupby_terms, query)

        place = self._field_to_sql(self._table, "place", query)
        # Steps of one place need an order of their own: groups come in pages.
        groupby_terms["step"] = SQL("(min(%s), %s)", place, step)
        result = super()._read_group_orderby(order, groupby_terms, query)
        groupby_terms["step"] = step
        return result

    def _say_number(self):
        requests = self.env._("1 request"), self.env._("%s requests")
        return say_count(len(self.request_id), *requests)
