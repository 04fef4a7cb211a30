from itertools import islice

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ...engine.counts import say_count
from ...engine.tabular import (
    ColumnProfile,
    ColumnReader,
    GroupProfile,
    TabularError,
    find_header,
    fingerprint,
    fold_units,
    is_only_year_pair,
    is_totals_row,
    list_period_titles,
    open_table,
    period_without_year,
    split_title,
    suggest,
)
from .kpi_import_column import CHOSEN_FIELDS

# of fields that the engine writes for itself
TECHNICAL = {"readonly": True, "copy": False, "exportable": False}
GOING_ON = ("queued", "running")
PHASES = [
    ("reading", "Reading Rows"),
    ("checking", "Checking Rows"),
    ("importing", "Importing Rows"),
]
ROWS_AT_ONCE = 200  # in the request; the job checks and imports longer files
# what a check depends on
CHECKED_FIELDS = {
    "company_id",
    "target_model",
    "target_options",
    "file",
    "encoding",
    "delimiter",
    "sheet",
    "no_value_texts",
    "period_day",
    "first_year",
    "column_ids",
}
# what says how the cells of a file are read
READ_BY = (
    *("state", "target_model", "target_options", "first_year"),
    *(f"column_ids.{name}" for name in CHOSEN_FIELDS),
)
PROFILED_ROWS = 20_000


