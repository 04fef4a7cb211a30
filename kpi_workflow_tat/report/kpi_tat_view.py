from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

UTC = timezone.utc
YEARS = range(1900, 9999)
ALWAYS = (SQL("'-infinity'::timestamp"), SQL("'infinity'::timestamp"))
SETTINGS = tuple(
    SQL(
        "COALESCE(NULLIF(current_setting(%s, true), '')::timestamp, %s)",
        f"kpi_tat.{name}",
        always,
    )
    for name, always in zip(("date_from", "date_to"), ALWAYS, strict=True)
)


class KpiTatView(models.AbstractModel):
    """Rows of a report: a database view for queries, and a model for screens.

    Both run the SELECT of ``_rows_sql``. Queries choose a period by
    ``set_config('kpi_tat.date_from', …, true)`` and ``date_to``, screens by
    ``kpi_tat_date_from`` and ``kpi_tat_date_to`` in the context: days of the reader, or
    moments (UTC unless they name an offset); the end is the first moment that does not
    count.
    """

    _name = "kpi.tat.view"
    _description = "Turn-Around Time Report"
    _inherit = ["kpi.view.mixin"]
    _auto = False

    @property
    def _table_query(self):
        return self._rows_sql(*self._get_period_sql())

    @api.model
    def _view_sql(self):
        return self._rows_sql(*SETTINGS)

    @api.model
    def _rows_sql(self, start, stop):
        """The SELECT of the rows of a period, given as SQL."""
        raise NotImplementedError(f"{self._name} has no _rows_sql")

    @api.model
    def _is_met_sql(self):
        """Whether a clock (``level``) was in time; NULL while that is open.

        The sweep marks what is overdue, so open rows are judged by it too.
        """
        return SQL(
            """
            (CASE WHEN %s THEN NULL
                  WHEN level.tat_breached THEN FALSE
                  WHEN level.decided_at IS NOT NULL THEN TRUE END)
            """,
            self._is_silent_sql(),
        )

    @api.model
    def _is_silent_sql(self):
        """Whether a clock (``level``) says nothing; NULL or false where it does.

        The time went on with somebody else, or was a group's, of which another one
        claimed the request or decided. Where nobody of it did, all of them are judged.
        """
        return SQL("(level.is_passed_on OR level.is_left_to_others)")

    @api.model
    def _open_sql(self):
        """Statuses of requests that were submitted and not decided on."""
        return SQL("('pending', 'on_hold', 'returned')")

    @api.model
    def _cycle_sql(self):
        """Hours that a request took; NULL as long as it is open."""
        return SQL(
            """
            (CASE WHEN request.approval_state IN ('approved', 'rejected')
                  THEN request.cycle_hours END)
            """
        )

    @api.model
    def _age_sql(self):
        """Hours since a request was first submitted."""
        return SQL(
            """
            (EXTRACT(epoch FROM (now() AT TIME ZONE 'UTC') - request.submitted_at)
             / 3600)
            """
        )

    @api.model
    def _get_period_sql(self):
        return tuple(
            always if moment is None else SQL("%s::timestamp", moment)
            for moment, always in zip(self._get_period(), ALWAYS, strict=True)
        )

    @api.model
    def _get_period(self):
        """The period that the context asks for: two moments (UTC), None = any.

        :raises UserError: what the context holds is no date
        """
        return tuple(
            self._read_moment(self.env.context.get(f"kpi_tat_date_{side}"))
            for side in ("from", "to")
        )

    @api.model
    def _read_moment(self, value):
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.year not in YEARS:
                raise ValueError("What is this far away has no zone.")
        except ValueError as error:
            raise UserError(
                self.env._("“%s” is not a date such as 2026-03-31.", value)
            ) from error
        if len(str(value)) > len("2026-03-31"):
            if moment.tzinfo:
                moment = moment.astimezone(UTC)
            return moment.replace(tzinfo=None)
        local = datetime.combine(moment, time(), ZoneInfo(self.env.user.tz or "UTC"))
        return local.astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _get_period_domain(self, name):
        """Records whose moment ``name`` lies in the period."""
        domain = Domain(name, "!=", False)
        start, stop = self._get_period()
        if start:
            domain &= Domain(name, ">=", fields.Datetime.to_string(start))
        if stop:
            domain &= Domain(name, "<", fields.Datetime.to_string(stop))
        return domain

    @api.model
    def _get_opened_domain(self):
        """Requests first submitted in the period, and drafts made in it."""
        submitted = self._get_period_domain("submitted_at")
        made = self._get_period_domain("create_date")
        return submitted | (Domain("submitted_at", "=", False) & made)

    def action_open_rows(self):
        """Open a row's request, or the records that its first count is about."""
        self.ensure_one()
        if "request_id" in self._fields:
            return self.request_id.get_formview_action()
        model, domain = self._get_counted()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": model,
            "domain": list(domain & self._get_real_domain(model)),
            "view_mode": "list,form" if model == "kpi.tat.request" else "list",
            "views": [(False, "list"), (False, "form")],
            "context": {"active_test": False},
        }

    @api.model
    def _get_real_domain(self, model):
        """Leave out requests made in test mode, as all reports do."""
        has_tests = model == "kpi.tat.request"
        return Domain("is_test", "=", False) if has_tests else Domain.TRUE

    def _get_counted(self):
        """Name of the model and domain of the records that a row counts."""
        raise NotImplementedError(f"{self._name} has no _get_counted")
