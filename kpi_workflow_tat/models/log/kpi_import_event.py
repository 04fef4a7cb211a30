from pathlib import PurePath
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.tabular import CellError, TargetColumn, TargetOption

from ...engine.log_time import read_log_time

LONGEST_CASE = 200  # characters; it is a key of indexes
REQUIRED = ("case", "activity", "timestamp")


class KpiImportEvent(models.AbstractModel):
    """Event logs: one row for each event; their cases become requests.

    Cases are recognised by their number among the requests of the same template. They
    have no levels and no clocks: nobody was asked here, and nothing was promised.
    """

    _name = "kpi.import.event"
    _description = "Event Log Import"
    _inherit = ["kpi.import.target"]

    _staging = {
        "case_ref": "text",
        "activity": "text",
        "happened_at": "timestamp",
        "resource": "text",
        "lifecycle": "text",
        "subject": "text",
        "department_id": "integer",
    }
    _staging_key = ("case_ref",)
    _key_columns = ("case",)

    @api.model
    def _note(self):
        return self.env._(
            "One row per event: case, activity and time. Logs in XES can be uploaded "
            "too, packed (.xes.gz) or not."
        )

    @api.model
    def _columns(self):
        return [
            TargetColumn(
                "case",
                self.env._("Case"),
                is_required=True,
                aliases=("case id", "case:concept:name", "request", "ticket", "trace"),
            ),
            TargetColumn(
                "activity",
                self.env._("Activity"),
                is_required=True,
                aliases=("concept:name", "event", "task", "action"),
            ),
            TargetColumn(
                "timestamp",
                self.env._("Time"),
                is_required=True,
                aliases=("time:timestamp", "complete timestamp", "date", "happened at"),
            ),
            TargetColumn(
                "resource",
                self.env._("Done by"),
                aliases=("org:resource", "user", "person"),
            ),
            TargetColumn(
                "lifecycle",
                self.env._("Transition"),
                aliases=("lifecycle:transition",),
            ),
            TargetColumn(
                "subject", self.env._("Subject"), aliases=("case:subject", "title")
            ),
            TargetColumn(
                "department", self.env._("Department"), aliases=("case:department",)
            ),
        ]

    @api.model
    def _options(self, job):
        return [
            TargetOption(
                "template_id",
                self.env._("Request Template"),
                "choice",
                default=0,
                choices=self._list_templates(job),
                help=self.env._(
                    "Groups the cases in reports. A case of the same number under the "
                    "same template is updated."
                ),
            ),
            TargetOption(
                "approving",
                self.env._("Completing Activities"),
                "text",
                help=self.env._(
                    "Cases with one of these are approved, others are open. Separate "
                    "them by semicolons. Empty: all cases are complete."
                ),
            ),
            TargetOption(
                "rejecting",
                self.env._("Rejecting Activities"),
                "text",
                help=self.env._(
                    "Cases are rejected where the last deciding activity is one of "
                    "these. Separate them by semicolons."
                ),
            ),
        ]

    @api.model
    def _list_templates(self, job):
        """Templates to choose from; 0 = the one that is named as the file."""
        found = self.env["kpi.approval.workflow"].search(
            Domain("workflow_type", "=", "request_template")
            & Domain("company_id", "in", [False, job.company_id.id])
        )
        named = [(0, self.env._("Named as the file, for imported cases only"))]
        return named + [(template.id, template.display_name) for template in found]

    @api.model
    def _find_template(self, job):
        """The template of imported cases; empty where it is still to be made."""
        chosen = job._get_options()["template_id"]
        # Templates that are archived are read here, and no other ones.
        templates = self.env["kpi.approval.workflow"].sudo()
        if chosen:
            return templates.browse(chosen)
        return templates.with_context(active_test=False).search(
            [
                ("name", "=", self._get_log_name(job)),
                ("workflow_type", "=", "request_template"),
                ("company_id", "=", job.company_id.id),
                ("active", "=", False),
            ],
            limit=1,
        )

    @api.model
    def _get_log_name(self, job):
        name = PurePath(job.file_name or "").name
        for suffix in (".gz", ".xes", ".csv", ".tsv", ".txt", ".xlsx"):
            name = name.removesuffix(suffix)
        return name or self.env._("Event log")

    @api.model
    def _build_staging_rows(self, run, entries):
        zone = ZoneInfo(self.env.user.tz or "UTC")
        now = fields.Datetime.now()
        departments = self._find_departments(run.job, entries)
        rows = []
        for entry in entries:
            given = entry.values
            moment = self._read_moment(run, entry, zone, now)
            department = given.get("department")
            if department and department not in departments:
                reason = self.env._("Department “%s”: not found.", department)
                run.refuse(entry.number, reason, ("department",))
            rows.append(
                (
                    entry.number,
                    self._read_case(run, entry),
                    given.get("activity"),
                    moment,
                    given.get("resource"),
                    given.get("lifecycle"),
                    given.get("subject"),
                    departments.get(department),
                )
            )
        return rows

    @api.model
    def _read_case(self, run, entry):
        """The case of an event; None where there is none, or too long a one."""
        case = entry.values.get("case")
        if case and len(case) > LONGEST_CASE:
            reason = self.env._(
                "The case has %(count)s characters. Use at most %(most)s.",
                count=len(case),
                most=LONGEST_CASE,
            )
            run.refuse(entry.number, reason, ("case",))
            return None
        return case

    @api.model
    def _read_moment(self, run, entry, zone, now):
        """When an event happened; None where its row is refused."""
        missing = [key for key in REQUIRED if key not in entry.values]
        if missing:
            labels = {column.key: column.label for column in self._columns()}
            reason = self.env._("The row has no “%s”.", labels[missing[0]])
            run.refuse(entry.number, reason, missing)
            return None
        try:
            moment = read_log_time(entry.values["timestamp"], zone)
        except CellError as error:
            reason = error.translate_with(self.env._)
            run.refuse(entry.number, reason, ("timestamp",))
            return None
        if moment > now:
            reason = self.env._("The event is in the future.")
            run.refuse(entry.number, reason, ("timestamp",))
        return moment

    @api.model
    def _find_departments(self, job, entries):
        """Name, with or without those above it → id, of the company's departments."""
        names = {entry.values.get("department") for entry in entries} - {None}
        if not names:
            return {}
        found = self.env["hr.department"].search(
            [("company_id", "in", [False, job.company_id.id])]
        )
        known = {}
        for department in found:
            known.setdefault(department.name, department.id)
        known |= {department.complete_name: department.id for department in found}
        return {name: known[name] for name in names & known.keys()}
