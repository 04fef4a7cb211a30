from odoo import api, fields, models

from odoo.addons.kpi_base.engine.tabular import TargetColumn, TargetOption


class KpiImportOptions(models.AbstractModel):
    """Visits come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.visit", "Visits")],
        ondelete={"kpi.import.visit": "cascade"},
    )


class KpiImportVisit(models.AbstractModel):
    """Visits, one per row, told apart by their names."""

    _name = "kpi.import.visit"
    _description = "Import of Visits"
    _inherit = ["kpi.import.target"]

    _staging = {"name": "text", "day": "date"}
    _staging_key = ("name",)

    @api.model
    def _columns(self):
        return [
            TargetColumn("name", self.env._("Visit"), is_required=True),
            TargetColumn("day", self.env._("Day"), "moment", is_required=True),
        ]

    @api.model
    def _options(self, job):
        return [TargetOption("first_year", self.env._("No Visits Before"), "number")]

    @api.model
    def _build_staging_rows(self, run, entries):
        first_year = run.options["first_year"] or 0
        rows = []
        for entry in entries:
            day = entry.values["day"].day
            if day.year < first_year:
                run.refuse(entry.number, self.env._("%s is too early.", day))
            else:
                rows.append((entry.number, entry.values["name"], day))
        return rows

    @api.model
    def _counts(self, run):
        staged, known = self._get_staged(), self._get_known()
        same = sum(name in known and known[name].day == day for name, day in staged)
        added = sum(name not in known for name, _day in staged)
        return added, len(staged) - added - same, same

    @api.model
    def _store(self, run):
        known = self._get_known()
        visits = self.env["kpi.probe.visit"]
        for name, day in self._get_staged():
            visit = known.get(name)
            if visit:
                visit.day = day
            else:
                visits.create({"name": name, "day": day})
        yield

    @api.model
    def _get_staged(self):
        self.env.cr.execute("SELECT name, day FROM kpi_import_staging ORDER BY number")
        return self.env.cr.fetchall()

    @api.model
    def _get_known(self):
        return {visit.name: visit for visit in self.env["kpi.probe.visit"].search([])}

    @api.model
    def _action_open(self, job):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Visits"),
            "res_model": "kpi.probe.visit",
            "view_mode": "list,form",
        }
