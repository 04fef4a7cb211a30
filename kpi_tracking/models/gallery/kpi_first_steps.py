from odoo import api, fields, models
from odoo.fields import Domain

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
        done = self._find_done_steps()
        steps = self._first_steps()
        if done.issuperset(step["key"] for step in steps):
            return []
        return [{**step, "is_done": step["key"] in done} for step in steps]

    @api.model
    def _first_steps(self):
        """Steps in their order; an addon adds its own, and to ``_find_done_steps``."""
        return [
            {
                "key": "templates",
                "title": self.env._("Choose KPIs"),
                "text": self.env._("Turn on KPIs from the gallery."),
                "button": self.env._("Open Gallery"),
                "action": "kpi_tracking.kpi_gallery_set_action",
            },
            {
                "key": "source",
                "title": self.env._("See first values"),
                "text": self.env._("Open a KPI to see why it has no value."),
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
                "text": self.env._("Show people the KPIs they are responsible for."),
                "button": self.env._("Track for People"),
                "action": "kpi_tracking.kpi_track_wizard_action_people",
            },
        ]

    @api.model
    def _find_done_steps(self):
        """Keys of the steps that are done.

        A value was entered or records were found: to count none is 0 as well. People
        are somebody else, who defines no KPIs, may see some and has one.
        """
        others = self.env.ref(USER).all_user_ids - self.env.ref(OFFICER).all_user_ids
        has_value = Domain("computation_error", "=", False)
        has_value &= Domain("has_value", "=", True)
        has_value &= Domain("current_value", "!=", 0) | Domain(
            "definition_id.computation", "=", "manual"
        )
        theirs = Domain("user_id", "in", others.ids) | Domain(
            "owner_id", "in", others.ids
        )
        here = Domain("company_id", "in", self.env.companies.ids)
        steps = {
            "templates": (self, Domain.TRUE),
            "source": (self, has_value),
            "target": (self.env["kpi.target"], Domain.TRUE),
            "people": (self, theirs),
        }
        return {
            key
            for key, (records, domain) in steps.items()
            if records.search_count(here & domain, limit=1)
        }

    @api.model
    def close_first_steps(self):
        """Do not show the panel to this user any more."""
        self._first_steps_settings().is_kpi_first_steps_closed = True

    @api.model
    def _first_steps_settings(self):
        # Settings are each person's own; they are made on first use.
        settings = self.env["res.users.settings"].sudo()
        return settings._find_or_create_for_user(self.env.user)


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    is_kpi_first_steps_closed = fields.Boolean("KPI First Steps Closed")
