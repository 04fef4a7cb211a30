import json
from codecs import BOM_UTF8
from datetime import datetime, time, timezone
from functools import partial
from urllib.parse import quote
from zoneinfo import ZoneInfo

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every
from odoo.tools.date_utils import parse_date

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.table_pdf import Cell, Document, Table, write_pdf
from odoo.addons.kpi_base.engine.tabular import write_csv, write_xlsx
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_day, format_moment, format_number
from odoo.addons.kpi_base.schemas.base import MAX_ID
from odoo.addons.kpi_base.table_files import get_fonts

from ..models.kpi_tat_level import IS_SILENT
from ..models.kpi_tat_request_log import LONGEST_ADDRESS

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
MOST_ROWS = 500  # each of which is looked up
MOST_XLSX_ROWS = 200_000
ROWS_AT_ONCE = 1000
FORMATS = ("pdf", "xlsx", "csv")
# The periods that filters of reports offer: their bounds, as Odoo's filters name days.
PERIODS = {
    "this_month": ("today =1d", False),
    "last_month": ("today =1d -1m", "today =1d"),
    "last_3_months": ("today =1d -2m", False),
    "this_year": ("today =1m =1d", False),
    "last_12_months": ("today =1d -11m", False),
}
DATES = ("kpi_tat_date_from", "kpi_tat_date_to")
# Names in the context of what requests have to belong to → their fields.
ABOUT = {
    "kpi_tat_template_id": "template_id",
    "kpi_tat_department_id": "department_id",
}
CHOSEN = (*DATES, *ABOUT, "kpi_tat_screen", "allowed_company_ids")
MOST_PDF_ROWS = 2000
NUMBERS = ("integer", "float")
WEIGHTS = {"char": 2.0, "text": 2.2, "many2one": 1.7, "datetime": 2.0, "date": 1.2}
# In what follows a clock is ``level``, and ``request`` what it belongs to.
PARTS = {
    "is_silent": IS_SILENT,
    # Whether a clock was in time; NULL while that is open. The sweep marks what is
    # overdue, so open rows are judged by it too.
    "is_met": SQL(
        """
        (CASE WHEN %s THEN NULL
              WHEN level.tat_breached THEN FALSE
              WHEN level.decided_at IS NOT NULL THEN TRUE END)
        """,
        IS_SILENT,
    ),
    # Statuses of requests that were submitted and not decided on.
    "open": SQL("('pending', 'on_hold', 'returned')"),
    # Hours that a request took; NULL as long as it is open.
    "cycle": SQL(
        """
        (CASE WHEN request.approval_state IN ('approved', 'rejected')
              THEN request.cycle_hours END)
        """
    ),
    # Hours since a request was first submitted.
    "age": SQL(
        "(EXTRACT(epoch FROM now() AT TIME ZONE 'UTC' - request.submitted_at) / 3600)"
    ),
}
# A number of hours, days or percent, as reports show it.
Rounded = partial(OptionalFloat, readonly=True, digits=(16, 1))


def choose_as(name, model="kpi.tat.request", **options):
    """A field with the choices of a field of requests, or of ``model``."""
    return fields.Selection(
        lambda self: self.env[model]._fields[name].selection, readonly=True, **options
    )


