from odoo import api, models

from odoo.addons.kpi_base.roles import OFFICER, USER


class KpiReport(models.Model):
    """The first steps of an officer: each is done by itself, from what is there."""

    _inherit = "kpi.report"

    @api.model
    def get_first_steps(self):
        """The panel above the KPIs; empty where it has served.

        :return: list of dicts with ``key``, ``title``, ``text``, ``button``,
            ``is_done`` and ``action`` (an xml id)
        """
        if not self.env.user.has_group(OFFICER):
            return []
        if self._first_steps_settings().is_kpi_first_steps_closed:
            return []
        steps = [
            {**step, "is_done": getattr(self, f"_is_step_done_{step['key']}")()}
            for step in self._first_steps()
        ]
        return [] if all(step["is_done"] for step in steps) else steps

    @api.model
    def close_first_steps(self):
        """Do not show the panel to this user any more."""
        self._first_steps_settings().is_kpi_first_steps_closed = True

    @api.model
    def _first_steps_settings(self):
        # Settings are each person's own; they are made on first use.
        settings = self.env["res.users.settings"].sudo()
        return settings._find_or_create_for_user(self.env.user)

    @api.model
    def _first_steps(self):
        """Steps in their order; an addon adds its own, and ``_is_step_done_<key>``."""
        return [
            {
                "key": "templates",
                "title": self.env._("Choose KPIs"),
                "text": self.env._("Turn on ready ones from the gallery."),
                "button": self.env._("Open Gallery"),
                "action": "kpi_tracking.kpi_gallery_set_action",
            },
            {
                "key": "source",
                "title": self.env._("See first values"),
                "text": self.env._("A KPI without a value says why."),
                "button": self.env._("Open KPIs"),
                "action": "kpi_tracking.kpi_report_action",
            },
            {
                "key": "target",
                "title": self.env._("Set a target"),
                "text": self.env._("Set targets to see what is off track."),
                "button": self.env._("Open Targets"),
                "action": "kpi_tracking.kpi_target_action",
            },
            {
                "key": "people",
                "title": self.env._("Track KPIs for people"),
                "text": self.env._("Let others see the KPIs they are responsible for."),
                "button": self.env._("Track for People"),
                "action": "kpi_tracking.kpi_track_wizard_action_people",
            },
        ]

    @api.model
    def _in_companies(self):
        return [("company_id", "in", self.env.companies.ids)]

    @api.model
    def _is_step_done_templates(self):
        return bool(self.search_count(self._in_companies(), limit=1))

    @api.model
    def _is_step_done_source(self):
        """A value was entered or records were found: to count none is 0 as well."""
        known = [
            ("computation_error", "=", False),
            ("has_value", "=", True),
            "|",
            ("current_value", "!=", 0),
            ("definition_id.computation", "=", "manual"),
        ]
        return bool(self.search_count([*self._in_companies(), *known], limit=1))

    @api.model
    def _is_step_done_target(self):
        return bool(self.env["kpi.target"].search_count(self._in_companies(), limit=1))

    @api.model
    def _is_step_done_people(self):
        """Somebody else, who defines no KPIs, may see some and has one."""
        others = self.env.ref(USER).all_user_ids - self.env.ref(OFFICER).all_user_ids
        domain = [
            *self._in_companies(),
            "|",
            ("user_id", "in", others.ids),
            ("owner_id", "in", others.ids),
        ]
        return bool(self.search_count(domain, limit=1))
