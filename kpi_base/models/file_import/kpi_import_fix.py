from itertools import islice

from odoo import models
from odoo.exceptions import UserError

from ...engine.tabular import CellError, find_fixes, is_totals_row, read_text
from .import_run import ImportRun
from .kpi_import import PROFILED_ROWS, quote_titles

TRIED_ROWS = 200  # with errors, on which options of the target are tried
NAMED_COLUMNS = 2
MOST_NAMES = 8  # that are listed while people type


class KpiImport(models.Model):
    """Fixes that a check offers: one click, and the rows are checked again.

    Each is tried before it is offered: other readings of a column on its cells that
    could not be read, options of the target on the rows that it refused.
    """

    _inherit = "kpi.import"

    def action_fix(self, key):
        """Do what a fix of the page says, and check again.

        :param key: of the fix
        """
        self.ensure_one()
        self.check_access("write")
        fixes = (self.check_page or {}).get("fixes", ())
        fix = next((fix for fix in fixes if fix["key"] == key), None)
        if not fix:
            raise UserError(self.env._("The rows have changed. Reload the page."))
        options = {
            **dict.fromkeys(fix.get("options", ()), True),
            **fix.get("chosen", {}),
        }
        if options:
            self.target_options = {**(self.target_options or {}), **options}
        for column_key, others in fix.get("texts", {}).items():
            self._replace_texts(column_key, others)
        for column in self.column_ids:
            if column.id in fix.get("column_ids", ()):
                column._apply_fix(fix["option"], fix["value"])
        self.action_check()

    def action_map(self, key, text, other):
        """Read ``text`` as ``other`` in all rows, and check again.

        :param key: of the column, as ``text`` one of the unknown names of the page
        """
        self._check_listed("unknown", key, text)
        if not isinstance(other, str) or not other.strip():
            raise UserError(self.env._("Choose a name."))
        try:
            self._replace_texts(key, {text: read_text(other)})
        except CellError as error:
            raise UserError(error.translate_with(self.env._)) from error
        self.action_check()

    def _check_listed(self, part, key, text):
        """
        :raises UserError: the page has no such name, as it is one of other rows
        """
        self.ensure_one()
        self.check_access("write")
        names = (self.check_page or {}).get(part, ())
        if not any((key, text) == (each["key"], each["text"]) for each in names):
            raise UserError(self.env._("The rows have changed. Reload the page."))

    def action_unmap(self, key, text):
        """Read ``text`` as what it is again in all rows, and check again.

        :param key: of the column, as ``text`` one of the mapped names of the page
        """
        self._check_listed("mapped", key, text)
        replaced = dict(self.replaced_texts)
        replaced[key] = {one: to for one, to in replaced[key].items() if one != text}
        # As of ``_replace_texts``.
        self.sudo().replaced_texts = replaced
        self.action_check()

    def search_names(self, key, term):
        """Return ``{"text", "label"}`` of what a column may name, by a part of it."""
        self.ensure_one()
        self.check_access("read")
        found = self._target()._search_names(self, key, str(term), MOST_NAMES)
        return [{"text": text, "label": label} for text, label in found]

    def _replace_texts(self, key, others):
        replaced = dict(self.replaced_texts or {})
        replaced[key] = {**replaced.get(key, {}), **others}
        # What is read as what is the engine's; the right to change the import was
        # checked.
        self.sudo().replaced_texts = replaced

    def _list_mapped(self):
        """Names that are read as others, of the columns that are imported."""
        labels = {key: column.label for key, column in self._target_columns().items()}
        used = set(self.column_ids.mapped("key"))
        return [
            {"key": key, "label": labels[key], "text": text, "other": other}
            for key, others in (self.replaced_texts or {}).items()
            if key in labels and key in used
            for text, other in others.items()
        ]

    def _list_unknown(self, run):
        """Names that are not there, each once, with those that are nearest."""
        labels = {key: column.label for key, column in self._target_columns().items()}
        return [
            {
                "key": key,
                "label": labels[key],
                "text": text,
                "rows": rows,
                "nearest": [{"text": one, "label": label} for one, label in names],
            }
            for key, text, rows, names in self._target()._list_unknown(run)
        ]

    def _find_fixes(self, run):
        """The fixes of a page; of the same change in several columns, one."""
        fixes = [
            {
                "texts": {key: {text: other}},
                "label": self.env._(
                    "Read “%(text)s” as “%(other)s”", text=text, other=other
                ),
                "detail": self.env._(
                    "Did you mean “%(other)s”? Rows: %(count)s",
                    other=other,
                    count=count,
                ),
            }
            for key, text, other, count in self._target()._suggest_texts(run)
        ]
        fixes += self._find_column_fixes(run)
        fixes += self._find_option_fixes(run)
        fixes += self._find_choice_fixes(run)
        return [{**fix, "key": str(place)} for place, fix in enumerate(fixes)]

    def _find_column_fixes(self, run):
        targets = self._target_columns()
        units = run.list_units()
        found = {}
        for column in self.column_ids:
            refused = run.faults.get(column.place)
            if not refused or column.key not in targets:
                continue
            target = targets[column.key]
            fixes = find_fixes(
                column._reading(run.table, target, self.no_value_texts, units),
                refused,
                self._read_cells(run, column.place),
                may_be_empty=target.has_periods or not target.is_required,
            )
            for fix in fixes:
                found.setdefault((fix.option, fix.value), []).append((column, fix))
        groups = sorted(
            found.items(), key=lambda each: -sum(fix.gained for _one, fix in each[1])
        )
        for (option, value), same in groups:
            columns = self.env["kpi.import.column"].union(*(each for each, _ in same))
            yield {
                "option": option,
                "value": value,
                "column_ids": columns.ids,
                "label": self._describe_fix(option, value, columns),
                "detail": self._describe_effect([fix for _column, fix in same]),
            }

    def _read_cells(self, run, place):
        """Filled cells of a column, of the first rows."""
        for row in islice(run.rows(), PROFILED_ROWS):
            cell = row.cells[place] if place < len(row.cells) else None
            if cell not in (None, "") and not is_totals_row(row.cells):
                yield cell

    def _describe_fix(self, option, value, columns):
        """The fix as the label of its button."""
        titles = quote_titles(columns[:NAMED_COLUMNS])
        if len(columns) > NAMED_COLUMNS:
            count = len(columns) - NAMED_COLUMNS
            titles = self.env._(
                "%(columns)s and %(count)s more", columns=titles, count=count
            )
        if option == "no_values":
            texts = ", ".join(f"“{text}”" for text in value)
            return self.env._(
                "Treat %(texts)s as empty in %(columns)s", texts=texts, columns=titles
            )
        labels = {
            ("decimal_mark", "."): self.env._(
                "Read %s with decimal point (12.5)", titles
            ),
            ("decimal_mark", ","): self.env._(
                "Read %s with decimal comma (12,5)", titles
            ),
            ("is_dash_zero", True): self.env._("Read “-” as 0 in %s", titles),
            ("date_order", "dmy"): self.env._(
                "Read %s as day-first dates (31/12/2026)", titles
            ),
            ("date_order", "mdy"): self.env._(
                "Read %s as month-first dates (12/31/2026)", titles
            ),
            ("year_pairs", "month"): self.env._(
                "Read 2010-11 as November 2010 in %s", titles
            ),
            ("year_pairs", "years"): self.env._(
                "Read 2010-11 as the year 2010 to 2011 in %s", titles
            ),
            ("is_1904", False): self.env._(
                "Count days from 1900 in %s (usual)", titles
            ),
            ("is_1904", True): self.env._(
                "Count days from 1904 in %s (old Mac files)", titles
            ),
        }
        return labels[option, value]

    def _describe_effect(self, fixes):
        gained, lost, changed = (
            sum(getattr(fix, name) for fix in fixes)
            for name in ("gained", "lost", "changed")
        )
        texts = [self.env._("Cells fixed: %s", gained)]
        if lost:
            texts.append(self.env._("%s no longer readable", lost))
        if changed:
            texts.append(self.env._("%s with a different value", changed))
        return ", ".join(texts)

    def _find_option_fixes(self, run):
        """Options that are off, by which the target takes rows that it refused."""
        if not run.refused_by_target:
            return
        off = [
            option
            for option in self._target()._options(self)
            if option.kind == "boolean"
            and not run.options[option.key]
            and (not option.needs or run.options[option.needs])
        ]
        helpful = self._target()._find_helpful_options(run, off)
        rows = helpful and run.find_rows(sorted(run.refused_by_target)[:TRIED_ROWS])
        if not rows:
            return
        refused = {row.number for row in rows}
        with self._target()._undone():
            found = [
                (count, [option])
                for option in helpful
                if (count := self._count_taken(run, rows, refused, [option]))
            ]
            if not found and len(off) > 1:
                count = self._count_taken(run, rows, refused, off)
                found = [(count, off)] if count else []
        for count, options in sorted(found, key=lambda each: -each[0]):
            labels = ", ".join(f"“{option.label}”" for option in options)
            yield {
                "options": [option.key for option in options],
                "label": self.env._("Turn on %s", labels),
                "detail": self.env._("Rows fixed: %s", count)
                if len(rows) < TRIED_ROWS
                else self.env._(
                    "Rows fixed: %(count)s of the first %(tried)s rows with errors",
                    tried=TRIED_ROWS,
                    count=count,
                ),
            }

    def _find_choice_fixes(self, run):
        """Choices of options, of which each accepts the same rows in another way."""
        suggested = list(self._target()._suggest_choices(run))
        if not suggested:
            return
        options = {option.key: option for option in self._target()._options(self)}
        for key, value, count in suggested:
            yield {
                "chosen": {key: value},
                "label": self.env._(
                    "%(option)s: %(choice)s",
                    option=options[key].label,
                    choice=dict(options[key].choices)[value],
                ),
                "detail": self.env._("Rows fixed: %s", count),
            }

    def _count_taken(self, run, rows, refused, options):
        """Number of ``rows`` that the target takes with ``options`` turned on."""
        still = self._try_options(run, rows, options)
        return 0 if still is None else len(refused - still)

    def _try_options(self, run, rows, options):
        """Numbers of ``rows`` refused with ``options``; None: a question is first."""
        tried = self.new(origin=self)
        given = dict.fromkeys((option.key for option in options), True)
        tried.target_options = {**(self.target_options or {}), **given}
        if tried._questions():
            return None
        trial = ImportRun(tried, run)
        entries = [entry for row in rows for entry in trial.reader.read_row(row)[0]]
        list(self._target()._build_staging_rows(trial, entries))
        return set(trial.refusals)
