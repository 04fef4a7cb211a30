from itertools import islice

from odoo import Command, models
from odoo.exceptions import UserError

from ...engine.tabular import (
    ColumnProfile,
    ColumnReader,
    TabularError,
    find_header,
    fingerprint,
    is_only_year_pair,
    open_table,
    parse_period,
    period_without_year,
    suggest,
)

PROFILED_ROWS = 20_000


class KpiImport(models.Model):
    """Analysis of a file: its content, and the likely meaning of its columns."""

    _inherit = "kpi.import"

    def _open_table(self):
        """The file as a ``Table``.

        :raises TabularError: no table that can be read
        """
        return open_table(
            self._content(),
            encoding=self.encoding or "",
            delimiter=self.delimiter or "",
            sheet=(self.sheet or "").strip(),
        )

    def _content(self):
        attachment = self._attachment()
        if not attachment:
            raise TabularError(self.env._("Choose a file first."))
        # Forms ask for the size of files instead of what is in them.
        return attachment.with_context(bin_size=False, bin_size_raw=False).raw

    def _attachment(self):
        # Attachments of fields are hidden; who may read the import may read its file.
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )

    def _header(self, table):
        return find_header(table.rows())

    def _analyse(self):
        """Find titles, suggest columns, and go on to matching.

        :raises UserError: the file cannot be read, in the words of ``TabularError``
        """
        try:
            table = self._open_table()
            header = self._header(table)
            profiles = self._profiles(table, header)
        except TabularError as error:
            raise UserError(error.translate_with(self.env._)) from error
        titles = fingerprint(header.titles)
        known = self.env["kpi.import.mapping"]._find_mapping(titles, self.company_id)
        if known and self.mapping_id != known:
            self.write(known._option_values())
        # What was read is the engine's to write; the user's rights were checked.
        self.sudo().write(
            {
                "state": "matched",
                "mapping_id": known.id,
                "replaced_texts": False,
                "sheet_names": ", ".join(table.sheets),
                "header_row": header.number,
                "notice": "\n".join(self._notices(table, header, known)),
                "step_count": table.row_count_estimate(),
                "column_ids": self._suggest_columns(table, header, profiles, known),
            }
        )

    def _profiles(self, table, header):
        profiles = [ColumnProfile() for _title in header.titles]
        rows = (row for row in table.rows() if row.number > header.number)
        for row in islice(rows, PROFILED_ROWS):
            for profile, cell in zip(profiles, row.cells, strict=False):
                profile.add(cell)
        return profiles

    def _notices(self, table, header, known):
        notices = []
        if known:
            notices.append(
                self.env._("Columns matched as in the last import: %s.", known.name)
            )
        if table.is_encoding_assumed:
            notices.append(
                self.env._(
                    "The file does not state its encoding; %s was assumed. "
                    "Check the preview and choose another encoding if "
                    "characters look wrong.",
                    table.encoding,
                )
            )
        if header.untitled_columns:
            notices.append(
                self.env._(
                    "Columns without a title are not imported: %s.",
                    ", ".join(header.untitled_columns),
                )
            )
        if len(table.sheets) > 1:
            notices.append(
                self.env._(
                    "Sheet “%(sheet)s” is used. Other sheets: %(others)s.",
                    sheet=table.sheet,
                    others=", ".join(set(table.sheets) - {table.sheet}),
                )
            )
        return notices

    def _suggest_columns(self, table, header, profiles, known):
        """Commands that replace the columns by those of the file."""
        guesses = self._guesses(header.titles)
        stored = {column.place: column for column in known.column_ids}
        commands = [Command.clear()]
        for place, title in enumerate(header.titles):
            if not title:
                continue
            profile = profiles[place]
            values = {
                "place": place,
                "name": title,
                "sample": profile.sample,
                "other_texts": "; ".join(profile.texts_among_numbers),
                "has_serials": profile.has_serials and table.is_1904 is None,
                "has_year_pairs": profile.has_two_periods,
                "has_ordered_days": profile.has_ordered_days,
                "key": guesses[place].key if place in guesses else False,
            }
            if place in stored:
                values |= stored[place]._prepare_mapping_values()
            values["decimal_mark"] = profile.decimal_mark or values.get("decimal_mark")
            values["date_order"] = profile.date_order or values.get("date_order")
            commands.append(Command.create(values))
        return commands

    def _guesses(self, titles):
        """Index of a title → the ``TargetColumn`` it seems to be.

        Several titles that name a period hold a value per period.
        """
        columns = list(self._target_columns().values())
        guesses = suggest(titles, columns)
        per_period = next((column for column in columns if column.has_periods), None)
        places = [
            place
            for place, title in enumerate(titles)
            if parse_period(title) or period_without_year(title)
        ]
        if per_period and len(places) > 1 and per_period not in guesses.values():
            guesses |= dict.fromkeys(places, per_period)
        return guesses

    def _keep_mapping(self):
        titles = [""] * (max(self.column_ids.mapped("place"), default=-1) + 1)
        for column in self.column_ids:
            titles[column.place] = column.name
        # The mapping in use is the engine's to write; saved with the user's own rights.
        self.sudo().mapping_id = self.env["kpi.import.mapping"]._store_mapping(
            self, fingerprint(titles)
        )

    def _period_columns(self):
        """Columns that may stand for a period each: more than one, or named by one."""
        several = [
            column
            for column in self.column_ids
            if column.key and (target := column._target_column()) and target.has_periods
        ]
        first_month = self._first_month(several)
        has_year_pairs = any(map(is_only_year_pair, self.column_ids.mapped("name")))
        return [
            (column, moment)
            for column in several
            if (moment := column._moment(self.first_year, first_month, has_year_pairs))
        ]

    def _first_month(self, columns):
        months = (period_without_year(column.name) for column in columns)
        return next(filter(None, months), 1)

    def _readers(self, table):
        """Return a ``ColumnReader`` for each column that is something."""
        periods = dict(self._period_columns())
        return [
            ColumnReader(
                column.place,
                column.name,
                column.key,
                self._reader(column, table, target),
                periods.get(column),
                target.kind,
            )
            for column in self.column_ids.sorted("place")
            if column.key and (target := column._target_column())
        ]

    def _reader(self, column, table, target):
        """Return what gives the value of a cell, texts read as others included."""
        read = column._reading(table, target, self.no_value_texts).reader()
        others = (self.replaced_texts or {}).get(column.key)
        if not others:
            return read

        def read_replaced(cell):
            value = read(cell)
            return others.get(value, value)

        return read_replaced

    def _questions(self):
        """List the questions to be answered before the file can be imported."""
        mapped = self.column_ids.filtered("key")
        keys = set(mapped.mapped("key"))
        columns = self._target_columns()
        questions = [
            self.env._(
                "%(columns)s: %(question)s", columns=quote_titles(same), question=q
            )
            for q, same in mapped.filtered("question").grouped("question").items()
        ]
        questions += self._target()._missing(self, keys)
        questions += self._doubles(mapped, columns)
        return questions

    def _doubles(self, mapped, columns):
        """Columns that are the same thing, where rows can have it only once."""
        periods = {column for column, _moment in self._period_columns()}
        once = mapped.filtered(lambda column: column not in periods)
        for key, same in once.grouped("key").items():
            target = columns.get(key)
            if not target:
                continue
            if target.has_periods and (len(same) > 1 or (periods and same)):
                yield self.env._(
                    "%(columns)s: choose the period of each “%(label)s” column.",
                    columns=quote_titles(same),
                    label=target.label,
                )
            elif len(same) > 1:
                yield self.env._(
                    "The columns %(columns)s are all set to “%(label)s”. Choose "
                    "only one of them.",
                    columns=quote_titles(same),
                    label=target.label,
                )


def quote_titles(columns):
    """The titles of columns, as a sentence quotes them."""
    return ", ".join(f"“{column.name}”" for column in columns)
