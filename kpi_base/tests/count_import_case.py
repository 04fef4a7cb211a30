"""An import target made for the tests: how much each team counted in a month."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..engine.tabular import Moment, TargetColumn, TargetOption
from .common import add_model, make_models, open_models
from .import_case import ImportCase


class Count(models.Model):
    _name = "kpi.test.count"
    _description = "Count"
    _module = None
    _order = "month desc, id"

    team_id = fields.Many2one("kpi.team", required=True)
    month = fields.Date(required=True)
    value = fields.Float()
    note = fields.Char()
    is_urgent = fields.Boolean()
    lane = fields.Selection([("fast", "Fast Lane"), ("slow", "Slow Lane")])

    @api.constrains("value")
    def _check_value(self):
        for count in self:
            if count.value < 0:
                raise ValidationError(f"{count.team_id.name} counts from 0 on.")


class ImportOptions(models.AbstractModel):
    _name = "kpi.import.options"
    _module = None
    _inherit = ["kpi.import.options"]

    target_model = fields.Selection(
        selection_add=[("kpi.test.import", "Counts")],
        ondelete={"kpi.test.import": "cascade"},
    )


class CountImport(models.AbstractModel):
    _name = "kpi.test.import"
    _description = "Import of Counts"
    _module = None
    _inherit = ["kpi.import.target"]

    _staging = {
        "team_id": "integer",
        "month": "date",
        "value": "float8",
        "note": "text",
        "is_urgent": "boolean",
        "lane": "text",
    }
    _staging_key = ("team_id", "month")

    @api.model
    def _columns(self):
        value = {"is_required": True, "aliases": ("actual",), "has_periods": True}
        lanes = self._choices("kpi.test.count", "lane")
        return [
            TargetColumn("team", "Team", is_required=True, aliases=("code",)),
            TargetColumn("moment", "Period", "moment", aliases=("date", "month")),
            TargetColumn("value", "Value", "number", **value),
            TargetColumn("note", "Note"),
            TargetColumn("is_urgent", "Urgent", "boolean"),
            TargetColumn("lane", "Lane", "choice", choices=lanes),
        ]

    @api.model
    def _options(self, job):
        return [
            TargetOption("creates_teams", "Create Missing Teams", default=False),
            TargetOption("note", "Note", "text", default="", needs="creates_teams"),
        ]

    @api.model
    def _missing(self, job, keys):
        questions = super()._missing(job, keys)
        if "moment" not in keys and not job.has_periods and not job.period_day:
            questions.append("Which period do the values belong to?")
        return questions

    @api.model
    def _build_staging_rows(self, run, entries):
        teams = {team.name: team.id for team in self.env["kpi.team"].search([])}
        fixed = run.job.period_day and Moment(run.job.period_day, "day")
        for entry in entries:
            values = entry.values
            if "value" not in values:
                run.empty_count += 1
            elif values["team"] not in teams and run.options["creates_teams"]:
                made = {"name": values["team"], "note": run.options["note"]}
                run.refuse(entry.number, f"Would make {made}.")
            elif values["team"] not in teams:
                run.refuse(entry.number, f"There is no team “{values['team']}”.")
            else:
                moment = values.get("moment") or fixed
                others = (values.get(name) for name in ("note", "is_urgent", "lane"))
                yield (
                    entry.number,
                    teams[values["team"]],
                    moment.day.replace(day=1),
                    values["value"],
                    *others,
                )

    @api.model
    def _list_tried(self, run):
        return [(row["number"], row) for row in self._rows()]

    @api.model
    def _write_tried(self, run, items):
        self._write_rows([row for _number, row in items])
        return {self._known(row): {number} for number, row in items}

    @api.model
    def _counts(self, run):
        known = [self._known(row) for row in self._rows()]
        pairs = list(zip(known, self._rows(), strict=True))
        equal = sum(bool(count) and count.value == row["value"] for count, row in pairs)
        added = sum(not count for count in known)
        return added, len(known) - added - equal, equal

    @api.model
    def _store(self, run):
        rows = self._rows()
        for team_id in sorted({row["team_id"] for row in rows}):
            self._write_rows([row for row in rows if row["team_id"] == team_id])
            yield

    @api.model
    def _action_open(self, job):
        return {"type": "ir.actions.act_window", "res_model": "kpi.test.count"}

    @api.model
    def _rows(self):
        """Return what is staged, as dicts."""
        return self.env.execute_query_dict(
            SQL("SELECT * FROM %s ORDER BY number", SQL.identifier(self._staging_table))
        )

    @api.model
    def _known(self, row):
        same = [("team_id", "=", row["team_id"]), ("month", "=", row["month"])]
        return self.env["kpi.test.count"].search(same)

    @api.model
    def _write_rows(self, rows):
        for row in rows:
            values = {name: value for name, value in row.items() if name != "number"}
            known = self._known(row)
            known.write(values) if known else known.create(values)


class CountImportCase(ImportCase):
    """Imports of counts for the team “calls”."""

    target_model = "kpi.test.import"

    @classmethod
    def prepare_database(cls, env):
        make_models(env, Count, CountImport)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, ImportOptions)
        open_models(cls, Count._name)
        cls.calls = cls._team("calls")

    @classmethod
    def _team(cls, name):
        return cls.env["kpi.team"].create({"name": name, "company_id": cls.company.id})

    def _values_of(self, team):
        """First day of the month → value."""
        counts = self.env["kpi.test.count"].search([("team_id", "=", team.id)])
        return {count.month: count.value for count in counts}
