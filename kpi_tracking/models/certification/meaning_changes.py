"""What decides on values beside the definitions themselves."""

from odoo import api, models

from ..calendar.kpi_calendar import SHAPE_FIELDS

# What people read of working hours is not what is counted.
HOURS_FIELDS = {
    "attendance_ids",
    "flexible_hours",
    "full_time_required_hours",
    "hours_per_day",
    "two_weeks_calendar",
    "tz",
}
RULE_FIELDS = {"rule", "change_percent", "source_definition_id", "report_id"}


class KpiDefinitionVersion(models.Model):
    """Versions are a part of the meaning of their KPI."""

    _inherit = "kpi.definition.version"

    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        versions.definition_id._note_meaning()
        return versions


class KpiDefinitionBreakdown(models.Model):
    """So is what values are split by."""

    _inherit = "kpi.definition.breakdown"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.definition_id._note_meaning()
        return lines

    def write(self, vals):
        before = self.definition_id
        result = super().write(vals)
        (before | self.definition_id)._note_meaning()
        return result

    def unlink(self):
        definitions = self.definition_id
        result = super().unlink()
        definitions._note_meaning()
        return result


class KpiCalendar(models.Model):
    """And the periods."""

    _inherit = "kpi.calendar"

    def write(self, vals):
        result = super().write(vals)
        if not SHAPE_FIELDS.isdisjoint(vals):
            # Also archived ones, and those that the officer may not see.
            everything = self.sudo().with_context(active_test=False)
            everything.definition_ids._note_meaning()
        return result


class ResourceCalendar(models.Model):
    """And working hours."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if not HOURS_FIELDS.isdisjoint(vals):
            self._kpi_note_meaning()
        return result

    def _kpi_note_meaning(self):
        # Whoever plans hours need not see KPIs.
        definitions = self.env["kpi.definition"].sudo().with_context(active_test=False)
        definitions.search(
            [
                "|",
                ("working_calendar_id", "in", self.ids),
                ("version_ids.working_calendar_id", "in", self.ids),
            ]
        )._note_meaning()

    def _kpi_describe_hours(self):
        """Working hours as texts that are the same for every reader; none if empty."""
        if not self:
            return []
        # Hours of work are no secret.
        calendar = self.sudo()
        if calendar.flexible_hours:
            hours = (calendar.hours_per_day, calendar.full_time_required_hours)
            return [calendar.tz or "", *map(str, hours)]
        lines = calendar._kpi_attendances(calendar)[calendar.id]
        return [calendar.tz or "", *sorted(map(str, lines))]


class ResourceCalendarAttendance(models.Model):
    """Lines of working hours may be changed by themselves."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._kpi_note_meaning()
        return lines

    def write(self, vals):
        before = self.calendar_id
        result = super().write(vals)
        (before | self.calendar_id)._kpi_note_meaning()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._kpi_note_meaning()
        return result


class KpiTarget(models.Model):
    """Targets are, where a formula names them and a rule sets them."""

    _inherit = "kpi.target"

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._drop_unfit_badges(targets._find_ruled())
        return targets

    def write(self, vals):
        before = self._find_ruled()
        result = super().write(vals)
        if not RULE_FIELDS.isdisjoint(vals):
            self._drop_unfit_badges(before | self._find_ruled())
        return result

    def unlink(self):
        ruled = self._find_ruled()
        result = super().unlink()
        self._drop_unfit_badges(ruled)
        return result

    def _find_ruled(self):
        """The KPIs of those targets that a rule sets."""
        # Managers set targets of KPIs whose formulas they need not see.
        return self.sudo().filtered(lambda each: each.rule != "number").definition_id

    @api.model
    def _drop_unfit_badges(self, definitions):
        if definitions:
            definitions._claim_formulas()
            definitions._find_standing_on()._drop_unfit()