class KpiImport(models.Model):
    """A file that is imported: read, matched, checked, imported.

    Checking and importing run at once for short files, in the background for others.
    """

    _name = "kpi.import"
    _description = "KPI Import"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.import.options"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    file = fields.Binary(required=True, attachment=True, copy=False)
    file_name = fields.Char()
    state = fields.Selection(
        [
            ("draft", "Upload"),
            ("matched", "Match Columns"),
            ("queued", "Waiting"),
            ("running", "Running"),
            ("checked", "Checked"),
            ("done", "Imported"),
            ("failed", "Failed"),
            ("cancelled", "Stopped"),
        ],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    is_check = fields.Boolean("Preview Only", **TECHNICAL)
    column_ids = fields.One2many("kpi.import.column", "import_id", "Columns")
    mapping_id = fields.Many2one(
        "kpi.import.mapping",
        "Saved Mapping",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    is_mapping_kept = fields.Boolean("Remember for Similar Files", default=True)

    notice = fields.Text(
        readonly=True, copy=False, help="Assumptions made when the file was read."
    )
    question = fields.Text(compute="_compute_question")
    has_periods = fields.Boolean(compute="_compute_question", exportable=False)
    has_serials = fields.Boolean(compute="_compute_question", exportable=False)
    has_year_pairs = fields.Boolean(compute="_compute_question", exportable=False)
    can_group = fields.Boolean(compute="_compute_question", exportable=False)
    target_note = fields.Char("Import Note", compute="_compute_target_note")
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    step_count = fields.Integer("Total Rows", **TECHNICAL)
    step_done_count = fields.Integer("Rows Done", **TECHNICAL)
    progress_ratio = fields.Float("Progress", compute="_compute_progress_ratio")
    phase = fields.Selection(PHASES, **TECHNICAL)
    checkpoint = fields.Json(**TECHNICAL)
    interrupted_count = fields.Integer(
        help="Number of times the server interrupted the import.", **TECHNICAL
    )
    is_cancel_requested = fields.Boolean("Stop Requested", **TECHNICAL)
    row_count = fields.Integer("Rows", readonly=True, copy=False)
    added_count = fields.Integer("New", readonly=True, copy=False)
    changed_count = fields.Integer("Changed", readonly=True, copy=False)
    equal_count = fields.Integer("Unchanged", readonly=True, copy=False)
    refused_count = fields.Integer("Errors", readonly=True, copy=False)
    empty_count = fields.Integer("Empty Rows", readonly=True, copy=False)
    totals_count = fields.Integer("Skipped Totals Rows", readonly=True, copy=False)
    created_text = fields.Char("Also", readonly=True, copy=False)
    summary = fields.Char(compute="_compute_summary")
    imported_ids = fields.Json(
        "Imported Records",
        prefetch=False,
        **TECHNICAL,
    )
    replaced_texts = fields.Json(**TECHNICAL)
    counts_before = fields.Json(
        "Preview Counts",
        **TECHNICAL,
    )
    error = fields.Text(readonly=True, copy=False)
    refused_file = fields.Binary(
        "Rows with Errors", readonly=True, attachment=True, copy=False
    )
    refused_file_name = fields.Char("Error File Name", **TECHNICAL)
    can_stop = fields.Boolean(compute="_compute_can_stop", exportable=False)
    accepted_count = fields.Integer("Valid Rows", readonly=True, copy=False)
    accepted_ranges = fields.Json(
        "Ranges of Valid Rows",
        prefetch=False,
        **TECHNICAL,
    )
    check_page = fields.Json("Checked Rows", prefetch=False, **TECHNICAL)
    import_count = fields.Integer(
        "Rows to Import", compute="_compute_import_count", exportable=False
    )
    import_label = fields.Char(
        "Import Button", compute="_compute_import_count", exportable=False
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("file_name")
    def _compute_name(self):
        for job in self:
            job.name = job.file_name or self.env._("File")

    @api.depends("step_count", "step_done_count", "state")
    def _compute_progress_ratio(self):
        for job in self:
            done = job.step_done_count / job.step_count if job.step_count else 0.0
            job.progress_ratio = 1.0 if job.state == "done" else min(done, 1.0)

    @api.depends(
        "target_model",
        "row_count",
        "added_count",
        "changed_count",
        "equal_count",
        "refused_count",
        "empty_count",
        "totals_count",
    )
    def _compute_summary(self):
        for job in self:
            job.summary = job._build_summary() if job.row_count else False

    def _build_summary(self):
        """Counts of what is imported and of the rows, each by its name."""
        words = {
            "changed_count": (self.env._("1 changed"), self.env._("%s changed")),
            "equal_count": (self.env._("1 unchanged"), self.env._("%s unchanged")),
            "empty_count": (self.env._("1 empty row"), self.env._("%s empty rows")),
            "totals_count": (
                self.env._("1 skipped totals row"),
                self.env._("%s skipped totals rows"),
            ),
            "refused_count": (
                self.env._("1 row with an error"),
                self.env._("%s rows with errors"),
            ),
        }
        added = 1 if self.added_count == 1 else self._number(self.added_count)
        texts = [self._target()._describe_added(added)]
        for name, (one, several) in words.items():
            if count := self[name]:
                texts.append(say_count(count, one, several, self._number(count)))
        rows = self._number(self.row_count)
        return self.env._(
            "%(counts)s (rows read: %(rows)s)", counts=", ".join(texts), rows=rows
        )

    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    @api.depends("state")
    def _compute_can_stop(self):
        for job in self:
            job.can_stop = job.state in GOING_ON and not job.is_cancel_requested

    @api.depends(*READ_BY, "period_day")
    def _compute_question(self):
        for job in self:
            job.has_periods = bool(job._period_columns())
            job.has_serials = any(job.column_ids.mapped("has_serials"))
            job.has_year_pairs = any(job.column_ids.mapped("has_year_pairs"))
            job.can_group = any(job.column_ids.mapped("can_group"))
            questions = [] if job.state == "draft" else job._questions()
            job.question = "\n".join(questions)

    @api.depends("target_model")
    def _compute_target_note(self):
        for job in self:
            job.target_note = job.target_model and job._target()._note()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_chosen_company(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_chosen_company(vals)
        if not self.env.su and any(job.state in GOING_ON for job in self):
            raise UserError(self.env._("This import is running. Stop it first."))
        result = super().write(vals)
        if not self.env.su and self._list_checked_fields() & vals.keys():
            self._forget_check()
        return result

    @api.model
    def _list_checked_fields(self):
        """Names of the fields that a check depends on."""
        return CHECKED_FIELDS

    @api.ondelete(at_uninstall=False)
    def _unlink_except_going_on(self):
        if any(job.state in GOING_ON for job in self):
            raise UserError(self.env._("This import is running. Stop it first."))

    def _forget_check(self):
        """Ask for another check where something was changed behind the last one."""
        # The state is the engine's to write; who may change the import was checked.
        self.filtered(lambda job: job.state == "checked").sudo().state = "matched"

    def _check_chosen_company(self, vals):
        company_id = vals.get("company_id")
        if company_id and not self.env.su and company_id not in self.env.companies.ids:
            raise AccessError(self.env._("Choose one of your companies."))

    def action_read(self):
        """Read the titles and the first rows, and suggest what the columns are."""
        self.ensure_one()
        self.check_access("write")
        self._analyse()

    def action_back(self):
        """Choose another file, or how it is read."""
        self.ensure_one()
        self.check_access("write")
        # The state is the engine's to write; who may change the import was checked.
        self.sudo().state = "draft"

    def action_check(self):
        """Report what importing would do, and do none of it."""
        self._begin(is_check=True)

    def action_import(self):
        self._begin(is_check=False)

    def action_cancel(self):
        """Ask the import to stop after the part at hand; what is imported stays."""
        self.check_access("write")
        # Who may change the import was checked above; its state is the engine's.
        for job in self.sudo():
            if job.state == "queued":
                job.state = "cancelled"
            elif job.state == "running":
                job.is_cancel_requested = True

    def action_open_records(self):
        """The KPIs whose values or targets came with this file."""
        self.ensure_one()
        return self._target()._action_open(self)

    def _begin(self, is_check):
        """Run at once where the file is short, else have the cron run it."""
        self.ensure_one()
        self.check_access("write")
        self._check_answered()
        mapping = self._store_mapping()
        # The state is the engine's to write; who may change the import was checked.
        self.sudo().write(
            {
                "state": "queued",
                "mapping_id": mapping.id,
                "is_check": is_check,
                "is_cancel_requested": False,
                "checkpoint": False,
                "interrupted_count": 0,
                "error": False,
                "counts_before": False,
                "check_page": False,
                "accepted_count": 0,
                "accepted_ranges": False,
            }
        )
        if self.step_count <= ROWS_AT_ONCE + 1:  # the titles
            self._run()
        else:
            self._trigger()

    def _store_mapping(self):
        """Remember what its columns are, with the user's own rights."""
        mapping = self.mapping_id
        return mapping._store_mapping(self) if self.is_mapping_kept else mapping

    def _check_answered(self):
        if self.state in GOING_ON:
            raise UserError(self.env._("This import is already running."))
        if self.state == "draft":
            self._analyse()
        if self.question:
            raise UserError(self.question)

    def _open_table(self):
        """The file as a ``Table``; TabularError where none can be read."""
        return open_table(
            self._content(),
            encoding=self.encoding or "",
            delimiter=self.delimiter or "",
            sheet=(self.sheet or "").strip(),
        )

    def _content(self):
        # Attachments of fields are hidden; who may read the import may read its file.
        attachments = self.env["ir.attachment"].sudo()
        own = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        attachment = attachments.search([*own, ("res_field", "=", "file")], limit=1)
        if not attachment:
            raise TabularError(self.env._("Choose a file first."))
        # Forms ask for the size of files instead of what is in them.
        return attachment.with_context(bin_size=False, bin_size_raw=False).raw

    def _analyse(self, most_rows=PROFILED_ROWS):
        """Find titles, suggest columns, and go on to matching.

        :param most_rows: that are looked at
        :raises UserError: the file cannot be read, in the words of ``TabularError``
        """
        try:
            table = self._open_table()
            header = find_header(table.rows())
            profiles = [ColumnProfile() for _title in header.titles]
            groups = GroupProfile(len(header.titles))
            for row in islice(table.rows_below(header.number), most_rows):
                groups.add(row.cells)
                for profile, cell in zip(profiles, row.cells, strict=False):
                    profile.add(cell)
            for place, profile in enumerate(profiles):
                profile.has_groups = groups.has_groups(place)
        except TabularError as error:
            raise UserError(error.translate_with(self.env._)) from error
        titles = fingerprint(header.titles)
        known = self._find_mapping(titles)
        if known and self.mapping_id != known:
            values = known._option_values()
            # what is chosen for this file alone is in no mapping
            own = self._get_valid_options()
            asked = {option.key: option for option in self._target()._options(self)}
            own = {key: own[key] for key in own if not asked[key].is_remembered}
            values["target_options"] = {**values["target_options"], **own}
            self.write(values)
        # What was read is the engine's to write; the user's rights were checked.
        self.sudo().write(
            {
                "state": "matched",
                "mapping_id": known.id,
                "replaced_texts": known.replaced_texts,
                "notice": "\n".join(self._notices(table, header, known)),
                "step_count": table.row_count_estimate(),
                "column_ids": self._suggest_columns(table, header, profiles, known),
            }
        )

    def _find_mapping(self, titles):
        """What columns of these titles were before, or an empty recordset."""
        return self.env["kpi.import.mapping"]._find_mapping(titles, self.company_id)

    def _notices(self, table, header, known):
        notices = []
        if known:
            notices.append(
                self.env._("Columns matched as in the last import: %s.", known.name)
            )
        if table.is_encoding_assumed:
            notices.append(
                self.env._(
                    "Encoding unknown; %s was assumed. If characters look wrong in "
                    "the preview, choose another encoding.",
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
        guesses |= self._guess_named(header.titles, profiles, guesses)
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
                "has_groups": profile.has_groups,
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

        Several titles that name a period hold a value per period, but for totals.
        """
        columns = self._target_columns().values()
        units = self._list_units()[0]
        guesses = suggest([split_title(title, units)[0] for title in titles], columns)
        per_period = next((column for column in columns if column.has_periods), None)
        places = list_period_titles(titles)
        if per_period and len(places) > 1 and per_period not in guesses.values():
            guesses |= dict.fromkeys(places, per_period)
        return guesses

    def _guess_named(self, titles, profiles, guesses):
        """Index of a title → the ``TargetColumn`` with the values of what it names.

        Next to columns whose titles name records, other columns of numbers are taken
        for such columns, too: what they name is asked.
        """
        columns = self._target_columns().values()
        named = next((column for column in columns if column.named_by), None)
        keys = {column.key for column in guesses.values()}
        if not named or named.key in keys:
            return {}
        is_number = named.kind == "number"
        others = {p: title for p, title in enumerate(titles) if p not in guesses}
        known = self._target()._find_named_titles(self, others.values(), keys)
        if not known:
            return {}
        return {
            place: named
            for place, title in others.items()
            if title in known
            or (
                title
                and is_number
                and profiles[place].is_number
                and not is_totals_row([title])
            )
        }

    def _period_columns(self):
        """Columns that may stand for a period each: more than one, or named by one."""
        several = [
            column
            for column in self.column_ids
            if column.key and (target := column._target_column()) and target.has_periods
        ]
        months = (period_without_year(column.name) for column in several)
        first_month = next(filter(None, months), 1)
        has_year_pairs = any(map(is_only_year_pair, self.column_ids.mapped("name")))
        return [
            (column, moment)
            for column in several
            if (moment := column._moment(self.first_year, first_month, has_year_pairs))
        ]

    def _readers(self, table, units):
        """A ``ColumnReader`` for each column that is something; periods stand last.

        :param units: as of ``_list_units``
        """
        periods = dict(self._period_columns())
        named = self._read_titles()
        years = self._map_year_columns()
        readers = [
            ColumnReader(
                column.place,
                column.name,
                # Years without other periods are periods.
                target.year_of or column.key,
                # The unit in the whole name of a record is only a name.
                self._reader(
                    column,
                    table,
                    target,
                    units,
                    has_titled_units=column.name not in named.get(column, ()),
                ),
                periods.get(column),
                target.kind,
                dict([named[column]] if column in named else ()),
                years.get(column.key),
            )
            for column in self.column_ids.sorted("place")
            if column.key
            and (target := column._target_column())
            and target.year_of not in years
        ]
        return sorted(readers, key=lambda reader: reader.is_record)

    def _map_year_columns(self):
        """Key of a column of periods → index of the column with their years."""
        keys = set(self.column_ids.mapped("key"))
        return {
            target.year_of: column.place
            for column in self.column_ids
            if column.key
            and (target := column._target_column())
            and target.year_of in keys
        }

    def _list_grouped_places(self):
        """Indexes of the columns whose empty cells mean the name above."""
        return [
            column.place
            for column in self.column_ids.sorted("place")
            if column.can_group and column.blank_means == "above"
        ]

    def _named_columns(self):
        """Columns that have the values of one record each, which their titles name."""
        several = self.column_ids.filtered(
            lambda column: (target := column._target_column()) and target.named_by
        )
        if not several or self._period_columns():
            return several.browse()
        is_named = self._target()._is_named_by_titles(self, several.mapped("name"))
        return several if is_named else several.browse()

    def _read_titles(self):
        """Column of a record → (key, name): what its title is the name of.

        The name is what people had it read as, the title, or the title without its
        unit.
        """
        columns = self._named_columns()
        if not columns:
            return {}
        keys = set(self.column_ids.mapped("key"))
        titles = columns.mapped("name")
        target = self._target()
        key = target._get_title_key(self, titles, keys)
        names = target._find_named_titles(self, titles, keys)
        names |= (self.replaced_texts or {}).get(key, {})
        return {
            column: (key, names.get(column.name, column.name)) for column in columns
        }

    def _list_units(self):
        """Units that numbers of the file may have, in lower case.

        :return: pair of those of columns that have units, with all currencies and what
            the target knows, and those of others
        """
        currencies = self.env["res.currency"].with_context(active_test=False)
        currencies = currencies.search_fetch(Domain.TRUE, ["active", "name", "symbol"])
        own = (self.company_id or self.env.company).currency_id
        others = self._target()._list_units(self)
        signs = (currencies.filtered("active") | own).mapped("symbol")
        return (
            fold_units([*currencies.mapped("name"), *signs, *others, "%"]),
            fold_units([own.name, own.symbol, "%"]),
        )

    def _reader(self, column, table, target, units, **options):
        """Return what gives the value of a cell, texts read as others included."""
        reading = column._reading(table, target, self.no_value_texts, units, **options)
        read = reading.reader()
        others = (self.replaced_texts or {}).get(column.key)
        if not others:
            return read
        return lambda cell: others.get(value := read(cell), value)

    def _questions(self):
        """List the questions to be answered before the file can be imported."""
        mapped = self.column_ids.filtered("key")
        questions = [
            self.env._(
                "%(columns)s: %(question)s", columns=quote_titles(same), question=q
            )
            for q, same in mapped.filtered("question").grouped("question").items()
        ]
        questions += self._target()._missing(self, set(mapped.mapped("key")))
        questions += self._doubles(mapped)
        return questions

    def _doubles(self, mapped):
        """Columns that are the same thing, where rows can have it only once."""
        targets = self._target_columns()
        periods = {column for column, _moment in self._period_columns()}
        periods |= set(self._named_columns())
        once = mapped.filtered(lambda column: column not in periods)
        for key, same in once.grouped("key").items():
            target = targets.get(key)
            if not target:
                continue
            if target.has_periods and (len(same) > 1 or periods):
                yield self.env._(
                    "%(columns)s: choose the period of each “%(label)s” column.",
                    columns=quote_titles(same),
                    label=target.label,
                )
            elif len(same) > 1:
                yield self.env._(
                    "The columns %(columns)s are all set to “%(label)s”. Choose "
                    "only one.",
                    columns=quote_titles(same),
                    label=target.label,
                )

    @api.depends("accepted_count", "refused_count", "policy")
    def _compute_import_count(self):
        for job in self:
            is_blocked = job.policy == "all" and job.refused_count
            job.import_count = 0 if is_blocked else job.accepted_count
            count = job._number(job.import_count)
            job.import_label = (
                self.env._("Import 1 Row")
                if job.import_count == 1
                else self.env._("Import %s Rows", count)
            )

    def action_import_checked(self):
        """Import what was checked; what was changed since then is checked first."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "checked":
            self.action_check()
        elif not self.import_count:
            raise UserError(self.env._("There are no rows to import."))
        else:
            self.action_import()


def quote_titles(columns):
    """The titles of columns, as a sentence quotes them."""
    return ", ".join(f"“{column.name}”" for column in columns)
