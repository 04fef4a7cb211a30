from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_round

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.formatting import is_far, percent_text
from odoo.addons.kpi_base.formatting import format_day, number_writer, reader_table
from odoo.addons.kpi_base.schemas.base import Id, Nothing
from odoo.addons.kpi_base.table_files import get_fonts

from ...engine import period_report_files
from ...engine.due import CUMULATIVE
from ...engine.period_report import (
    FIGURES,
    NO_VALUE,
    PERCENTAGES,
    SHARED_BY,
    UNCOMPARED,
    KnownValues,
    KpiLine,
    PeriodColumn,
    build_figures,
    find_latest,
    range_text,
)
from ..calendar.kpi_calendar import GRAINS
from ..report.kpi_report import JUDGED, SCOPES, WIDEST
from ..report.kpi_report_status import SPARKLINE_PERIODS

MAX_PERIODS = 60
OTHER_FIGURES = FIGURES[1:]  # the value is always shown
FILTERS = {  # what of a KPI each is compared with
    "department_ids": ("department_id", "child_of"),
    "category_ids": ("category_id", "in"),
    "tag_ids": ("definition_id.tag_ids", "in"),
    "group_ids": ("group_line_ids.group_id", "in"),
    "report_ids": ("id", "in"),
}
FILTER_IDS = TypeAdapter(list[Id])
CHOICES = (
    "grain",
    "range_type",
    "period_count",
    "has_running",
    "date_from",
    "date_to",
    "target_basis",
    "scope_type",
)
MAX_ROWS = 500
MINUS = "\N{MINUS SIGN}"
EMPTY_CELL = {"status": "no_data", "numbers": {}, "texts": {}}


