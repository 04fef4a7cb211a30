from collections import defaultdict
from itertools import islice

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.counts import list_counts
from odoo.addons.kpi_base.engine.tabular import (
    Amount,
    Goal,
    GoalRange,
    Moment,
    TargetColumn,
    TargetOption,
    find_units,
    split_title,
)
from odoo.addons.kpi_base.models.file_import.kpi_import import quote_titles
from odoo.addons.kpi_base.names import fold_name
from odoo.addons.kpi_base.row_reasons import RowReasons

from ...engine.typed_number import read_unit
from ..calendar.kpi_calendar import GRAINS
from ..report.kpi_report import SCOPE_MODELS
from .import_references import (
    KEYS,
    KPI_KEYS,
    SCOPE_KEYS,
    References,
    fold,
    is_usable,
    list_unit_words,
    make_index,
    new_definitions,
    new_departments,
)
from .kpi_measurement_rest import find_period

LIMITS = ("range_low", "range_high")
MOST_UNKNOWN = 20  # names that a page lists
DIRECTIONS = {
    **dict.fromkeys(("higher", "higher is better", "up", "increase"), "higher"),
    **dict.fromkeys(("lower", "lower is better", "down", "decrease"), "lower"),
    **dict.fromkeys(("range", "within a range"), "range"),
}
FREQUENCIES = {
    **dict.fromkeys(("day", "daily"), "day"),
    **dict.fromkeys(("week", "weekly"), "week"),
    **dict.fromkeys(("month", "monthly"), "month"),
    **dict.fromkeys(("quarter", "quarterly"), "quarter"),
    **dict.fromkeys(("year", "yearly", "annual", "annually"), "year"),
}


