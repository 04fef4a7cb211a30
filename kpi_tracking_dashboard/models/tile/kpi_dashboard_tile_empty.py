from odoo import api, models

ENTRY = "kpi_tracking.kpi_entry_grid_action"


class KpiDashboardTile(models.Model):
    """What stands where there is no number: why, and the way to one."""

    _inherit = "kpi.dashboard.tile"

    @api.model
    def _describe_empty(self, reports, reading):
        """Why a tile has no number and what whoever looks can do, if anything.

        :return: dict of ``message`` where more is known than the period, and ``way``:
            ``text`` of a link, ``action`` or ``model`` whose records it shows,
            ``is_new`` for the form of one
        """
        counted = [report for report in reports if report.computation == "records"]
        if not counted:
            is_entered = any(report.computation == "manual" for report in reports)
            way = {"text": self.env._("Enter it"), "action": ENTRY}
            return {"way": way} if is_entered else {}
        source = reading.sources.get(counted[0].model_name)
        if not source or not self.env[source.model].has_access("read"):
            return {}
        if source.has_records:
            text = self.env._("Show %s", source.name)
            return {"way": {"text": text, "model": source.model}}
        found = {"message": self.env._("No records yet: %s.", source.name)}
        if self.env[source.model].has_access("create"):
            text = self.env._("Create one")
            found["way"] = {"text": text, "model": source.model, "is_new": True}
        return found
