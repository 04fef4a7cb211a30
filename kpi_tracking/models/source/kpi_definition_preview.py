from datetime import UTC
from typing import Any

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.schemas.base import Id, Nothing

from ..definition.kpi_method_mixin import METHOD_FIELDS
from .source_statement import SourceStatement

PREVIEW_PERIODS = 12
PREVIEW_MILLISECONDS = 4000  # longer than that nobody waits while editing
NAMED_RECORDS = 3  # of those counted in the running period
OPENED_RECORDS = 1000
# What the preview depends on; the client sends what its form holds of it.
PREVIEW_FIELDS = (
    *METHOD_FIELDS,
    "calendar_id",
    "company_id",
    "currency_id",
    "duration_unit",
    "frequency",
    "history_start",
    "unit",
)
STATE_FIELDS = ("state", "parent_state")
UNCOUNTED_STATES = ("draft", "cancel", "canceled", "cancelled")


class KpiDefinition(models.Model):
    """Preview of what a KPI counts while its definition is being edited."""

    _inherit = "kpi.definition"

    # Texts, so that the app they belong to can be uninstalled.
    external_source = fields.Char(
        "Provided By",
        help="Model that provides the values. Leave empty if other systems send them.",
    )
    external_measure = fields.Char(
        "Provided Value",
    )

    @api.model
    def get_preview(self, values: dict[str, Any], definition_id: Id | Nothing = None):
        """Values of the last periods for the company, as the form would compute them.

        Only records count that the user may read; nothing is stored.

        :param values: what the form holds of ``PREVIEW_FIELDS``; else as it is stored,
            or as a new definition begins
        :return: dict of ``company`` (its name), ``points`` (``label``, ``value``,
            ``running``, oldest first), ``message`` (why there is nothing to show, or
            empty), ``states`` (drafts and canceled records that count: ``labels``,
            and the ``domain`` that leaves them out; None = none do) and ``records``
            (those counted in the last of the periods, as ``_describe_counted``; None =
            none)
        """
        definition = self.browse(definition_id or [])
        if definition:
            definition.check_access("write")
        else:
            self.check_access("create")
        known = {name: values[name] for name in PREVIEW_FIELDS if name in values}
        if not definition:
            known = {**definition.default_get(PREVIEW_FIELDS), **known}
            known["calendar_id"] = known.get(
                "calendar_id"
            ) or self._get_preview_calendar(known.get("company_id"))
        known["name"] = definition.name or definition.env._("New KPI")
        draft = definition.new(known, origin=definition or None)
        company = draft.company_id or self.env.company
        found = {
            "company": company.name,
            "points": [],
            "message": "",
            "states": draft._find_counted_states(),
            "records": None,
        }
        if draft.computation != "records":
            return found
        try:
            shown, counted, records = draft._preview_records()
        except (AccessError, ValidationError) as refusal:
            return {**found, "message": str(refusal)}
        calendar = draft.calendar_id
        today = calendar._today()
        points = [
            {
                "label": label,
                "value": counted[period.start],
                "running": period.stop > today,
            }
            for label, period in zip(calendar._period_labels(shown), shown, strict=True)
        ]
        return {
            **found,
            "points": points,
            "message": draft._preview_message(points),
            "records": records and {"period": points[-1]["label"], **records},
        }

    @api.model
    def _get_preview_calendar(self, company_id):
        """Id of the calendar that a new KPI gets; a company without KPIs gets one."""
        companies = self.env.companies
        company = companies.filtered(lambda each: each.id == company_id)
        # A company's calendar is made on first use, by any user.
        calendars = self.env["kpi.calendar"].sudo()
        return calendars._company_default(company or self.env.company).id

    def _preview_records(self):
        """The last periods, first day → value, and the records of the last period.

        None of them where they take too long.
        """
        self._check_records()
        shown = self._preview_periods()
        statement = self._preview_statement(shown)
        model = self._records_model().with_context(active_test=False)
        company = self.company_id or self.env.company
        readable = model._search(Domain.TRUE)
        rows = self._fetch_in_time(statement.company_sql(company, shown, readable))
        begun = self._fetch_in_time(statement.first_days_sql([company.id], readable))
        if rows is None or begun is None:
            return [], {}, None
        first = dict(begun).get(company.id)
        (slot,) = statement.slots
        counted = {
            period.start: slot.empty_value if first and first < period.stop else None
            for period in shown
        }
        counted |= {start: value for start, value in rows if value is not None}
        last = statement.counted_sql(company, shown[-1], readable, OPENED_RECORDS)
        return shown, counted, self._describe_counted(self._fetch_in_time(last))

    def _describe_counted(self, rows):
        """Records that a preview counts, the latest first.

        :param rows: pairs of an id and the number of all; None without records
        :return: dict of ``model``, ``ids`` (as many as a list opens), ``count`` and
            ``named`` (dicts of ``id``, ``name``, ``person`` and ``day``, in words);
            None where there are none
        """
        if not rows:
            return None
        ids = [id_ for id_, _count in rows]
        records = self._records_model().with_context(active_test=False)
        return {
            "model": self.model_name,
            "ids": ids,
            "count": rows[0][1],
            "named": [
                {
                    "id": record.id,
                    "name": record.display_name,
                    "person": self._name_person_of(record),
                    "day": self._format_date_of(record),
                }
                for record in records.browse(ids[:NAMED_RECORDS])
            ],
        }

    def _name_person_of(self, record):
        """The person of a record, if the reader has access to it."""
        path = self.user_field
        if not path or not self._has_path(path):
            return ""
        try:
            people = record.mapped(path)
            is_named = isinstance(people, models.BaseModel)
            return ", ".join(people.mapped("display_name")) if is_named else ""
        except AccessError:
            return ""

    def _format_date_of(self, record):
        """The date that assigns a record to its period, in the reader's language."""
        field = record._fields.get(self.date_field)
        if not field or field.type not in ("date", "datetime"):
            return ""
        moment = record[field.name]
        if moment and field.type == "datetime":
            zone = periods.zone(self.calendar_id._spec().tz)
            moment = moment.replace(tzinfo=UTC).astimezone(zone).date()
        return format_day(self.env, moment) if moment else ""

    def _preview_periods(self):
        """The last periods within the history; of a snapshot the running one alone."""
        calendar = self.calendar_id
        current = calendar._period(self.frequency, calendar._today())
        if self.kind == "snapshot":
            return [current]
        first = calendar._period_before(current, PREVIEW_PERIODS - 1)
        start = max(first.start, min(self.history_start, current.start))
        return calendar._periods(self.frequency, start, current.start)

    def _preview_statement(self, shown):
        """The statement of the engine for the periods."""
        # Shared tables are the engine's own; what counts is narrowed to the reader's.
        sources = self.env["kpi.source"].sudo()
        self.calendar_id._ensure_days(shown[0].start, shown[-1].stop)
        if self.working_calendar_id:
            # As above.
            self.env["kpi.working.day"].sudo()._ensure(
                self.working_calendar_id, shown[0].start, shown[-1].stop
            )
        source = sources.new(
            {**sources._prepare_source_values(self), "grain": self.frequency}
        )
        try:
            statement = SourceStatement(source)
            (stretch,) = self._list_stretches()
            statement.add(stretch)
        except (KeyError, ValueError, TypeError) as misfit:
            raise ValidationError(
                self.env._(
                    "%(kpi)s cannot be computed from %(records)s: %(reason)s",
                    kpi=self.name,
                    records=self.model_label,
                    reason=misfit,
                )
            ) from misfit
        return statement

    def _fetch_in_time(self, query):
        """Rows of ``query``; None where they take longer than people wait."""
        self.env.flush_query(query)
        cr = self.env.cr
        try:
            with cr.savepoint(flush=False):
                limit = SQL("SET LOCAL statement_timeout = %s", PREVIEW_MILLISECONDS)
                cr.execute(limit)
                cr.execute(query, log_exceptions=False)
                rows = cr.fetchall()
                cr.execute("SET LOCAL statement_timeout TO DEFAULT")
        except errors.QueryCanceled:
            return None
        except (errors.DataError, errors.ProgrammingError) as error:
            raise ValidationError(str(error).splitlines()[0]) from error
        return rows

    def _preview_message(self, points):
        """Say why there is nothing, or little, to see; empty where there is."""
        if not points:
            return self.env._(
                "The preview takes too long. Save the KPI to compute its values."
            )
        if not any(point["value"] for point in points):
            return self.env._("No records in these periods. Check the filter and date.")
        if self.kind == "snapshot":
            return self.env._(
                "Shows the running period only. Snapshots are taken when a period "
                "closes."
            )
        return ""

    def _find_counted_states(self):
        """Drafts and cancelled records that the filter lets count; None = none.

        :return: dict of ``labels`` of the states, ``domain`` (text) without them
        """
        if self.computation != "records" or self.model_name not in self.env:
            return None
        try:
            model = self._records_model()
            domain = self._parse_domain("domain")
        except ValidationError:
            return None
        name = next((name for name in STATE_FIELDS if name in model._fields), None)
        field = name and model._fields[name]
        if not field or field.type != "selection" or not self._has_path(name):
            return None
        labels = dict(field._description_selection(self.env))
        counted = [state for state in UNCOUNTED_STATES if state in labels]
        asked = {
            condition.field_expr.rpartition(".")[2]
            for condition in domain.iter_conditions()
        }
        if not counted or asked.intersection(STATE_FIELDS):
            return None
        narrowed = domain & Domain(name, "not in", counted)
        return {
            "labels": [labels[state] for state in counted],
            "domain": repr(list(narrowed)),
        }

    @api.constrains("computation", "external_source", "external_measure")
    def _check_external_source(self):
        for definition in self.filtered("external_source"):
            reason = definition._find_external_misfit()
            if reason:
                raise ValidationError(reason)

    def _check_external(self):
        """Return whether an app provides values for this KPI; it says why not."""
        misfit = self._find_external_misfit()
        self._set_computation_error(misfit)
        return not misfit

    def _find_external_misfit(self):
        """Return why no app can provide values for this KPI; empty where one can."""
        self.ensure_one()
        words = {"kpi": self.name, "model": self.external_source}
        if self.external_source not in self.env:
            return self.env._("%(kpi)s: “%(model)s” is not installed.", **words)
        source = self._get_external_source()
        if source is None:
            return self.env._("%(kpi)s: “%(model)s” does not provide values.", **words)
        if self.external_measure not in source._get_measures():
            return self.env._(
                "%(kpi)s: “%(model)s” does not provide “%(measure)s”. Available: "
                "%(known)s.",
                measure=self.external_measure or "",
                known=", ".join(source._get_measures()),
                **words,
            )
        return ""

    def _get_external_source(self):
        """The model that hands the values over; None where none does."""
        model = self.env.registry.get(self.external_source or "")
        interface = self.env.registry["kpi.external.source"]
        if self.computation != "external" or not model:
            return None
        return self.env[model._name] if issubclass(model, interface) else None

    def _turn_on_external(self):
        """Have the sources of these KPIs prepare what their first values need."""
        for same in self.grouped("external_source").values():
            source = same[0]._get_external_source()
            if source is not None:
                source._turn_on(same)