class KpiPeriodReport(models.Model):
    """KPIs by period, as somebody has arranged them: which, how long, what beside them.

    The arrangement is stored. The numbers are those that each reader may see.
    """

    _name = "kpi.period.report"
    _description = "KPIs by Period"
    _inherit = ["kpi.access.mixin", "kpi.input.mixin"]
    _readable_by = ("company_id", "is_shared", "owner_id", "schedule_ids.user_ids")
    _editable_by = ("company_id", "owner_id")
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    owner_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, index=True
    )
    is_shared = fields.Boolean(
        "Shared",
        help="Colleagues can open the table and see KPIs they have access to.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    schedule_ids = fields.One2many(
        "kpi.period.report.schedule", "period_report_id", "Scheduled Emails"
    )
    grain = fields.Selection(GRAINS, "Periods", required=True, default="month")
    range_type = fields.Selection(
        [("last", "Last Periods"), ("fixed", "Between Two Dates")],
        "Range",
        required=True,
        default="last",
    )
    period_count = fields.Integer("Number of Periods", default=6)
    has_running = fields.Boolean(
        "Include Running Period",
        default=True,
        help="The running period is compared with its target to date.",
    )
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    target_basis = fields.Selection(
        [("then", "Target at the Time"), ("today", "Current Target")],
        "Targets",
        required=True,
        default="then",
    )
    scope_type = fields.Selection(SCOPES, "Tracked For")
    department_ids = fields.Many2many(
        "hr.department", string="Departments", help="Includes their sub-departments."
    )
    category_ids = fields.Many2many("kpi.definition.category", string="Categories")
    tag_ids = fields.Many2many("kpi.tag", string="Tags")
    group_ids = fields.Many2many("kpi.report.group", string="Scorecards")
    report_ids = fields.Many2many("kpi.report", string="KPIs")
    show_target = fields.Boolean("Target", default=True)
    show_variance = fields.Boolean("Variance")
    show_variance_percent = fields.Boolean("Variance (%)", default=True)
    show_achievement = fields.Boolean("Achievement (%)")
    show_previous = fields.Boolean("Previous Period")
    show_previous_percent = fields.Boolean("Change vs Previous Period (%)")
    show_last_year = fields.Boolean("Same Period Last Year")
    show_last_year_percent = fields.Boolean("Change vs Last Year (%)")
    show_ytd = fields.Boolean("Year to Date")

    _period_count_range = models.Constraint(
        f"CHECK (period_count BETWEEN 1 AND {MAX_PERIODS})",
        f"Choose 1 to {MAX_PERIODS} periods.",
    )

    @api.constrains("range_type", "date_from", "date_to")
    def _check_range(self):
        for report in self.filtered(lambda each: each.range_type == "fixed"):
            if not (report.date_from and report.date_to):
                raise ValidationError(
                    self.env._("%s: enter a start and an end date.", report.name)
                )
            if report.date_to < report.date_from:
                raise ValidationError(
                    self.env._(
                        "%s: the end date is before the start date.", report.name
                    )
                )

    @api.model
    def _list_other_figures(self):
        """Figures that can be chosen beside the value, each by a field ``show_…``.

        An addon adds one with its field, its name here, and what it is of which
        periods; it stands below the value on the screen, in files and in mails::

            show_rank = fields.Boolean("Rank")

            def _list_other_figures(self):
                return [*super()._list_other_figures(), "rank"]

            def _read_added_figures(self, kpis, columns):
                return {(kpi.id, columns[0].period.start): {"rank": "1st"} for kpi in …}
        """
        return [*OTHER_FIGURES]

    def _list_chosen_figures(self):
        return [key for key in self._list_other_figures() if self[f"show_{key}"]]

    def _figures(self):
        """Figures shown in each cell, the value first."""
        return ["actual", *self._list_chosen_figures()]

    @api.model
    def _figure_labels(self):
        """Figure → what people call it."""
        labels = {
            key: self._fields[f"show_{key}"]._description_string(self.env)
            for key in self._list_other_figures()
        }
        return {"actual": self.env._("Value"), **labels}

    def action_open(self):
        """The table of this arrangement."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "kpi_tracking.kpi_period_report_action"
        )
        return {**action, "params": {"report": self.id}}

    @api.model
    def _build_from_options(self, options):
        """A report that is not stored, from what the screen or an address asks for.

        :param options: dict of values of fields; ``figures`` is a list of figures;
            ids for many2many fields
        :raises UserError: something that no report has
        """
        values = {"name": self.env._("KPIs by period")}
        if not isinstance(options, dict):
            raise UserError(
                self.env._("This table cannot be shown. Check its options.")
            )
        for name, value in options.items():
            try:
                values |= self._option(name, value)
            except (LookupError, OverflowError, TypeError, ValueError) as error:
                label = self.env._("Figures")
                if name != "figures":
                    label = self._fields[name]._description_string(self.env)
                raise UserError(
                    self.env._("Invalid value for “%s”. Choose another one.", label)
                ) from error
        # Filters may name what the user does not see; nothing of it is read here.
        blank = self.sudo().with_context(active_test=False)
        values = {**self.default_get(list(self._fields)), **values}
        report = blank.new(values).with_env(self.env)
        report._check_range()
        report._check_period_count(report.period_count)
        return report

    @api.model
    def _option(self, name, value):
        """The values of fields that one option stands for."""
        if name == "figures":
            figures = self._list_other_figures()
            return {f"show_{figure}": figure in value for figure in figures}
        if name in FILTERS:
            return {name: [Command.set(FILTER_IDS.validate_python(value))]}
        if name not in (*CHOICES, "name"):
            raise UserError(self.env._("Unknown table option “%s”.", name))
        return {name: self._fields[name].convert_to_cache(value, self)}

    def _options(self):
        """Options of which :meth:`_build_from_options` makes this report."""
        self.ensure_one()
        return {
            "name": self.name,
            **{name: self[name] for name in CHOICES},
            "date_from": fields.Date.to_string(self.date_from),
            "date_to": fields.Date.to_string(self.date_to),
            "figures": self._list_chosen_figures(),
            **{name: self._get_filter_ids(name) for name in FILTERS},
        }

    @api.model
    def _check_period_count(self, count):
        if not 1 <= count <= MAX_PERIODS:
            raise UserError(
                self.env._(
                    "A table shows 1 to %(most)s periods, not %(count)s. Choose "
                    "longer periods or a shorter range.",
                    most=MAX_PERIODS,
                    count=count,
                )
            )

    def _get_filter_ids(self, name):
        """Ids of a filter, also of what the reader may not see."""
        # Ids say nothing; without those that are hidden the filter would be another.
        return self.sudo().with_context(active_test=False)[name].ids

    def _kpis(self):
        """The KPIs of this report that the reader may see, the widest first."""
        domain = Domain("definition_id.active", "=", True)
        if self.scope_type:
            domain &= Domain("scope_type", "=", self.scope_type)
        for name, (path, operator) in FILTERS.items():
            chosen = self._get_filter_ids(name)
            if chosen:
                domain &= Domain(path, operator, chosen)
        kpis = self.env["kpi.report"].search(domain, order="category_id, name, id")
        return kpis.sorted(lambda kpi: WIDEST[kpi.scope_type])

    def _file(self, file_format, matrix=None):
        """The table as ``pdf`` or ``xlsx``, as the reader may see it.

        :param matrix: the table, where it is known already
        :return: name of the file and its content
        """
        matrix = matrix or self._matrix()
        if file_format == "xlsx":
            content = period_report_files.workbook(matrix, self._words())
        else:
            subtitle = self.env._(
                "%(company)s, as of %(day)s",
                company=self.company_id.name,
                day=format_day(self.env, self.env.cr.now(), with_year=True),
            )
            content = period_report_files.document(
                matrix, self._words(), subtitle, get_fonts()
            )
        return f"{matrix['title']}.{file_format}".replace("/", "-"), content

    def _words(self):
        """Titles of columns and statuses in the files."""
        labels = dict(
            self.env["kpi.report"]._fields["status"]._description_selection(self.env)
        )
        return {
            "kpi": self.env._("KPI"),
            "unit": self.env._("Unit"),
            "figure": self.env._("Figure"),
            "running": self.env._("to date"),
            **{status: labels[status] for status in JUDGED},
        }

    def _matrix(self):
        """The table, as the reader may see it, in the reader's language.

        :return: dict, which JSON can hold, of ``title``, ``grain``, ``figures`` (key,
            label, is_percent), ``total`` (number of KPIs, of which the first
            ``MAX_ROWS`` are shown), ``company_id`` (the one company whose own KPIs it
            shows, if any) and ``sections``: ``title``, ``columns`` (start, label,
            is_running, previous_label) and ``rows``: id of the KPI, its ``name`` and
            ``unit``, a ``note`` where it has no values in such periods, its definition
            changes or values were restated in some of them, the ``figures`` of which
            any is known, and ``cells``, one per column: ``status``, ``numbers`` and
            ``texts`` by figure, rounded to the decimals of the KPI; what is not known
            is left out, and a range has a text only; ``latest``: of the running period,
            else of the last column, as of ``_latest``
        """
        self.ensure_one()
        kpis = self._kpis()
        companies = kpis.filtered(lambda kpi: kpi.scope_type == "company").company_id
        labels = self._figure_labels()
        signs = reader_table(self.env)["percent"]
        return {
            "title": self.name,
            "grain": self.grain,
            "figures": [
                {
                    "key": key,
                    "label": labels[key],
                    "is_percent": key in PERCENTAGES,
                    "signs": signs if key in PERCENTAGES else ("", ""),
                }
                for key in self._figures()
            ],
            "company_id": len(companies) == 1 and companies.id,
            "total": len(kpis),
            "shown": min(len(kpis), MAX_ROWS),
            "sections": self._sections(kpis[:MAX_ROWS]),
        }

    def _sections(self, kpis):
        """Scorecards or categories; a calendar with other periods has its own."""
        rows = self._rows_by_kpi(kpis)
        sections = {}
        for title, kpi in self._list_section_kpis(kpis):
            columns, row = rows[kpi]
            section = sections.setdefault((title, columns), [])
            section.append(row)
        return [
            {
                "title": title,
                "columns": [
                    {
                        "start": start,
                        "label": label,
                        "is_running": is_running,
                        "previous_label": previous_label,
                    }
                    for start, label, is_running, previous_label in columns
                ],
                "rows": found,
            }
            for (title, columns), found in sections.items()
        ]

    def _list_section_kpis(self, kpis):
        """Pairs (title of the section, KPI), in the order of the table."""
        chosen = self._get_filter_ids("group_ids")
        if not chosen:
            return [(kpi.category_id.name or "", kpi) for kpi in kpis]
        lines = self.env["kpi.report.group.line"].search(
            [("group_id", "in", chosen), ("report_id", "in", kpis.ids)]
        )
        return [(line.group_id.name, line.report_id) for line in lines]

    def _rows_by_kpi(self, kpis):
        """KPI → (columns, row); few queries for all KPIs of a calendar."""
        rows = {}
        # What a KPI is made of is no secret to those who see it.
        of_calendar = kpis.sudo().grouped(lambda kpi: kpi.definition_id.calendar_id)
        for calendar, same in of_calendar.items():
            columns = self._columns(calendar)
            heads = tuple(column.head for column in columns)
            possible = same.filtered(
                lambda kpi: self.grain in kpi.definition_id._get_shown_grains()
            )
            known = self._read_cell_values(possible.sudo(False), calendar, columns)
            for kpi in same:
                row = self._row(kpi, kpi in possible, known, columns)
                rows[kpi.sudo(False)] = heads, row
        return rows

    def _columns(self, calendar):
        """The ``PeriodColumn`` of KPIs with this calendar, oldest first."""
        if self.range_type == "fixed":
            shown = calendar._periods(self.grain, self.date_from, self.date_to)
            self._check_period_count(len(shown))
        else:
            shown = calendar._latest_periods(self.grain, self.period_count + 1)
            shown = shown[1:] if self.has_running else shown[:-1]
        today = calendar._today()
        columns = [
            PeriodColumn(
                period,
                calendar._period_label(period),
                today in period,
                self._get_comparison_starts(calendar, period),
                tuple(elapsed),
            )
            for period, elapsed in zip(
                shown, calendar._get_elapsed_ratios(shown).T, strict=True
            )
        ]
        latest = find_latest(columns)
        before = calendar._period_before(shown[latest])
        if before:
            columns[latest] = replace(
                columns[latest],
                previous_start=before.start,
                previous_label=calendar._period_label(before),
            )
        return columns

    def _read_cell_values(self, kpis, calendar, columns):
        """Read the values that the cells of these KPIs are made of."""
        first = columns[0].period.start
        latest = columns[find_latest(columns)]
        last_day = columns[-1].period.stop - timedelta(days=1)
        shown = self._get_trend_periods(calendar, latest.period)
        labels = calendar._period_labels(shown)
        first_day = min([first, shown[0].start, *columns[0].compared.values()])
        basis = "judged" if self.target_basis == "then" else "today"
        pairs = {
            (start, column.period.start)
            for column in columns
            for start in column.compared.values()
        }
        pairs.add((latest.previous_start, latest.period.start))
        judged, compared, to_date, trends = {}, {}, {}, {}
        restated = defaultdict(list)
        directions = {kpi.id: kpi.direction for kpi in kpis}
        for series in kpis._series(self.grain, first_day, last_day, basis=basis):
            judged |= series.list_judged()
            compared |= series.list_compared(pairs)
            indexes = [series.index_of[period.start] for period in shown]
            for row, kpi_id in enumerate(series.report_ids):
                trends[kpi_id] = series.list_line(
                    row, indexes, labels, directions[kpi_id]
                )
        if self.show_ytd and kpis:
            found = kpis._year_to_date(self.grain, first, last_day)
            to_date = {kpi.id: values for kpi, values in found.items()}
        for row in self.env["kpi.restatement"]._list_restated(kpis.ids, first):
            restated[row.report_id].append(row.period_start)
        return KnownValues(
            judged,
            to_date,
            compared,
            self._figures(),
            number_writer(self.env),
            restated,
            self._read_added_figures(kpis, columns),
            trends,
        )

    @staticmethod
    def _get_trend_periods(calendar, latest):
        """The last periods up to the one of the last column, oldest first."""
        first = calendar._period_before(latest, SPARKLINE_PERIODS - 1) or latest
        return calendar._periods(latest.grain, first.start, latest.start)

    def _read_added_figures(self, kpis, columns):
        """Read what addons have to say of these KPIs; see ``_list_other_figures``.

        :param columns: ``PeriodColumn``, oldest first
        :return: id of a KPI and first day of a column → figure → number in the unit of
            the KPI, or text
        """
        return {}

    def _get_comparison_starts(self, calendar, period):
        spec = calendar._spec()
        found = {}
        if self.show_previous or self.show_previous_percent:
            found["previous"] = periods.previous(spec, period).start
        if self.show_last_year or self.show_last_year_percent:
            found["last_year"] = periods.same_period_last_year(spec, period).start
        return found

    def _row(self, kpi, is_possible, known, columns):
        definition = kpi.definition_id
        line = KpiLine(
            digits=definition.decimals,
            unit=definition.unit,
            direction=definition.direction,
            is_additive=definition.aggregation_time == "sum",
            judged=known.judged.get(kpi.id, {}),
            to_date=known.to_date.get(kpi.id, {}),
            compared=known.compared.get(kpi.id, {}),
        )
        cells = [
            self._cell(line, column, known, kpi) if is_possible else EMPTY_CELL
            for column in columns
        ]
        shown = {figure for cell in cells for figure in cell["texts"]} | {"actual"}
        return {
            "id": kpi.id,
            "name": kpi.name,
            "definition_id": definition.id,
            "certification": definition.certification,
            "badge": definition._label_of("certification")
            if definition.certification
            else "",
            "unit": definition._unit_word() or "",
            "digits": line.digits,
            "note": " · ".join(
                [
                    *self._list_changes(line, columns, known.restated.get(kpi.id, ())),
                    *self._list_parts_compared(definition, line, columns),
                ]
            )
            if is_possible
            else self.env._(
                "Not shown (different periods): %s.",
                definition._label_of("frequency").lower(),
            ),
            "figures": [figure for figure in known.figures if figure in shown],
            "cells": cells,
            "latest": self._latest(kpi, line, columns[find_latest(columns)], known),
        }

    def _latest(self, kpi, line, column, known):
        """Details of the periods of a KPI, of the running or the last one.

        :return: dict of ``name`` (without that of the company), ``unit`` (as the
            client's formatting takes it), ``direction``, ``trend`` (label, value and
            target of the last periods), ``target``, ``low`` and ``high`` (to date while
            the period runs), ``before`` and ``after`` (the period before and this one,
            like with like) and ``note`` (how these are compared, where the note of the
            row does not say so); None = none
        """
        definition = kpi.definition_id
        figures = build_figures(line, column)
        trend = known.trends.get(kpi.id, [])
        pair = column.previous_start, column.period.start
        before, after = line.compared.get(pair, UNCOMPARED)
        method = []
        if trend and column.previous_start and not column.compared:
            compared = replace(column, compared={"previous": column.previous_start})
            method = self._list_parts_compared(definition, line, [compared])
        return {
            "name": definition.name if kpi.scope_type == "company" else kpi.name,
            "unit": definition._unit_description(),
            "direction": line.direction,
            "trend": trend,
            "target": figures["target"],
            "low": figures["low"],
            "high": figures["high"],
            "before": before,
            "after": after,
            "note": " · ".join(method),
        }

    def _list_changes(self, line, columns, restated):
        """List in which columns the definition changes or values were restated."""
        labels = {
            self.env._("Definition changed: %s"): [
                column.label
                for column in columns
                if line.judged.get(column.period.start, NO_VALUE).seam
            ],
            self.env._("Restated: %s"): [
                column.label
                for column in columns
                if any(start in column.period for start in restated)
            ],
        }
        return [text % ", ".join(found) for text, found in labels.items() if found]

    def _list_parts_compared(self, definition, line, columns):
        """List by which part a running period is compared, or that it is not yet."""
        if definition.aggregation_time not in CUMULATIVE:
            return []
        words = {
            "day": self.env._("days"),
            "week": self.env._("weeks"),
            "month": self.env._("months"),
            "quarter": self.env._("quarters"),
        }
        fact_grain = definition._get_fact_grain(self.grain)
        running = [
            column for column in columns if column.is_running and column.compared
        ]
        found = []
        for column in running:
            pairs = [(start, column.period.start) for start in column.compared.values()]
            if any(None not in line.compared.get(pair, UNCOMPARED) for pair in pairs):
                text = self.env._(
                    "%(period)s: compares closed %(parts)s only",
                    period=column.label,
                    parts=words[fact_grain],
                )
            else:
                text = self.env._("%s: compared after it closes", column.label)
            found.append(text)
        return found

    def _cell(self, line, column, known, kpi):
        figures = build_figures(line, column)
        added = known.added.get((kpi.id, column.period.start), {})
        numbers, texts = {}, {}
        for figure in known.figures:
            number = added.get(figure, figures.get(figure))
            if self._is_far(line, column, figure, figures):
                texts[figure] = self._text_far(line, column, figure, known)
            elif isinstance(number, str):
                texts[figure] = number
            elif number is not None:
                numbers[figure] = _round_number(number, line.digits_of(figure))
                texts[figure] = self._text(line, figure, numbers[figure], known.write)
        if self.show_target and line.direction == "range":
            ends = (figures["low"], figures["high"])
            low, high = (
                e if e is None else _round_number(e, line.digits) for e in ends
            )
            texts |= range_text(low, high, line.digits, known.write)
        if line.unit == "boolean":  # a word, not a number
            numbers = {key: numbers[key] for key in numbers if key in PERCENTAGES}
        judged = line.judged.get(column.period.start, NO_VALUE)
        return {"status": judged.status, "numbers": numbers, "texts": texts}

    def _is_far(self, line, column, figure, figures):
        """Whether a figure is a percentage of almost nothing."""
        if figure == "variance_percent":
            value, base = figures["actual"], figures["target"]
        else:
            base, value = line.get_pair(SHARED_BY.get(figure), column)
        return None not in (value, base) and is_far(value, base)

    def _text_far(self, line, column, figure, known):
        """“from 2 to 112” or “+110” where a percentage would say 5500%."""
        write = partial(self._write_rounded, line, known.write)
        if figure == "variance_percent":
            variance = build_figures(line, column)["variance"]
            return f"+{write(variance)}" if variance > 0 else write(variance)
        before, after = line.get_pair(SHARED_BY[figure], column)
        return self.env._(
            "from %(before)s to %(after)s", before=write(before), after=write(after)
        )

    def _write_rounded(self, line, write, number):
        return self._text(line, "actual", _round_number(number, line.digits), write)

    def _text(self, line, figure, number, write):
        """A rounded number as the reader's language writes it; the row has the unit."""
        is_share = figure in PERCENTAGES
        if line.unit == "boolean" and not is_share and number in (0, 1):
            return self.env._("Yes") if number else self.env._("No")
        text = write(number, line.digits_of(figure)).replace("-", MINUS)
        return percent_text(reader_table(self.env), text) if is_share else text

    def _write_number(self, number, digits):
        """A number rounded and written for the reader, without its unit."""
        write = number_writer(self.env)
        return write(_round_number(number, digits), digits).replace("-", MINUS)

    @api.model
    @api.readonly
    def get_matrix(self, options: dict[str, Any]):
        """The table that ``options`` ask for, as far as the user may see it.

        :param options: as for ``_build_from_options``
        :return: as ``_matrix``
        :raises UserError: options that no table has
        """
        return self._build_from_options(options)._matrix()

    @api.model
    @api.readonly
    def get_start(self):
        """Return the options to choose from, and those selected at first.

        :return: dict of ``reports`` (saved ones: id, name, options), ``figures`` (key,
            label), pairs (key, label) of ``grains``, ``scopes`` and ``judges``, and
            ``scope_type``: as of ``_is_company_first``
        """
        labels = self._figure_labels()
        named = {"grains": "grain", "scopes": "scope_type", "judges": "target_basis"}
        return {
            "reports": [
                {"id": report.id, "name": report.name, "options": report._options()}
                for report in self.search([])
            ],
            "figures": [
                {"key": key, "label": labels[key]} for key in self._list_other_figures()
            ],
            **{
                key: self._fields[name]._description_selection(self.env)
                for key, name in named.items()
            },
            "scope_type": "company" if self._is_company_first() else False,
        }

    @api.model
    def _is_company_first(self):
        """Whether the reader begins with KPIs of the company, rather than with all.

        Readers who see targets of other scopes only work with those.
        """
        levels = self.env["kpi.target"]._read_group([], ["scope_type"])
        if levels:
            return ("company",) in levels
        return bool(
            self.env["kpi.report"].search_count(
                [("scope_type", "=", "company")], limit=1
            )
        )

    @api.model
    def get_save_action(self, options: dict[str, Any], report_id: Id | Nothing = False):
        """The form of a saved report, or of a new one that shows what is shown now.

        :param options: as for ``_build_from_options``
        """
        shown = self._build_from_options(options)
        figures = self._list_other_figures()
        names = [*CHOICES, *(f"show_{key}" for key in figures)]
        values = {
            **shown._convert_to_write({name: shown[name] for name in names}),
            **{name: [Command.set(shown._get_filter_ids(name))] for name in FILTERS},
        }
        return open_dialog(
            self.browse(report_id),
            self.env._("Save Table"),
            **{f"default_{name}": value for name, value in values.items()},
        )


def _round_number(number, digits):
    return float_round(number, precision_digits=digits) + 0.0  # no negative zero
