from psycopg2.errors import UniqueViolation
from typing_extensions import TypedDict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.schemas.base import Id, Nothing

MAX_CELLS = 2000


class Cell(TypedDict, total=False):
    """A cell of the grid, as the client sends it."""

    report_id: Id | Nothing
    contributor_id: Id | Nothing
    start: str | Nothing
    text: str | int | float | Nothing
    note: str | Nothing
    reason: str | Nothing
    is_sure: bool


class KpiReport(models.Model):
    """Saving cells of the entry grid, each with its own result."""

    _inherit = "kpi.report"

    @api.model
    def save_entries(
        self, cells: list[Cell], as_draft: bool = False, ask_unusual: bool = False
    ):
        """Enter many values at once; one that is refused does not stop the others.

        :param cells: list of dicts: ``report_id``, ``contributor_id`` (or false),
            ``start`` (a day of the period, ISO), ``text`` (as typed), ``note``,
            ``reason`` (why a value is corrected), ``is_sure`` (do not ask again)
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
                    "%(count)s values are too many at once. Paste up to %(most)s, or"
                    " import a file.",
                    count=len(cells),
                    most=MAX_CELLS,
                )
            )
        entries, errors = self._cells_read(cells)
        accepted = self._cells_checked(entries, errors)
        asks = ask_unusual and not as_draft
        unusual = self._cells_unusual(accepted, cells) if asks else {}
        for index in unusual:
            del accepted[index]
        accepted = self._cells_stored(accepted, errors, submit=not as_draft)
        shown = self._cells_shown(accepted)
        answers = {
            **{index: {"error": text} for index, text in errors.items()},
            **{index: {"unusual": text} for index, text in unusual.items()},
            **{index: {"cell": cell} for index, cell in shown.items()},
        }
        return [answers[index] for index in range(len(cells))]

    @api.model
    def _cells_unusual(self, accepted, cells):
        """Index → why the value is unusual, of those that nobody is sure of yet."""
        found = self._find_unusual(accepted)
        return {
            index: text
            for index, text in found.items()
            if not cells[index].get("is_sure")
        }

    @api.model
    def _cells_read(self, cells):
        """Cells as entries, index → ``Entry``; and why some cannot be, index → text."""
        ids = {cell.get("report_id") for cell in cells}
        known = [each for each in ids if isinstance(each, int) and each]
        reports = self.search([("id", "in", known)])
        report_of = {report.id: report for report in reports}
        enterable = reports._filter_enterable()
        entries, errors = {}, {}
        for index, cell in enumerate(cells):
            report = report_of.get(cell.get("report_id"), self.browse())
            try:
                if report not in enterable:
                    report._refuse_entry()
                entry = report._cell_entry(cell)
                entries[index] = self.env["kpi.submission"]._resolve_entry(entry)
            except UserError as error:
                errors[index] = str(error)
        return entries, errors

    def _refuse_entry(self):
        """:raises UserError: why the user enters no value of this KPI"""
        if not self:
            raise UserError(self.env._("You no longer have access to this KPI."))
        self._check_can_enter()

    def _cell_entry(self, cell):
        definition = self.definition_id
        try:
            day = fields.Date.to_date(cell.get("start"))
        except ValueError:
            day = None
        if not day:
            raise ValidationError(self.env._("%s: choose a period.", self.name))
        return self._entry(
            definition.calendar_id._period(definition.frequency, day),
            definition._parse_typed_value(str(cell.get("text") or "")),
            contributor=self.env["res.users"].browse(cell.get("contributor_id") or ()),
            note=str(cell.get("note") or ""),
            reason=str(cell.get("reason") or ""),
        )

    @api.model
    def _cells_checked(self, entries, errors):
        """Those of ``entries`` that may be written; the others go to ``errors``."""
        if not entries:
            return {}
        submissions = self.env["kpi.submission"]
        known = submissions._find_current_entries(entries.values())
        facts = submissions._fact_slots(entries.values())
        accepted, slots = {}, set()
        for index, entry in entries.items():
            try:
                if entry.slot in slots:
                    raise ValidationError(
                        self.env._("This value was given twice. The first one counts.")
                    )
                submissions._check_correction(entry, known[entry.slot], facts)
            except UserError as error:
                errors[index] = str(error)
                continue
            slots.add(entry.slot)
            accepted[index] = entry
        return accepted

    @api.model
    def _cells_stored(self, accepted, errors, submit):
        """Those of ``accepted`` that were written; the others go to ``errors``."""
        if not accepted:
            return {}
        if not self._why_not_stored(list(accepted.values()), submit):
            return accepted
        # What others did meanwhile stands in the way of a few: each on its own.
        stored = {}
        for index, entry in accepted.items():
            reason = self._why_not_stored([entry], submit)
            if reason:
                errors[index] = reason
            else:
                stored[index] = entry
        return stored

    @api.model
    def _why_not_stored(self, entries, submit):
        """Return why ``entries`` could not be written; empty where they were."""
        try:
            with self.env.cr.savepoint():
                self.env["kpi.submission"]._store(entries, submit=submit)
        except UserError as error:
            return str(error)
        except UniqueViolation:
            return self.env._(
                "Someone else has entered this value. Reload the grid to see it."
            )
        return ""

    @api.model
    def _cells_shown(self, accepted):
        """Place → the cell as the grid shows it now."""
        by_period = {}
        for index, entry in accepted.items():
            by_period.setdefault(entry.period, {})[index] = entry
        shown = {}
        for period, entries in by_period.items():
            reports = self.union(*(entry.report for entry in entries.values()))
            slots = [(entry.report, entry.contributor) for entry in entries.values()]
            cells = reports._grid_cells(slots, [period])
            for index, entry in entries.items():
                (shown[index],) = cells[entry.report.id, entry.contributor.id]
        return shown
