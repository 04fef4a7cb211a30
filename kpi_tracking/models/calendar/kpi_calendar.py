import dataclasses
from contextlib import suppress
from datetime import UTC, date, timedelta

from babel.dates import get_day_names, get_month_names

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.formatting import period as format_period
from odoo.addons.kpi_base.formatting import reader_table, reader_words

from ...engine.due import elapsed_ratios

# In English, whatever language the process runs in: they are translated.
DAYS = get_day_names(locale="en")
WEEKDAYS = [(str(day), DAYS[day]) for day in range(7)]
MONTHS = [(str(month), name) for month, name in get_month_names(locale="en").items()]
# Where its periods begin and end.
SHAPE_FIELDS = {field.name for field in dataclasses.fields(periods.CalendarSpec)}
# On which days: in an order that stays, as it is stored.
DAY_FIELDS = sorted(SHAPE_FIELDS - {"tz"})
GRAINS = [
    ("day", "Day"),
    ("week", "Week"),
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("year", "Year"),
]


class KpiCalendar(models.Model):
    """Time zone, first weekday and fiscal year that cut time into periods.

    It belongs to the KPI, never to the person who looks: everybody sees the
    same January. Its periods are stored as rows per day, which every statement of
    the engine joins on a record's local date; calendars of one shape share them.
    """

    _name = "kpi.calendar"
    _description = "KPI Calendar"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: (
            self.env.company.partner_id.tz or self.env.user.tz or "UTC"
        ),
    )
    week_start = fields.Selection(
        WEEKDAYS, "First Day of the Week", required=True, default="0"
    )
    fiscal_month = fields.Selection(
        MONTHS, "Fiscal Year Starts In", required=True, default="1"
    )
    fiscal_day = fields.Integer("On Day", required=True, default=1)
    pattern = fields.Selection(
        [
            ("gregorian", "Calendar Months"),
            ("4-4-5", "4-4-5 Weeks"),
            ("4-5-4", "4-5-4 Weeks"),
            ("5-4-4", "5-4-4 Weeks"),
        ],
        required=True,
        default="gregorian",
    )
    year_end = fields.Selection(
        [
            ("last", "With the Last Week Ending in the Month"),
            ("nearest", "With the Week Ending Nearest to Month End"),
        ],
        "Week-Based Year Ends",
        required=True,
        default="last",
    )
    is_default = fields.Boolean(
        "Created Automatically",
        readonly=True,
        copy=False,
        exportable=False,
    )
    definition_ids = fields.One2many("kpi.definition", "calendar_id", "KPIs")
    shape = fields.Char(
        compute="_compute_shape", store=True, precompute=True, exportable=False
    )

    _default_uniq = models.UniqueIndex(
        "(company_id) WHERE is_default", "This company already has a default calendar."
    )
    _fiscal_day_in_month = models.Constraint(
        "CHECK (fiscal_day BETWEEN 1 AND 28)",
        "The fiscal year must start on a day from 1 to 28.",
    )

    @api.depends(*DAY_FIELDS)
    def _compute_shape(self):
        for calendar in self:
            calendar.shape = "/".join(str(calendar[name]) for name in DAY_FIELDS)

    def _spec(self):
        """The calendar as a plain value of the period engine."""
        self.ensure_one()
        return self._get_cached_spec() if self.id else self._build_spec()

    @tools.ormcache("self.id")
    def _get_cached_spec(self):
        """As ``_build_spec``, cached for all requests until a calendar changes."""
        # The periods of a KPI are no secret to who sees its values, and are cached for
        # all alike, whoever asks first.
        return self.sudo()._build_spec()

    def _get_shape(self):
        """The shape of its days, for whoever asks."""
        # No secret, as above.
        return self.sudo().shape

    def _build_spec(self):
        shape = {name: self[name] for name in SHAPE_FIELDS}
        for name in ("week_start", "fiscal_month"):
            shape[name] = int(shape[name])
        return periods.CalendarSpec(**shape)

    def write(self, vals):
        names = SHAPE_FIELDS & vals.keys()
        changed = self.filtered(lambda cal: any(cal[n] != vals[n] for n in names))
        if changed:
            # Any value counts, also those that the officer may not see.
            reports = self.env["kpi.report"].sudo().with_context(active_test=False)
            reports = reports.search([("definition_id.calendar_id", "in", changed.ids)])
            reports._hold_off()
            facts = reports.env["kpi.measurement"]
            used = facts.search([("report_id", "in", reports.ids)], limit=1).report_id
            if used:
                raise UserError(
                    self.env._(
                        "The time zone and periods of %(calendar)s cannot be changed: "
                        "%(kpi)s has values. Create a new calendar instead.",
                        calendar=used.definition_id.calendar_id.name,
                        kpi=used.display_name,
                    )
                )
        result = super().write(vals)
        if changed:
            self.env.registry.clear_cache()
        if names:
            # Also archived ones, and those that the officer may not see.
            everything = self.sudo().with_context(active_test=False)
            everything.definition_ids._note_meaning()
        return result

    @api.model
    def _company_default(self, company):
        """The calendar chosen in the settings, else the company's own."""
        calendar = self._find_company_default(company)
        if calendar.id:
            return calendar
        # Who needs it at the same moment waits, and finds it.
        self.env["kpi.claim"]._claim(f"calendar of company {company.id}")
        values = self._prepare_company_default_values(company)
        # Nobody else says that a calendar is the company's own.
        return self.sudo().create(values).with_env(self.env)

    @api.model
    def _find_company_default(self, company):
        """As ``_company_default``, for what only reads: a new one is not stored."""
        calendar = company.kpi_calendar_id or self.search_fetch(
            [("company_id", "=", company.id)], order="is_default DESC, id", limit=1
        )
        if calendar:
            return calendar
        values = self._prepare_company_default_values(company)
        # What a company's own calendar is like is no secret.
        return self.sudo().new(values).with_env(self.env)

    @api.model
    def _prepare_company_default_values(self, company):
        values = {"name": company.name, "company_id": company.id, "is_default": True}
        if company.partner_id.tz:
            values["tz"] = company.partner_id.tz
        return values

    def _today(self):
        """The current local date of the calendar's time zone."""
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=UTC)
        return now.astimezone(periods.zone(self._spec().tz)).date()

    def _period(self, grain, day):
        """The period of ``grain`` that holds the local ``day``."""
        try:
            return periods.period_of(self._spec(), grain, day)
        except periods.PeriodError as error:
            raise ValidationError(str(error)) from error

    def _periods(self, grain, first, last):
        """All periods of ``grain`` that touch ``first`` … ``last``, oldest first."""
        try:
            return periods.periods_between(self._spec(), grain, first, last)
        except periods.PeriodError as error:
            raise ValidationError(str(error)) from error

    def _latest_periods(self, grain, count):
        """The last ``count`` periods, the running one included, oldest first."""
        running = self._period(grain, self._today())
        first = periods.previous(self._spec(), running, count - 1)
        return self._periods(grain, first.start, running.start)

    def _period_before(self, period, count=1):
        """The period so many before; None before 1900, when calendars begin."""
        with suppress(periods.PeriodError):
            return periods.previous(self._spec(), period, count)
        return None

    def _periods_within(self, grain, periods):
        """The shorter periods of ``grain`` that make up ``periods``, oldest first."""
        first, stop = periods[0].start, periods[-1].stop
        finer = self._periods(grain, first, stop - timedelta(days=1))
        return [period for period in finer if period.start >= first]

    def _get_elapsed_ratios(self, periods):
        """See ``engine.due.elapsed_ratios``."""
        return elapsed_ratios(periods, self._today())

    def _ensure_days(self, first, last):
        """Fill the day table so that it covers ``first`` … ``last`` (full years)."""
        self.ensure_one()
        shape = self._get_shape()
        # With today, so that what two transactions add first overlaps, without a gap.
        today = self._today()
        first = date(max(min(first, today).year - 1, periods.FIRST_DAY.year), 1, 1)
        last = date(max(last, today).year + 1, 12, 31)
        self.env.cr.execute(
            "SELECT min(day), max(day) FROM kpi_calendar_day"
            " WHERE shape = %s AND grain = 'day'",
            (shape,),
        )
        known_first, known_last = self.env.cr.fetchone()
        if known_first and known_first <= first and known_last >= last:
            return
        # The range has no gaps, so that min and max describe it.
        missing = [(first, last)]
        if known_first:
            day = timedelta(days=1)
            missing = [(first, known_first - day), (known_last + day, last)]
        rows = [
            (p.grain, p.start, p.stop, max(p.start, since), until)
            for since, until in missing
            if since <= until
            for grain in periods.GRAINS
            for p in self._periods(grain, since, until)
        ]
        self.env.cr.execute(
            """
            INSERT INTO kpi_calendar_day
                        (shape, grain, period_start, period_stop, day)
                 SELECT %s, grain, start, stop, generate_series(
                            since, least(stop - 1, until), interval '1 day'
                        )
                   FROM unnest(
                            %s::text[], %s::date[], %s::date[], %s::date[], %s::date[]
                        ) AS period(grain, start, stop, since, until)
            ON CONFLICT DO NOTHING
            """,
            (shape, *map(list, zip(*rows, strict=True))),
        )
        # PostgreSQL would take the new shape for empty until the table is vacuumed:
        # joined in a nested loop, 9,000 records took 20 s instead of 0.1.
        self.env.cr.execute("ANALYZE kpi_calendar_day")

    def _period_label(self, period):
        """Name of a ``Period`` in the reader's language: “Oct 2026”, “W42 2026”.

        Where months or years do not follow the wall calendar, a name such as “Q3” would
        be read differently by everybody: these periods are named by their first and
        last month or day.
        """
        (label,) = self._period_labels([period])
        return label

    def _period_labels(self, periods):
        """Names of periods, as ``_period_label``; the language is looked up once."""
        self.ensure_one()
        has_week_numbers = self._spec().week_start == 0
        table = {**reader_table(self.env), "words": reader_words(self.env)}
        return [
            format_period(
                table, each.start, each.grain, each.stop, is_iso_week=has_week_numbers
            )
            for each in periods
        ]


class KpiCalendarDay(models.Model):
    """Period of each grain that a local day belongs to, for calendars of a shape."""

    _name = "kpi.calendar.day"
    _description = "KPI Calendar Day"
    _log_access = False
    _rec_name = "day"

    shape = fields.Char("Calendar", required=True)
    grain = fields.Selection(GRAINS, "Period Length", required=True)
    day = fields.Date(required=True)
    period_start = fields.Date(required=True)
    period_stop = fields.Date(
        "Period End", required=True, help="First day after the period."
    )

    _day_uniq = models.UniqueIndex("(shape, grain, day)")
