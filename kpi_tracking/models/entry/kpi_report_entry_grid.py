from contextlib import suppress
from typing import Any

from psycopg2.errors import UniqueViolation
from typing_extensions import TypedDict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.roles import MANAGER, OFFICER
from odoo.addons.kpi_base.schemas.base import Id, Nothing

from ...engine.due import is_locked
from .kpi_entry_due import OPEN
from .kpi_submission import Entry

COLUMN_COUNT, MAX_COLUMNS = 6, 24
MAX_ROWS = 200
FAR = "9999-12-31"  # behind every due date
MAX_CELLS = 2000
UNIT = ("unit", "decimals", "unit_symbol", "duration_unit")
NAN = float("nan")


class Cell(TypedDict, total=False):
    """A cell of the grid, as the client sends it."""

    report_id: Id | Nothing
    contributor_id: Id | Nothing
    start: str | Nothing
    text: str | int | float | Nothing
    note: str | Nothing
    reason: str | Nothing
    attachment_ids: list[Id]
    is_sure: bool


class KpiReport(models.Model):
    """Rows and columns of the entry grid: KPIs by periods, due soonest first."""

    _inherit = "kpi.report"

    @api.readonly
    @api.model
    def get_entry_grid(
        self,
        layout: dict[str, Any] | Nothing = None,
        count: int = COLUMN_COUNT,
        for_others: bool = False,
        report_ids: list[Id] | Nothing = None,
    ):
        """The grid of the KPIs whose values the user enters.

        A constant number of statements, however many KPIs and periods there are.

        :param layout: ``{"frequency", "calendar_id"}`` as in the answer's ``layouts``;
            default: the one with most KPIs
        :param count: number of periods, the last one is the current one
        :param for_others: also KPIs that others are asked for
        :param report_ids: these KPIs, as far as the user may enter their values
        :return: dict of ``layouts``, ``layout``, ``columns`` (``start``, ``label``),
            ``rows`` (a KPI or part of it, ``cells``, one per column, maybe a ``hint``),
            ``row_count`` (before rows were left out) and ``has_others``
        """
        if report_ids:
            reports = self.search([("id", "in", report_ids)])._filter_enterable()
            for_others = bool(reports._filter_enterable_for_others())
        else:
            reports = self.search(self._build_grid_domain(for_others))
        grouped = reports.grouped(
            lambda kpi: (kpi.frequency, kpi.definition_id.calendar_id)
        )
        layouts = self._list_layouts(grouped)
        grid = {
            "layouts": layouts,
            "layout": None,
            "columns": [],
            "rows": [],
            "row_count": 0,
            "has_others": self.env.user.has_group(MANAGER),
        }
        if not layouts:
            return grid
        asked = (each for each in layouts if layout and layout.items() <= each.items())
        chosen = next(asked, layouts[0])
        calendar = self.env["kpi.calendar"].browse(chosen["calendar_id"])
        count = min(max(int(count), 1), MAX_COLUMNS)
        columns = calendar._latest_periods(chosen["frequency"], count)
        rows = grouped[chosen["frequency"], calendar]._build_grid_rows(
            columns, for_others
        )
        return {
            **grid,
            "layout": {key: chosen[key] for key in ("frequency", "calendar_id")},
            "columns": [
                {"start": str(period.start), "label": calendar._period_label(period)}
                for period in columns
            ],
            "rows": rows[:MAX_ROWS],
            "row_count": len(rows),
        }

    @api.model
    def _build_grid_domain(self, for_others):
        me = self.env.uid
        own = Domain("owner_id", "=", me) | Domain("user_id", "=", me)
        asked = Domain("submitter_ids", "in", [me])
        asked |= Domain("submitter_ids", "=", False) & own
        if for_others and self.env.user.has_group(OFFICER):
            asked = Domain.TRUE
        elif for_others and self.env.user.has_group(MANAGER):
            asked |= Domain("is_managed_by_me", "=", True)
        asked &= Domain("definition_id.active", "=", True)
        return asked & Domain("computation", "=", "manual")

    @api.model
    def _list_layouts(self, grouped):
        """Frequencies, and calendars where there are several, with most KPIs first."""
        frequencies = self.env["kpi.definition"]._fields["frequency"]
        names = dict(frequencies._description_selection(self.env))
        calendars = {calendar for _frequency, calendar in grouped}
        return [
            {
                "frequency": frequency,
                "calendar_id": calendar.id,
                # The name of a calendar is no secret to those whose KPI follows it.
                "label": " · ".join(
                    [names[frequency]]
                    + ([calendar.sudo().name] if len(calendars) > 1 else [])
                ),
                "count": len(reports),
            }
            for (frequency, calendar), reports in sorted(
                grouped.items(), key=lambda one: (-len(one[1]), one[0][0], one[0][1].id)
            )
        ]

    def _build_grid_rows(self, columns, for_others=False):
        """Rows of the grid, the one with the soonest open due date first."""
        slots = self._list_grid_slots(for_others)
        cells = self._build_grid_cells(slots, columns)
        period = columns[-1]
        approvers = self.env["kpi.submission"]._preview_approvers(
            {
                (report, contributor): Entry(report, period, NAN, contributor)
                for report, contributor in slots
                if report.has_entry_approval
            }
        )
        rows = [
            {
                "report_id": report.id,
                "contributor_id": contributor.id,
                # Whose part it is stands on it, for whoever sees the KPI.
                "contributor": contributor.sudo().name or "",
                "name": report.kpi_name,
                "scope": report.scope_name,
                **{name: report[name] for name in UNIT},
                "currency_id": report.currency_id.id,
                "approvers": approvers.get((report, contributor), ""),
                "cells": cells[report.id, contributor.id],
            }
            for report, contributor in slots
        ]
        return sorted(rows, key=_soonest_due)

    def _list_grid_slots(self, for_others):
        """(report, contributor) of each row; a row per part that the user enters."""
        managed = self._filter_enterable_for_others() if for_others else self.browse()
        nobody = self.env["res.users"]
        slots = []
        for report, asked in self._find_submitters().items():
            if report.entry_mode != "parts":
                slots.append((report, nobody))
                continue
            people = asked if report in managed else asked & self.env.user
            slots += [(report, person) for person in people]
        return slots

    def _build_grid_cells(self, slots, columns):
        """(report id, contributor id) → cells, one per column.

        A cell holds ``state`` (empty, draft, submitted, approved, rejected or known),
        ``is_decided`` (somebody approved or rejected it), ``value`` and ``note`` of
        what counts or waits, ``accepted`` (whether a value would be replaced), ``due``
        (day), ``late`` and ``locked`` (a text, or false).
        """
        entries = self.env["kpi.submission"]._find_slots(
            (report, period) for report in self for period in columns
        )
        facts = {}
        read = self._series_in({report: columns for report in self}, with_targets=False)
        for series in read.values():
            facts |= series.list_values()
        dues = self._find_grid_dues(columns)
        locks = self._get_lock_dates()
        return {
            (report.id, contributor.id): [
                self._build_grid_cell(
                    entries.get((report.id, period.start, contributor.id)),
                    None if contributor else facts.get(report.id, {}).get(period.start),
                    dues.get((report.id, period.start, contributor.id)),
                    is_locked(period.stop, locks[report])
                    and report._say_locked(period, locks[report]),
                )
                for period in columns
            ]
            for report, contributor in slots
        }

    @api.model
    def _build_grid_cell(self, entries, fact, due, locked):
        latest = entries[-1:] if entries else self.env["kpi.submission"]
        is_open = bool(due) and due.state in OPEN
        return {
            "state": latest.state or ("empty" if fact is None else "known"),
            "is_decided": bool(latest.decided_by_id),
            "value": latest.value if latest else fact,
            "note": latest.note or "",
            "rejection": latest.rejection_reason or "",
            "accepted": fact is not None
            or bool(entries and entries[0].state == "approved"),
            "due": str(due.due_date) if is_open else False,
            "late": latest.is_late or (is_open and due.state == "overdue"),
            "locked": locked,
        }

    def _find_grid_dues(self, columns):
        """(report id, period start, contributor id) → what is due; any of several."""
        rows = self.env["kpi.entry.due"].search(
            Domain("report_id", "in", self.ids)
            & Domain("grain", "=", columns[0].grain)
            & Domain("period_start", "in", [period.start for period in columns])
        )
        return {
            (
                row.report_id.id,
                row.period_start,
                row.report_id.entry_mode == "parts" and row.user_id.id,
            ): row
            for row in rows
        }

    @api.model
    def save_entries(
        self, cells: list[Cell], as_draft: bool = False, ask_unusual: bool = False
    ):
        """Enter many values at once; one that is refused does not stop the others.

        :param cells: list of dicts: ``report_id``, ``contributor_id`` (or false),
            ``start`` (a day of the period, ISO), ``text`` (as typed), ``note``,
            ``attachment_ids`` (the user's own), ``reason`` (why a value is corrected),
            ``is_sure`` (do not ask again)
        :param as_draft: save them without submitting them
        :param ask_unusual: leave out values far outside the usual, for the user to
            confirm; never of drafts
        :return: list in the same order: ``{"cell": …}`` as in ``get_entry_grid``,
            ``{"error": text}`` or ``{"unusual": text}``
        :raises UserError: more cells than can be taken at once
        """
        if len(cells) > MAX_CELLS:
            raise UserError(
                self.env._(
                    "Too many values: %(count)s. Paste up to %(most)s or import a "
                    "file.",
                    count=len(cells),
                    most=MAX_CELLS,
                )
            )
        submissions = self.env["kpi.submission"]
        entries, errors = self._read_cells(cells)
        accepted, refused = submissions._check_entries(entries)
        errors |= {index: str(error) for index, error in refused.items()}
        unusual = {}
        if ask_unusual and not as_draft:
            found = self._find_unusual(accepted)
            unusual = {at: found[at] for at in found if not cells[at].get("is_sure")}
        for index in unusual:
            del accepted[index]
        stored = self._store_cells(accepted, errors, submit=not as_draft)
        shown = self._read_stored_cells(stored)
        kinds = {"error": errors, "unusual": unusual, "cell": shown}
        answers = {
            index: {kind: answer}
            for kind, found in kinds.items()
            for index, answer in found.items()
        }
        return [answers[index] for index in range(len(cells))]

    @api.model
    def _read_cells(self, cells):
        """Cells as entries, index → ``Entry``; and why some cannot be, index → text."""
        ids = {cell.get("report_id") for cell in cells}
        known = [each for each in ids if isinstance(each, int) and each]
        # Of what is archived it is said so.
        everything = self.with_context(active_test=False)
        reports = everything.search([("id", "in", known)]).with_env(self.env)
        report_of = reports.grouped("id")
        entries, errors = {}, {}
        for index, cell in enumerate(cells):
            report = report_of.get(cell.get("report_id"))
            try:
                if not report:
                    raise UserError(
                        self.env._("You no longer have access to this KPI.")
                    )
                entries[index] = report._cell_entry(cell)
            except UserError as error:
                errors[index] = str(error)
        return entries, errors

    def _cell_entry(self, cell):
        definition, day = self.definition_id, None
        files = self.env["ir.attachment"]
        with suppress(ValueError):
            day = fields.Date.to_date(cell.get("start"))
        if not day:
            raise ValidationError(self.env._("%s: choose a period.", self.name))
        return Entry(
            self,
            definition.calendar_id._period(definition.frequency, day),
            definition._parse_typed_value(str(cell.get("text") or "")),
            contributor=self.env["res.users"].browse(cell.get("contributor_id") or ()),
            note=str(cell.get("note") or ""),
            reason=str(cell.get("reason") or ""),
            attachments=files.search([("id", "in", cell.get("attachment_ids") or ())]),
        )

    @api.model
    def _store_cells(self, accepted, errors, submit):
        """Those of ``accepted`` that were written; the others go to ``errors``."""
        if not accepted or not self._why_not_stored(accepted.values(), submit):
            return accepted
        # What others did meanwhile stands in the way of a few: each on its own.
        for index, entry in accepted.items():
            if reason := self._why_not_stored([entry], submit):
                errors[index] = reason
        return {index: accepted[index] for index in accepted if index not in errors}

    @api.model
    def _why_not_stored(self, entries, submit):
        """Return why ``entries`` could not be written; empty where they were."""
        try:
            with self.env.cr.savepoint():
                self.env["kpi.submission"]._store(list(entries), submit=submit)
        except UserError as error:
            return str(error)
        except UniqueViolation:
            return self.env._("Someone else entered this value. Reload to see it.")
        return ""

    @api.model
    def _read_stored_cells(self, accepted):
        """Place → the cell as the grid shows it now."""
        by_period = {}
        for index, entry in accepted.items():
            by_period.setdefault(entry.period, {})[index] = entry
        shown = {}
        for period, entries in by_period.items():
            reports = self.union(*(entry.report for entry in entries.values()))
            slots = [(entry.report, entry.contributor) for entry in entries.values()]
            cells = reports._build_grid_cells(slots, [period])
            for index, entry in entries.items():
                (shown[index],) = cells[entry.report.id, entry.contributor.id]
        return shown


def _soonest_due(row):
    dues = [cell["due"] for cell in row["cells"] if cell["due"] and not cell["locked"]]
    return min(dues, default=FAR), row["name"] or "", row["scope"] or ""
