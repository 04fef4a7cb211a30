from odoo import api, fields, models
from odoo.exceptions import UserError

from ...formatting import format_day

# What screens ask when a department changes; nothing of it is stored.
ASKED = {"kpi_department_change", "kpi_department_since"}


class HrEmployee(models.Model):
    """Since when a new department holds, asked where people change it.

    Odoo writes a department to the version that is shown, and so to its past, by which
    KPIs of closed periods are counted. Imports and programs do the same.
    """

    _inherit = "hr.employee"

    kpi_department_change = fields.Selection(
        [("today", "Today"), ("date", "Another Date"), ("always", "Always")],
        "In This Department Since",
        compute="_compute_kpi_department_change",
        readonly=False,
        groups="hr.group_hr_user",
        exportable=False,
        help="Before this date, the employee counts for the previous department.",
    )
    kpi_department_since = fields.Date(
        "New Department Since",
        store=False,
        groups="hr.group_hr_user",
        exportable=False,
    )
    kpi_department_note = fields.Char(
        "Effect on KPIs",
        compute="_compute_kpi_department_note",
        groups="hr.group_hr_user",
        exportable=False,
    )

    @api.depends_context("version_id")
    @api.depends("department_id", "company_id")
    def _compute_kpi_department_change(self):
        """Ask where a person moves to another department of the same company."""
        today = fields.Date.context_today(self)
        for employee in self:
            before, change = employee._origin, False
            if (
                before.user_id
                and before.company_id == employee.company_id
                and before.department_id != employee.department_id._origin
            ):
                # A version that was chosen or is to come is meant as a whole.
                is_chosen = self.env.context.get("version_id") == before.version_id.id
                is_whole = is_chosen or before.date_version > today
                change = "always" if is_whole else "today"
            employee.kpi_department_change = change

    @api.depends("department_id", "kpi_department_change", "kpi_department_since")
    def _compute_kpi_department_note(self):
        for employee in self:
            since = employee._origin._find_department_day(
                employee.kpi_department_change, employee.kpi_department_since
            )
            department = employee.department_id._origin
            employee.kpi_department_note = (
                since and employee._origin._get_department_note(department, since)
            )

    def write(self, vals):
        """Let a new department hold from the day that a screen has asked for."""
        if not ASKED & vals.keys():
            return super().write(vals)
        values = {name: value for name, value in vals.items() if name not in ASKED}
        change = self._fields["kpi_department_change"].convert_to_cache(
            vals.get("kpi_department_change"), self
        )
        if "department_id" not in values or change in (None, "always"):
            return super().write(values)
        department_id = values.pop("department_id")
        result = super().write(values)
        for employee in self:
            since = employee._find_department_day(
                change, fields.Date.to_date(vals.get("kpi_department_since"))
            )
            version = employee._start_version(since)
            moved = employee.with_context(version_id=version.id)
            super(HrEmployee, moved).write({"department_id": department_id})
        return result

    def _find_department_day(self, change, since):
        """Return the first day of a new department, or nothing where none is known."""
        if change == "today":
            return fields.Date.context_today(self)
        return since if change == "date" else change and self.date_version

    def _list_version_days(self):
        # Only the days: contracts are no matter of KPIs.
        return sorted(self.version_ids.mapped("date_version"))

    def _start_version(self, since):
        """Return the version that begins on a day within the one that is shown."""
        if not since:
            raise UserError(
                self.env._("Enter the date %s joined the new department.", self.name)
            )
        if reason := self._find_other_version(since):
            raise UserError(reason)
        return self.create_version({"date_version": since})

    def _find_other_version(self, since):
        """Return why a day is none of the version that is shown, if so."""
        begin = self.date_version
        later = [day for day in self._list_version_days() if begin < day <= since]
        if since >= begin and not later:
            return None
        return self.env._(
            "This version of %(employee)s does not apply on %(day)s. Choose a date "
            "within it, or change the department in that day's version.",
            employee=self.name,
            day=format_day(self.env, since),
        )

    def _get_department_note(self, department, since):
        """Return sentences on what KPIs count if a department holds since a day."""
        if reason := self._find_other_version(since):
            return reason
        begin, days = self.date_version, self._list_version_days()
        stop = next((day for day in days if day > begin), None)
        sentences = []
        if since > begin:
            sentences.append(
                self.env._(
                    "Before %(day)s, %(employee)s counts for %(department)s.",
                    day=format_day(self.env, since),
                    employee=self.name,
                    department=self.department_id.display_name
                    or self.env._("no department"),
                )
            )
        elif begin > days[0]:
            sentences.append(
                self.env._(
                    "%(employee)s counts for the new department from %(day)s, the "
                    "start of this version. Earlier versions are unchanged.",
                    employee=self.name,
                    day=format_day(self.env, begin),
                )
            )
        else:
            since = None
            sentences.append(
                self.env._(
                    "%s also counts for the new department in earlier periods.",
                    self.name,
                )
            )
        if stop:
            sentences.append(
                self.env._("Another version begins on %s.", format_day(self.env, stop))
            )
        before, after = (
            self.department_id._get_branch_ids(),
            department._get_branch_ids(),
        )
        departments = {*before} ^ {*after}
        sentences.append(
            self.env["kpi.membership"]._get_move_message(
                self.company_id, departments, since, stop
            )
        )
        return " ".join(filter(None, sentences))
