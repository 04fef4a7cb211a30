from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

GOING_ON = ("queued", "running")
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
            ("matched", "Match columns"),
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
    is_check = fields.Boolean(
        "Preview Only",
        readonly=True,
        copy=False,
        help="The last run was a preview only.",
        exportable=False,
    )
    column_ids = fields.One2many("kpi.import.column", "import_id", "Columns")
    mapping_id = fields.Many2one(
        "kpi.import.mapping",
        "Saved Mapping",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    is_mapping_kept = fields.Boolean("Remember for Similar Files", default=True)
    sheet_names = fields.Char(readonly=True, copy=False, exportable=False)
    header_row = fields.Integer(
        "Title Row", readonly=True, copy=False, exportable=False
    )
    notice = fields.Text(
        readonly=True, copy=False, help="Assumptions made when the file was read."
    )
    question = fields.Text(compute="_compute_question")
    has_periods = fields.Boolean(compute="_compute_question", exportable=False)
    has_serials = fields.Boolean(compute="_compute_question", exportable=False)
    has_year_pairs = fields.Boolean(compute="_compute_question", exportable=False)
    target_note = fields.Char("Import Note", compute="_compute_target_note")
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    step_count = fields.Integer(
        "Total Rows", readonly=True, copy=False, exportable=False
    )
    step_done_count = fields.Integer(
        "Rows Done", readonly=True, copy=False, exportable=False
    )
    progress_ratio = fields.Float("Progress", compute="_compute_progress_ratio")
    is_cancel_requested = fields.Boolean(
        "Stop Requested", readonly=True, copy=False, exportable=False
    )
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
        readonly=True,
        copy=False,
        prefetch=False,
        exportable=False,
        help="IDs of what the import wrote to.",
    )
    replaced_texts = fields.Json(
        readonly=True,
        copy=False,
        exportable=False,
        help="Texts of columns that are read as others.",
    )
    counts_before = fields.Json(
        "Preview Counts",
        readonly=True,
        copy=False,
        help="Counts of the preview, taken before anything was written.",
        exportable=False,
    )
    error = fields.Text(readonly=True, copy=False)
    refused_file = fields.Binary(
        "Rows with Errors", readonly=True, attachment=True, copy=False
    )
    refused_file_name = fields.Char(
        "Error File Name", readonly=True, copy=False, exportable=False
    )
    can_stop = fields.Boolean(compute="_compute_can_stop", exportable=False)

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
                self.env._("1 skipped row of totals"),
                self.env._("%s skipped rows of totals"),
            ),
            "refused_count": (
                self.env._("1 row with an error"),
                self.env._("%s rows with errors"),
            ),
        }
        counts = {name: self[name] for name in words if self[name]}
        texts = [
            words[name][0] if count == 1 else words[name][1] % self._number(count)
            for name, count in counts.items()
        ]
        added = self.added_count
        texts.insert(
            0, self._target()._describe_added(1 if added == 1 else self._number(added))
        )
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

    @api.depends(
        "state",
        "target_model",
        "target_options",
        "period_day",
        "first_year",
        "column_ids.key",
        "column_ids.period_day",
        "column_ids.decimal_mark",
        "column_ids.date_order",
        "column_ids.epoch",
        "column_ids.year_pairs",
    )
    def _compute_question(self):
        for job in self:
            job.has_periods = bool(job._period_columns())
            job.has_serials = any(job.column_ids.mapped("has_serials"))
            job.has_year_pairs = any(job.column_ids.mapped("has_year_pairs"))
            questions = [] if job.state == "draft" else job._questions()
            job.question = "\n".join(questions)

    @api.depends("target_model")
    def _compute_target_note(self):
        for job in self:
            job.target_note = job.target_model and job._target()._note()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_company(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_company(vals)
        if not self.env.su and any(job.state in GOING_ON for job in self):
            raise UserError(self.env._("This import is running. Stop it first."))
        result = super().write(vals)
        if not self.env.su and CHECKED_FIELDS & vals.keys():
            self._forget_check()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_going_on(self):
        if any(job.state in GOING_ON for job in self):
            raise UserError(self.env._("This import is running. Stop it first."))

    def _forget_check(self):
        """Ask for another check where something was changed behind the last one."""
        # The state is the engine's to write; who may change the import was checked.
        self.filtered(lambda job: job.state == "checked").sudo().state = "matched"

    def _check_company(self, vals):
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
        if self.is_mapping_kept:
            self._keep_mapping()
        # The state is the engine's to write; who may change the import was checked.
        self.sudo().write(
            {
                "state": "queued",
                "is_check": is_check,
                "is_cancel_requested": False,
                "error": False,
                "counts_before": False,
                "check_page": False,
                "accepted_count": 0,
                "accepted_ranges": False,
            }
        )
        if self.step_count <= self._rows_at_once():
            self._run()
        else:
            self._trigger()

    def _check_answered(self):
        if self.state in GOING_ON:
            raise UserError(self.env._("This import is already running."))
        if self.state == "draft":
            self._analyse()
        if self.question:
            raise UserError(self.question)