class KpiTatView(models.AbstractModel):
    """Rows of a report: a database view for queries, and a model for screens.

    Both run the SELECT ``_rows``, made of ``PARTS`` and ``_get_parts``. Queries choose
    a period by ``set_config('kpi_tat.date_from', …, true)`` and ``date_to``, screens by
    ``kpi_tat_date_from`` and ``kpi_tat_date_to`` in the context: days of the reader,
    such as “2026-03-31” or “today =1d -11m”, or moments (UTC unless they name an
    offset); the end is the first moment that does not count. Screens also choose a
    template (``kpi_tat_template_id``), and a department with those below it
    (``kpi_tat_department_id``). A screen other than the report's own names its path in
    ``kpi_tat_screen``.
    """

    _name = "kpi.tat.view"
    _description = "Turnaround Time Report"
    _inherit = ["kpi.view.mixin"]
    _auto = False
    _rows = ""  # SELECT of the rows from %(start)s to %(stop)s
    _mailed_columns: tuple[str, ...] = ()  # the most telling ones
    _mailed_domain = Domain.TRUE  # of the rows that the screen shows at first
    _screen_path = ""  # of the action that shows them
    _is_of_moment = False  # it tells what is open now, not a period

    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        start, stop = (
            always if moment is None else SQL("%s::timestamp", moment)
            for moment, always in zip(self._get_period(), ALWAYS, strict=True)
        )
        return self._build_rows(start, stop)

    @api.model
    def _view_sql(self):
        # Queries from outside have no language, and choose nothing but a period.
        nothing = dict.fromkeys(ABOUT, False)
        return self.with_context(lang="en_US", **nothing)._build_rows(*SETTINGS)

    @api.model
    def _build_rows(self, start, stop):
        lang = self.env.lang or "en_US"
        parts = {**PARTS, "chosen": self._build_chosen(), **self._get_parts()}
        return SQL(self._rows, **parts, lang=lang, start=start, stop=stop)

    @api.model
    def _build_chosen(self):
        """Which requests count: none of the test mode, and what the context chooses."""
        conditions = [SQL("request.is_test IS NOT TRUE")]
        template_id, department_id = map(self._read_chosen_id, ABOUT)
        if template_id:
            conditions.append(SQL("request.template_id = %s", template_id))
        if department_id:
            conditions.append(
                SQL(
                    """
                    request.department_id IN (
                        SELECT below.id
                          FROM hr_department AS chosen
                          JOIN hr_department AS below
                            ON below.parent_path LIKE chosen.parent_path || '%%'
                         WHERE chosen.id = %s)
                    """,
                    department_id,
                )
            )
        return SQL(" AND ").join(conditions)

    @api.model
    def _read_chosen_id(self, name):
        """Read the id that the context has by this name; None without one."""
        chosen = self.env.context.get(name) or None
        if chosen is not None and (type(chosen) is not int or not 0 < chosen <= MAX_ID):
            raise UserError(self.env._("Invalid filter. Reload the page."))
        return chosen

    @api.model
    def _get_chosen_domain(self):
        """As ``_build_chosen``, for requests themselves."""
        domain = Domain("is_test", "=", False)
        for name, field in ABOUT.items():
            if chosen := self._read_chosen_id(name):
                operator = "=" if field == "template_id" else "child_of"
                domain &= Domain(field, operator, chosen)
        return domain

    @api.model
    def _get_parts(self):
        """What ``_rows`` names beside ``PARTS``, such as words for the reader."""
        return {}

    def _read_group_select(self, aggregate_spec, query):
        """Take the median too, which Odoo does not know."""
        name, _colon, aggregate = aggregate_spec.partition(":")
        if aggregate != "median":
            return super()._read_group_select(aggregate_spec, query)
        column = self._field_to_sql(self._table, name, query)
        return SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", column)

    @api.model
    def _get_period(self):
        """The period that the context asks for: two moments (UTC), None = any."""
        return tuple(
            self._read_moment(self.env.context.get(f"kpi_tat_date_{side}"))
            for side in ("from", "to")
        )

    @api.model
    def _read_moment(self, value):
        """Read a bound of a period; None without one.

        :param value: a day or moment, or its ISO text, or “today …” of Odoo's filters
        :return: a moment (UTC); of a day, its beginning in the user's time zone
        """
        if not value:
            return None
        try:
            text = self._write_iso(value)
            moment = datetime.fromisoformat(text)
            if moment.year not in YEARS:
                raise ValueError("What is this far away has no zone.")
        except (ValueError, OverflowError) as error:
            raise UserError(
                self.env._(
                    "“%s” is not a date. Enter e.g. 2026-03-31 or “today -30d”.", value
                )
            ) from error
        if len(text) > len("2026-03-31"):
            if moment.tzinfo:
                moment = moment.astimezone(UTC)
            return moment.replace(tzinfo=None)
        local = datetime.combine(moment, time(), ZoneInfo(self.env.user.tz or "UTC"))
        return local.astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _write_iso(self, value):
        """The one form in which bounds are read: the ISO text of a day or moment."""
        text = str(value)
        return str(parse_date(text, self.env)) if text.startswith("today") else text

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
    def _get_submitted_domain(self):
        """Requests that reports count, first submitted in the period."""
        return self._get_chosen_domain() & self._get_period_domain("submitted_at")

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
        """Leave out requests that reports do not count; other reports do so too."""
        is_request = model == "kpi.tat.request"
        return self._get_chosen_domain() if is_request else Domain.TRUE

    def _get_counted(self):
        """Name of the model and domain of the records that a row counts."""
        raise NotImplementedError(f"{self._name} has no _get_counted")

    def action_export_xes(self):
        """Open the event log of the requests that these rows are about.

        All rows of the list where none is chosen.
        """
        rows = self or self.search(self.env.context.get("active_domain") or [])
        return rows._find_requests().action_export_xes()

    def _find_requests(self):
        """The requests behind these rows, as far as the user sees them."""
        if "request_id" in self._fields:
            return self.request_id.sorted("id")
        if len(self) > MOST_ROWS:
            raise UserError(self.env._("Select at most %s rows.", MOST_ROWS))
        ids = set()
        for row in self:
            model, domain = row._get_counted()
            records = self.env[model].search(domain & self._get_real_domain(model))
            is_request = model == "kpi.tat.request"
            ids.update(records.ids if is_request else records.request_id.ids)
        return self.env["kpi.tat.request"].browse(sorted(ids))

    def action_download_pdf(self):
        return self._download("pdf")

    def action_download_xlsx(self):
        return self._download("xlsx")

    def action_download_csv(self):
        return self._download("csv")

    def _download(self, file_format):
        """Open the file of these rows; of all that the list is about where none is."""
        domain = [("id", "in", self.ids)] if self else None
        options = {
            "domain": domain or self.env.context.get("active_domain") or [],
            **{name: self.env.context.get(name) for name in CHOSEN},
        }
        asked = quote(json.dumps(options, default=str))
        if len(asked) > LONGEST_ADDRESS:
            raise UserError(
                self.env._(
                    "Too many rows selected. Select fewer, or clear the selection "
                    "to download all rows."
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi_workflow_tat/report/{self._name}/{file_format}"
            f"?options={asked}",
            "target": "download",
        }

    @api.model
    def _find_rows(self, options):
        """The rows that ``options`` ask for, as the user sees them.

        :raises ValueError: they are no such thing
        """
        if not isinstance(options, dict) or options.keys() - {"domain", *CHOSEN}:
            raise ValueError("Options are a domain, a period and companies.")
        chosen = {name: options[name] for name in CHOSEN if options.get(name)}
        companies = chosen.get("allowed_company_ids", [])
        if not isinstance(companies, list) or not all(
            isinstance(each, int) for each in companies
        ):
            raise ValueError("Companies are a list of numbers.")
        if not isinstance(chosen.get("kpi_tat_screen", ""), str):
            raise ValueError("A screen is a text.")
        if any(type(chosen.get(name, 1)) is not int for name in ABOUT):
            raise ValueError("Templates and departments are numbers.")
        return self.with_context(**chosen).search(Domain(options.get("domain") or []))

    def _write_file(self, file_format):
        """Name and content of the file of these rows."""
        content = getattr(self, f"_write_{file_format}")()
        return self._get_file_name(file_format), content

    @api.model
    def _find_screen(self):
        """The action whose rows these are: that of the context, else the report's own.

        A screen of another report stays in the context of what was opened from it.
        """
        chosen = self.env.context.get("kpi_tat_screen")
        paths = [chosen, self._screen_path] if chosen else [self._screen_path]
        # Its name and its columns are no secret to who reads the rows.
        actions = self.env["ir.actions.act_window"].sudo()
        screens = actions.search(
            [("path", "in", paths), ("res_model", "=", self._name)]
        )
        return screens.sorted(lambda screen: paths.index(screen.path))[:1]

    @api.model
    def _get_file_name(self, file_format):
        return f"{self._find_screen().name}.{file_format}".replace("/", "-")

    @api.model
    def _get_file_heads(self):
        """All fields of the screen's list, in its order, and what it calls them."""
        names = [node.get("name") for node in self._find_list_nodes()]
        return names, self._name_columns(names)

    @api.model
    def _name_columns(self, names):
        titles = {
            node.get("name"): node.get("string") for node in self._find_list_nodes()
        }
        return [
            titles.get(name) or self._fields[name]._description_string(self.env)
            for name in names
        ]

    @api.model
    def _find_list_nodes(self):
        views = {kind: view_id for view_id, kind in self._find_screen().views}
        arch = etree.fromstring(self.get_view(views["list"], "list")["arch"])
        return arch.findall("field")

    def _write_csv(self):
        return write_csv(self._iterate_file_lines())

    def _write_xlsx(self):
        if not self._fits_xlsx():
            raise UserError(
                self.env._(
                    "Excel holds at most %(most)s rows; this report has %(count)s. "
                    "Download CSV or choose a shorter period.",
                    most=format_number(self.env, MOST_XLSX_ROWS, 0),
                    count=format_number(self.env, len(self), 0),
                )
            )
        return write_xlsx(self._iterate_file_lines())

    def _fits_xlsx(self):
        return len(self) <= MOST_XLSX_ROWS

    def _iterate_file_lines(self):
        """The heads, then the values of each row; of rows a part at a time is held."""
        names, heads = self._get_file_heads()
        yield heads
        for part in split_every(ROWS_AT_ONCE, self._ids, self.browse):
            yield from part._get_file_rows(names)
            part.invalidate_recordset(flush=False)

    def _get_file_rows(self, names):
        """The values of each row: numbers as numbers, all else as people read it."""
        texts = {name: self._get_file_writer(name) for name in names}
        return [[texts[name](row[name]) for name in names] for row in self]

    @api.model
    def _get_file_writer(self, name):
        """How a value of a field is written into files."""
        field, env = self._fields[name], self.env
        if field.type == "datetime":
            return lambda value: format_moment(env, value, with_year=True) or None
        if field.type == "date":
            return lambda value: value or None
        if field.type == "many2one":
            # Whoever sees the row sees the names in it.
            return lambda value: value.sudo().display_name or None
        if field.type == "selection":
            labels = dict(field._description_selection(env))
            return lambda value: labels.get(value)
        if field.type == "boolean":
            words = {True: env._("Yes"), False: env._("No")}
            return lambda value: words[bool(value)]
        if field.type in NUMBERS:
            return lambda value: None if value is False else round(value, 2)
        return lambda value: value or None

    @api.model
    def _stream_csv(self, options):
        """The file that ``_write_file`` writes, in parts.

        Read by a transaction of its own, as that of the request ends before the answer
        is sent; so all parts show the same moment. Only numbers of rows are held at
        once.

        :param options: as ``_find_rows`` takes them
        """
        with self.env.registry.cursor(readonly=True) as cr:
            rows = self.with_env(self.env(cr=cr))._find_rows(options)
            lines = rows._iterate_file_lines()
            yield write_csv([next(lines)])
            for part in split_every(ROWS_AT_ONCE, lines):
                yield write_csv(part).removeprefix(BOM_UTF8)
                rows.env.invalidate_all(flush=False)

    def _write_pdf(self):
        shown = [
            node.get("name")
            for node in self._find_list_nodes()
            if node.get("optional") != "hide"
        ]
        names = sorted(shown, key=lambda name: self._fields[name].type in NUMBERS)
        kinds = [self._fields[name].type for name in names]
        weights = [WEIGHTS.get(kind, 1.0) for kind in kinds]
        texts = {name: self._get_pdf_writer(name) for name in names}
        table = Table(
            [
                [[Cell(texts[name](row[name]) or "") for name in names]]
                for row in self[:MOST_PDF_ROWS]
            ],
            [weight / sum(weights) for weight in weights],
            heads=[Cell(head, is_bold=True) for head in self._name_columns(names)],
            numbers_from=sum(kind not in NUMBERS for kind in kinds),
        )
        today = format_day(self.env, self.env.cr.now(), with_year=True)
        notes = [self.env.company.name, today]
        if len(self) > MOST_PDF_ROWS:
            notes.append(
                self.env._(
                    "First %(shown)s of %(count)s rows. Download Excel or CSV for all.",
                    shown=MOST_PDF_ROWS,
                    count=len(self),
                )
            )
        name = self._find_screen().name
        document = Document(name, notes, (table,), is_landscape=True)
        return write_pdf(document, get_fonts())

    @api.model
    def _get_pdf_writer(self, name):
        """How a value of a field is written on paper: shorter than in files."""
        field, env = self._fields[name], self.env
        if field.type == "datetime":
            return lambda at: at and format_moment(env, at, with_year=True)
        if field.type == "date":
            return lambda day: day and format_day(env, day, with_year=True)
        if field.type in NUMBERS:
            digits = field.get_digits(env)[1] if field.type == "float" else 0
            return lambda number: (
                "" if number is False else format_number(env, number, digits)
            )
        return self._get_file_writer(name)

    def _say_number(self):
        """The number that matters most in these rows, in words."""
        requests = self.env._("1 request"), self.env._("%s requests")
        return say_count(sum(self.mapped("total_requests")), *requests)
