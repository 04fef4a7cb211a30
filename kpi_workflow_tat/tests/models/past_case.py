"""Levels that were decided before, written as they were stored then."""

from datetime import timedelta

from odoo.tools import SQL

from .tat_case import TatCase

ALLOWED = 6 * 3600


class PastCase(TatCase):
    """Requests of the past: what they took is drawn by the test."""

    def _insert(self, table, values):
        ((row_id,),) = self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s, create_date) VALUES (%s, now()) RETURNING id",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(SQL("%s", value) for value in values.values()),
            )
        )
        return row_id

    def _insert_past(self, like, begun, seconds, *, decided=None, **values):
        """A level as ``like`` that began then and took so many seconds.

        :param decided: when, if not so many seconds later
        :param values: of the clock
        """
        approver_id = values.get("approver_id", like.approver_id.id)
        company_id = values.get("company_id", like.company_id.id)
        decided = decided or begun + timedelta(seconds=seconds)
        request_id = self._insert(
            "workflow_requests",
            {
                "number": "Past",
                "subject": "Past",
                "template_id": like.request_id.template_id.id,
                "priority": like.request_id.priority,
                "initiator_id": self.ina.id,
                "company_id": company_id,
                "status": "approved",
                "approval_state": "approved",
                "submitted_at": begun,
            },
        )
        step_id = self._insert(
            "kpi_approval_step",
            {
                "res_model": "kpi.tat.request",
                "res_id": request_id,
                "workflow_id": like.request_id.template_id.id,
                "submitter_id": self.ina.id,
                "round": 1,
                "level": 1,
                "seat": 1,
                "needed_count": 1,
                "user_id": approver_id,
                "reason": "named",
                "state": "approved",
                "content_version": "1",
            },
        )
        return self._insert(
            "approval_levels",
            {
                "request_id": request_id,
                "step_id": step_id,
                "level_number": 1,
                "attempt": 1,
                "approver_id": approver_id,
                "company_id": company_id,
                "clock": "stopped",
                "calendar_id": like.calendar_id.id,
                "allowed_seconds": ALLOWED,
                "level_start_time": begun,
                "tat_start_time": begun,
                "elapsed_before": 0,
                "stopped_at": decided,
                "decided_at": decided,
                "elapsed_seconds": seconds,
                "due_at": begun + timedelta(seconds=ALLOWED),
                "tat_breached": seconds > ALLOWED,
                **values,
            },
        )
