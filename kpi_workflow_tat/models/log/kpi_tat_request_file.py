import json
from datetime import timezone
from urllib.parse import quote

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ...engine.ranges import read_ranges, write_ranges
from ...engine.xes import LIFECYCLE, NAME, RESOURCE, TIME, Trace, write_xes

PART = 1_000  # requests at once
LONGEST_ADDRESS = 6_000  # characters; servers cut others off


class KpiTatRequest(models.Model):
    """Requests as an event log (XES)."""

    _inherit = "kpi.tat.request"

    def action_export_xes(self):
        """Open the event log of these requests as a file."""
        self.check_access("read")
        asked = quote(write_ranges(self.ids))
        if len(asked) > LONGEST_ADDRESS:
            raise UserError(
                self.env._("Too many separate requests. Choose fewer, or a report.")
            )
        return self._open_xes(f"ids={asked}")

    @api.model
    def _open_xes(self, query):
        companies = json.dumps(self.env.companies.ids)
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi_workflow_tat/log/xes?{query}&companies={quote(companies)}",
            "target": "download",
        }

    @api.model
    def _find_exported(self, ids):
        """The requests of a text by ``write_ranges``, as far as the user sees them.

        :raises ValueError: it is no such text
        """
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
            traces = {request.id: Trace(request._get_trace()) for request in part}
            for request_id, *values in part._read_events():
                moment = values[1].replace(tzinfo=timezone.utc)
                event = dict(
                    zip((NAME, TIME, RESOURCE, LIFECYCLE), values, strict=True)
                )
                traces[request_id].events.append({**event, TIME: moment})
            yield from traces.values()
            part.invalidate_recordset()

    def _get_trace(self):
        """Attributes of this request as a case."""
        # Whoever sees the request sees the names of its template and department.
        own = self.sudo()
        return {
            NAME: self.number,
            "subject": self.subject,
            "template": own.template_id.name,
            "priority": self.priority,
            "status": self.status,
            "department": own.department_id.complete_name,
            "amount": self.amount or None,
        }

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