class KpiImportReference(models.AbstractModel):
    """References of rows to the KPI they belong to: finding or creating it."""

    _name = "kpi.import.reference"
    _description = "KPI Import Reference"
    _inherit = ["kpi.import.target"]
    _tried_at_once = 100  # KPIs, or rows with a target for each period
    _key_columns = ("kpi_code", "kpi_name", "moment")
    _filling = frozenset()  # columns of which a row has to fill one
    _amounts = frozenset()  # those in the unit of the KPI
    _goal_column = ""  # that of the target, which may have a sign or be a range
    _checked_columns = ()  # those that ``_prepare_cells`` may find wrong

    def _columns(self):
        """The KPI and whom it is tracked for; the last ones are for new KPIs only."""
        return [
            TargetColumn(
                "kpi_code",
                self.env._("KPI code"),
                aliases=("code", "measure id"),
                can_group=True,
            ),
            TargetColumn(
                "kpi_name",
                self.env._("KPI"),
                aliases=("kpi name", "name", "measure"),
                can_group=True,
            ),
            TargetColumn("company", self.env._("Company"), can_group=True),
            TargetColumn("department", self.env._("Department"), can_group=True),
            TargetColumn("team", self.env._("Team"), can_group=True),
            TargetColumn(
                "user",
                self.env._("Person"),
                aliases=("user", "login", "employee"),
                can_group=True,
            ),
            TargetColumn("unit", self.env._("Unit of a new KPI"), aliases=("unit",)),
            TargetColumn(
                "direction",
                self.env._("Direction of a new KPI"),
                "choice",
                aliases=("direction",),
                choices=DIRECTIONS,
            ),
            TargetColumn(
                "lower_is_better", self.env._("Lower is better (yes or no)"), "boolean"
            ),
            TargetColumn(
                "frequency",
                self.env._("Frequency of a new KPI"),
                "choice",
                aliases=("frequency",),
                choices=FREQUENCIES,
            ),
            TargetColumn("description", self.env._("Description of a new KPI")),
        ]

    def _get_year_column(self):
        """The year of ``moment``, where periods are without theirs."""
        return TargetColumn(
            "year",
            self.env._("Year of the period"),
            "moment",
            aliases=("year", "jahr", "année", "año", "anno"),
            year_of="moment",
            can_group=True,
        )

    def _options(self, job):
        """Options for creating KPIs that do not exist yet."""
        new = {"needs": "creates_kpis"}
        calendars = self.env["kpi.calendar"].search(
            [("company_id", "in", (job.company_id.id, False))]
        )
        directions = self.env["kpi.definition"]._fields["direction"]
        frequencies = self.env["kpi.definition"]._fields["frequency"]
        return [
            TargetOption(
                "creates_kpis",
                self.env._("Create Missing KPIs"),
                default=False,
                help=self.env._(
                    "Creates missing KPIs and tracks KPIs for each department, team "
                    "and person in the file. If disabled, rows that need this are "
                    "rejected."
                ),
            ),
            TargetOption(
                "code_prefix",
                self.env._("Code Prefix"),
                "text",
                default="",
                help=self.env._("Prefix for KPI codes from the file, e.g. city_."),
            ),
            TargetOption(
                "frequency",
                self.env._("Frequency of New KPIs"),
                "choice",
                default="month",
                choices=frequencies._description_selection(self.env),
                **new,
            ),
            TargetOption(
                "calendar_id",
                self.env._("Calendar for New KPIs"),
                "choice",
                help=self.env._("Leave empty to use the company's calendar."),
                choices=[(each.id, each.display_name) for each in calendars],
                **new,
            ),
            TargetOption(
                "direction",
                self.env._("Direction of New KPIs"),
                "choice",
                default="higher",
                help=self.env._("Used if no column contains the direction."),
                choices=directions._description_selection(self.env),
                **new,
            ),
            TargetOption(
                "on_track_percent",
                self.env._("On Track From (%)"),
                "number",
                default=95.0,
                help=self.env._("New KPIs at or above this achievement are on track."),
                **new,
            ),
            TargetOption(
                "at_risk_percent",
                self.env._("At Risk From (%)"),
                "number",
                default=80.0,
                help=self.env._("New KPIs below this achievement are off track."),
                **new,
            ),
            TargetOption(
                "creates_departments",
                self.env._("Create Missing Departments"),
                default=False,
            ),
        ]

    def _list_units(self, job):
        names = ["unit", "duration_unit", "unit_symbol"]
        own = [("unit", "in", ("custom", "duration"))]
        found = self.env["kpi.definition"]._read_group(own, names)
        return {word for unit in found for word in list_unit_words(self.env, *unit)}

    def _note(self):
        return self.env._("Use one row per value, or one column per period or per KPI.")

    def _is_named_by_titles(self, job, titles):
        keys = set(job.column_ids.mapped("key"))
        is_of_kpis = not self._is_kpi_known(job, keys)
        if is_of_kpis and len(titles) > 1:
            return True
        return bool(self._find_named_titles(job, titles, keys))

    def _is_kpi_known(self, job, keys):
        """Check whether a column, or the import, says which KPIs values are of."""
        return bool(keys & {*KPI_KEYS} or job.definition_id)

    def _get_title_key(self, job, titles, keys):
        if not self._is_kpi_known(job, keys):
            return "kpi_name"
        return self._find_scopes(job, titles, keys)[0]

    def _find_scopes(self, job, titles, keys):
        """Find departments, teams or people that titles name, next to a known KPI.

        :return: key of the one with the most, and title → title of these
        """
        found = {}
        if not keys & {*SCOPE_KEYS}:
            for key in SCOPE_KEYS:
                index = make_index(self.env, key)
                ids = index.find_ids(titles, is_usable(key, job.company_id))
                found[key] = {title: title for title in ids}
        return max(found.items(), key=lambda one: len(one[1]), default=("", {}))

    def _find_named_titles(self, job, titles, keys):
        """Title → name or code of a KPI: the title, or the title without its unit.

        Where the KPI is known, titles are of departments, teams or people.
        """
        titles = [title for title in titles if title]
        if self._is_kpi_known(job, keys):
            return self._find_scopes(job, titles, keys)[1]
        prefix = job._get_options()["code_prefix"]
        kpis = self.env["kpi.definition"].search_fetch(
            [("company_id", "in", (job.company_id.id, False))], ["code", "name"]
        )
        names = {fold_name(kpi.name) for kpi in kpis}
        codes = {kpi.code for kpi in kpis}
        units = job._list_units()[0]
        found = {}
        for title in titles:
            for name in dict.fromkeys((title, split_title(title, units)[0])):
                is_code = {fold(name), fold(prefix + name)} & codes
                if is_code or fold_name(name) in names:
                    found.setdefault(title, name)
        return found

    def _missing(self, job, keys):
        questions = super()._missing(job, keys)
        named = job._named_columns()
        if len(named) > 1 and (others := keys & self._filling - {"value"}):
            labels = [each.label for each in self._columns() if each.key in others]
            questions.append(
                self.env._(
                    "With several columns of values, import these columns on their "
                    "own: %s.",
                    ", ".join(f"“{label}”" for label in labels),
                )
            )
        periods = job.column_ids.filtered(lambda each: each.key in ("moment", "year"))
        if periods and job.has_periods:
            questions.append(
                self.env._(
                    "With a column for each period, set %s to (not imported).",
                    quote_titles(periods),
                )
            )
        if not keys & {*KPI_KEYS} and not job.definition_id and not named:
            questions.append(
                self.env._(
                    "Choose the “KPI” or “KPI code” column, or the KPI for all rows "
                    "under Options."
                )
            )
        may_create = self.env["hr.department"].has_access("create")
        if job._get_options()["creates_departments"] and not may_create:
            questions.append(
                self.env._(
                    "You are not allowed to create departments. Turn off “Create "
                    "Missing Departments”."
                )
            )
        return questions

    def _get_kpi_refusal(self, job, definition):
        """Return why rows of an import do not write to a KPI, or an empty text.

        :param definition: a record, or values of a KPI to create
        """
        return ""

    def _make_references(self, run):
        return References(
            run, lambda values, company: self._new_definition(run, values, company)
        )

    def _name_records(self, run, entries):
        references = getattr(run.source or run, "references", None)
        if references:
            kpis = references.list_known(entries)
        else:
            kpis = self._make_references(run).resolve(entries)
        fixed = run.job.period_day and Moment(run.job.period_day, "day")
        # A row has several values where each column is a period.
        periods = defaultdict(list)
        for entry, kpi in zip(entries, kpis, strict=True):
            moment = entry.values.get("moment") or fixed
            period = kpi and self._resolve_period(kpi, moment)
            if kpi and not isinstance(period, str):
                periods[entry.number].append(period)
        return [
            kpi and self._name_target(kpi, periods[entry.number])
            for entry, kpi in zip(entries, kpis, strict=True)
        ]

    def _name_target(self, kpi, periods):
        """The KPI, whom it is tracked for, and the first and last of its periods."""
        name = self._name_kpi(kpi)
        if not periods:
            return name
        starts = sorted(periods, key=lambda period: period.start)
        labels = kpi.calendar._period_labels([starts[0], starts[-1]])
        return f"{name} · {' – '.join(dict.fromkeys(labels))}"

    def _name_kpi(self, kpi):
        """The KPI and its department, team, person or company."""
        if kpi.report_id > 0:
            report = self.env["kpi.report"].browse(kpi.report_id)
            return f"{report.name} ({kpi.definition.code})"
        scope = kpi.scope
        if isinstance(scope, int):
            model = SCOPE_MODELS[kpi.scope_type]
            scope = self.env[model].browse(scope).display_name
        return self.env._("New: %s", f"{kpi.name} – {scope}")

    def _list_unknown(self, run):
        if not hasattr(run, "references"):
            return []
        found = {}
        for key, text, company, numbers in run.references.list_unknown():
            known = found.setdefault((key, text), (company, set()))
            known[1].update(numbers)
        return [
            (key, text, len(rows), run.references.find_nearest(key, text, company))
            for (key, text), (company, rows) in islice(found.items(), MOST_UNKNOWN)
        ]

    def _find_helpful_options(self, run, options):
        missing = run.references.missing if hasattr(run, "references") else ()
        return [option for option in options if option.key in missing]

    def _search_names(self, job, key, term, limit):
        if key not in KEYS:
            return []
        usable = is_usable(key, job.company_id)
        index = make_index(self.env, key, job._get_options()["code_prefix"])
        return index.search(term, limit, usable)

    def _suggest_texts(self, run):
        if not hasattr(run, "references"):
            return []
        return [("kpi_name", *found) for found in run.references.suggest_names()]

    def _new_definition(self, run, values, company):
        """Values of a KPI that rows name and that does not exist."""
        options = run.options
        direction = (
            values.get("direction")
            or read_direction(values.get(self._goal_column))
            or options["direction"]
        )
        if "lower_is_better" in values:
            direction = "lower" if values["lower_is_better"] else "higher"
        made = {
            "name": values.get("kpi_name") or values.get("kpi_code"),
            "company_id": company.id,
            "computation": "manual",
            "frequency": values.get("frequency") or options["frequency"],
            "coarsest_grain": "year",
            "direction": direction,
            "threshold_1": options["on_track_percent"],
            "threshold_2": options["at_risk_percent"],
            "description": values.get("description"),
            **read_unit(values.get("unit") or ""),
        }
        if options["calendar_id"]:
            made["calendar_id"] = options["calendar_id"]
        return made

    def _build_staging_rows(self, run, entries):
        fixed = run.job.period_day and Moment(run.job.period_day, "day")
        filled = [one for one in entries if one.values.keys() & self._filling]
        run.empty_count += len(entries) - len(filled)
        if not hasattr(run, "references"):
            run.references = self._make_references(run)
        kpis = run.references.resolve(filled)
        self._look_up(run, filled)
        rows = []
        for entry, kpi in zip(filled, kpis, strict=True):
            if not kpi:
                self._note_refused(run, entry)
                continue
            moment = entry.values.get("moment")
            reasons = RowReasons()
            with reasons.noting(*self._period_columns(kpi)):
                start = self._find_period(kpi, moment or fixed).start
            for name in self._list_in_other_units(kpi, entry.values):
                with reasons.noting(name):
                    self._check_unit(kpi, entry.values[name])
            with reasons.noting("unit"):
                self._check_stated_unit(run, kpi, entry.values.get("unit"))
            with reasons.noting(self._goal_column):
                given = self._resolve_goal(kpi, entry.values)
            if not reasons:
                with reasons.noting(*self._checked_columns):
                    cells = self._prepare_cells(run, kpi, given)
            if reasons:
                for reason, keys in reasons:
                    run.refuse(entry.number, reason, keys, entry.values)
                self._note_refused(run, entry)
                continue
            for name in given.keys() & {*self._amounts, *LIMITS}:
                if given[name] is not None:
                    kpi.note_decimals(given[name])
            rows.append((entry.number, kpi.report_id, start, *cells))
        return rows

    def _list_in_other_units(self, kpi, given):
        """Keys of the amounts that are in another unit than the KPI."""
        return [
            name
            for name in sorted(self._amounts & given.keys())
            if isinstance(given[name], Amount | GoalRange)
            and not kpi.has_units(given[name])
        ]

    def _check_stated_unit(self, run, kpi, text):
        """Refuse a row whose column of units has another one than the known KPI."""
        if not text or kpi.is_new:
            return
        known = run.list_units()[0]
        units = find_units(text, known)
        if units:
            amount = Amount(0.0, units, is_titled=True)
            if not kpi.has_units(amount):
                self._check_unit(kpi, amount)

    def _check_unit(self, kpi, amount):
        """Refuse an amount in another unit: nothing is converted or left out."""
        unit = " ".join(amount.units)
        if kpi.unit == "currency":
            raise UserError(
                self.env._(
                    "%(kpi)s is in %(currency)s, not in %(unit)s. Convert the value.",
                    kpi=kpi.name,
                    currency=kpi.currency.name,
                    unit=unit,
                )
            )
        raise UserError(
            self.env._(
                "%(kpi)s is not in %(unit)s. Convert the value, and enter it without a "
                "unit.",
                kpi=kpi.name,
                unit=unit,
            )
        )

    def _resolve_goal(self, kpi, given):
        """Values of a row whose target is a number or the limits of a range.

        :raises UserError: its sign contradicts the direction of the KPI
        """
        goal = given.get(self._goal_column)
        if not isinstance(goal, Goal | GoalRange):
            return given
        direction = kpi.definition["direction"]
        sign = goal.sign if isinstance(goal, Goal) else ""
        fitting = {"≥": "higher", "≤": "lower"}.get(sign, "range")
        if direction not in (fitting, "range"):
            direction_field = self.env["kpi.definition"]._fields["direction"]
            labels = dict(direction_field._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(kpi)s: a target with “%(sign)s” contradicts its direction, "
                    "“%(direction)s”.",
                    kpi=kpi.name,
                    sign=sign,
                    direction=labels[direction],
                )
                if sign
                else self.env._(
                    "%(kpi)s: a range contradicts its direction, “%(direction)s”.",
                    kpi=kpi.name,
                    direction=labels[direction],
                )
            )
        if direction != "range":
            return given
        values = {
            key: value for key, value in given.items() if key != self._goal_column
        }
        low = goal.low if not sign else goal if sign == "≥" else None
        high = goal.high if not sign else goal if sign == "≤" else None
        return {**values, "range_low": low, "range_high": high}

    def _note_refused(self, run, entry):
        """Note an entry that is refused, where several may make one record."""
        if run.is_combining:
            run.refused_parts.append((entry.number, entry.values, set()))

    def _look_up(self, run, entries):
        """Look up at once what the cells of ``entries`` name beside their KPIs."""

    def _period_columns(self, kpi):
        """Keys of the columns that are wrong where a row has no period."""
        return ("moment",)

    def _prepare_cells(self, run, kpi, given):
        """Values of a staged row after those that name the KPI and its period.

        :raises UserError: something in ``_checked_columns`` is wrong
        """
        raise NotImplementedError

    def _find_period(self, kpi, moment):
        """The period that ``moment`` lies in; refuses one without a value."""
        period = kpi.known_periods.get(moment) or self._resolve_period(kpi, moment)
        if isinstance(period, str):  # it names the KPI, which others have not
            raise UserError(period)
        kpi.known_periods[moment] = period
        return period

    def _resolve_period(self, kpi, moment):
        """The ``Period``, or why there is none."""
        if moment.is_two_years and kpi.spec.fiscal_month == 1:
            return self.env._(
                "%(kpi)s uses calendar years, not %(first)s to %(last)s.",
                kpi=kpi.name,
                first=str(moment.day.year - 1),
                last=str(moment.day.year),
            )
        is_long = moment.grain in ("quarter", "year") and not moment.is_two_years
        if is_long and kpi.spec.fiscal_month != 1:
            return self.env._(
                "%(kpi)s has its own fiscal year. Enter a day, not a quarter or year.",
                kpi=kpi.name,
            )
        order = list(periods.GRAINS)
        if order.index(moment.grain) > order.index(kpi.frequency):
            labels = dict(GRAINS)
            return self.env._(
                "%(kpi)s has a value per %(frequency)s, not per %(given)s.",
                kpi=kpi.name,
                frequency=labels[kpi.frequency].lower(),
                given=labels[moment.grain].lower(),
            )
        try:
            return find_period(kpi.spec, kpi.frequency, moment.day)
        except periods.PeriodError as error:
            return str(error)

    def _get_planned_kpis(self, run):
        """List the KPIs to create for the rows that are left."""
        if not hasattr(run, "references"):
            return []
        return self._find_planned(run, set(self._find_imported_ids(run)))

    def _find_planned(self, run, report_ids):
        planned = run.references.planned
        return [kpi for kpi in planned if kpi.report_id in report_ids]

    def _build_created_text(self, run):
        planned = self._get_planned_kpis(run)
        if not planned:
            return ""
        definitions, places = new_definitions(planned), new_departments(planned)
        tracked = len(planned) if len(planned) != len(definitions) else 0
        newly = self.env._("%s newly tracked")
        return list_counts(
            (len(definitions), self.env._("1 new KPI"), self.env._("%s new KPIs")),
            (tracked, newly % 1, newly),
            (
                len(places),
                self.env._("1 new department"),
                self.env._("%s new departments"),
            ),
        )

    def _create_planned(self, run):
        """Create what the rows name, some at a time; yields after each part."""
        made = {}
        for part in split_every(self._tried_at_once, self._get_planned_kpis(run)):
            self._make_planned(run, part, made)
            yield

    def _make_planned(self, run, planned, made):
        """Create some of the planned KPIs and give the staged rows their ids.

        :return: the ids by the provisional ones
        """
        if not planned:
            return {}
        ids = run.references.make(planned, made)
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE kpi_import_staging AS staging
               SET report_id = made.id
              FROM unnest(%s, %s) AS made(provisional, id)
             WHERE staging.report_id = made.provisional
            """,
            [list(ids), list(ids.values())],
        )
        return ids

    def _map_reports(self, numbers):
        """Each report and its definition → the numbers of its items.

        :param numbers: id of a report → numbers
        """
        written = defaultdict(set)
        for report in self.env["kpi.report"].browse(numbers):
            for record in (report, report.definition_id):
                written[record] |= numbers[report.id]
        return written

    def _find_imported_ids(self, run):
        """Ids of the KPIs whose values or targets came with the file."""
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT report_id FROM kpi_import_staging ORDER BY 1")
        )
        return [report_id for (report_id,) in rows]

    def _action_open(self, job):
        return self.env["kpi.report"].browse(job.imported_ids or ())._list_action()


def read_direction(goal):
    """The direction of a KPI with such a target; None where that does not say it."""
    if isinstance(goal, GoalRange):
        return "range"
    if isinstance(goal, Goal):
        return "higher" if goal.sign == "≥" else "lower"
    return None


class KpiImportOptions(models.AbstractModel):
    """Options for imports of KPIs."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[
            ("kpi.import.measurement", "KPI Values"),
            ("kpi.import.kpi.target", "KPI Targets"),
        ],
        default="kpi.import.measurement",
        ondelete=dict.fromkeys(
            ("kpi.import.measurement", "kpi.import.kpi.target"), "cascade"
        ),
    )
