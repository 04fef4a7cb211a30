from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.report.kpi_report import WIDEST

BY_KPI = "definition_id"


class KpiAlertEvent(models.Model):
    """Alerts by KPI: what a list shows of each KPI while its alerts are folded."""

    _inherit = "kpi.alert.event"

    @api.model
    @api.readonly
    def web_read_group(
        self,
        domain,
        groupby,
        aggregates=(),
        limit=None,
        offset=0,
        order=None,
        *,
        unfold_read_specification=None,
        **options,
    ):
        """As in Odoo; groups of KPIs have a ``kpi_head``, as of ``_get_kpi_heads``."""
        found = super().web_read_group(
            domain,
            groupby,
            aggregates,
            limit,
            offset,
            order,
            unfold_read_specification=unfold_read_specification,
            **options,
        )
        if list(groupby[:1]) == [BY_KPI]:
            specification = unfold_read_specification or {}
            groups = {
                group[BY_KPI][0]: group for group in found["groups"] if group[BY_KPI]
            }
            heads = self._get_kpi_heads(domain, list(groups), specification)
            for definition_id, head in heads.items():
                groups[definition_id]["kpi_head"] = head
        return found

    @api.model
    def _get_kpi_heads(self, domain, definition_ids, specification):
        """Describe KPIs by their alerts, by a constant number of statements.

        :param domain: of the alerts that are meant; the user sees no others
        :param specification: fields of ``row``, as ``web_read`` takes them
        :return: dict definition id → dict of

            - ``row``: the alert of the widest level, and of its newest period
            - ``alert_count``, ``level_count``, ``rule_count``
            - ``waiting_count``: of those that the user can acknowledge
            - ``since``: moment at which the first one opened, as a text
            - ``streak``: how long the condition has held, in words; may be empty
            - ``assignees``: dicts of ``id`` and ``name``
            - ``so_far``: ``label`` and ``status`` of the running period where the row
              is about an earlier one, or False
        """
        if not definition_ids:
            return {}
        facts = self._fetch_group_facts(
            Domain(domain) & Domain(BY_KPI, "in", definition_ids)
        )
        heads = self.browse([each["head_id"] for each in facts])
        rows = heads.web_read(specification)
        firing = self.browse([id_ for each in facts for id_ in each["firing_ids"]])
        waiting = set(firing.filtered("can_act").ids)
        so_far = heads._get_so_far()
        # Who sees an alert reads who has it.
        people = self.env["res.users"].sudo()
        found = {}
        for each, head, row in zip(facts, heads, rows, strict=True):
            found[each["definition_id"]] = {
                "row": row,
                "alert_count": each["alert_count"],
                "level_count": each["level_count"],
                "rule_count": each["rule_count"],
                "waiting_count": len(waiting.intersection(each["firing_ids"])),
                "since": fields.Datetime.to_string(each["since"]),
                "streak": head._get_streak_text(),
                "assignees": [
                    {"id": person.id, "name": person.name}
                    for person in people.browse(each["assignee_ids"])
                ],
                "so_far": so_far.get(head.report_id.id, False),
            }
        return found

    @api.model
    def _fetch_group_facts(self, domain):
        """Counts and the first alert of each KPI, in the order of their ids.

        Of levels that are as wide as each other, the newest and then the worst counts.
        """
        alerts = self._search(domain)
        if alerts.is_empty():
            return []
        self.flush_model()
        self.env["kpi.report"].flush_model(["department_id", "scope_type"])
        self.env["hr.department"].flush_model(["parent_path"])
        severity = SQL.identifier("event", "severity")
        statement = SQL(
            """
            SELECT event.definition_id,
                   (array_agg(
                      event.id
                      ORDER BY array_position(%(widest)s::varchar[], report.scope_type),
                               array_length(
                                 string_to_array(department.parent_path, '/'), 1),
                               event.period_start DESC, %(rank)s DESC, event.id
                    ))[1] AS head_id,
                   count(*) AS alert_count,
                   count(DISTINCT event.report_id) AS level_count,
                   count(DISTINCT coalesce(event.alert_id::text, event.rule_name))
                     AS rule_count,
                   min(event.fired_at) AS since,
                   coalesce(array_agg(DISTINCT event.assignee_id)
                              FILTER (WHERE event.assignee_id IS NOT NULL),
                            '{}') AS assignee_ids,
                   coalesce(array_agg(event.id)
                              FILTER (WHERE event.state = 'firing'),
                            '{}') AS firing_ids
              FROM kpi_alert_event AS event
              JOIN kpi_report AS report ON report.id = event.report_id
         LEFT JOIN hr_department AS department ON department.id = report.department_id
             WHERE event.id IN %(alerts)s
          GROUP BY event.definition_id
          ORDER BY event.definition_id
            """,
            widest=list(WIDEST),
            rank=self._rank_sql("severity", severity),
            alerts=alerts.subselect(),
        )
        self.env.cr.execute(statement)
        return self.env.cr.dictfetchall()

    def _get_so_far(self):
        """Status of KPIs in the period that runs, where these alerts are about others.

        :return: dict report id → dict of ``label`` and ``status``; only of what has a
            target and a value, once a day of the period is over
        """
        running = {}
        for event in self:
            # Who sees an alert sees how its KPI stands.
            report = event.report_id.sudo()
            calendar = report.definition_id.calendar_id
            today = calendar._today()
            period = calendar._period(report.frequency, today)
            # On the first day nothing has happened yet, which is no news.
            is_new = period.days > 1 and period.start == today
            if event.period_start < period.start and not is_new:
                running[report] = [period]
        standings = self.env["kpi.report"]._get_standings(running)
        return {
            report.id: {"label": standing.label, "status": standing.judged.status}
            for report, (standing,) in standings.items()
            if standing.is_judged
        }

    def _get_streak_text(self):
        """“below 100% for 8 months”; "" for one period, or without a condition."""
        details = self.details or {}
        is_compared = self.alert_type == "threshold_breach" and self.compared
        is_broken = self.measured is not False and details.get("not_yet") is None
        if not is_compared or not is_broken or "newest" in details:
            return ""
        condition = self._say_condition(details)
        streak = self._add_duration(condition)
        return streak if streak != condition else ""
