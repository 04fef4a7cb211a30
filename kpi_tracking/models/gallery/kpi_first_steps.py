from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.roles import OFFICER


class KpiReport(models.Model):
    """The first steps of an officer: each is done by itself, from what is there."""

    _inherit = "kpi.report"

    @api.model
    def get_first_steps(self):
        """The panel above the KPIs; empty where it has served.

        :return: list of dicts with ``key``, ``title``, ``text``, ``button``,
            ``is_done`` and ``action`` (an xml id), or ``method`` of this model that
            answers with the action
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
                "key": "kpi",
                "title": self.env._("First KPI"),
                "text": self.env._("Turn on predefined KPIs or create one."),
                "button": self.env._("Open Gallery"),
                "action": "kpi_tracking.kpi_gallery_set_action",
            },
            {
                "key": "target",
                "title": self.env._("First target"),
                "text": self.env._("Set targets to see what is off track."),
                "button": self.env._("Set Target"),
                "method": "action_set_first_target",
            },
        ]

    @api.model
    def _find_done_steps(self):
        """Keys of the steps that are done: something is there."""
        here = Domain("company_id", "in", self.env.companies.ids)
        steps = {"kpi": self, "target": self.env["kpi.target"]}
        return {
            key for key, records in steps.items() if records.search_count(here, limit=1)
        }

    @api.model
    def action_set_first_target(self):
        """Set the target of a KPI of the company; one with values comes first."""
        reports = self.search(
            Domain("company_id", "in", self.env.companies.ids)
            & Domain("scope_type", "=", "company")
            & Domain("target_ids", "=", False),
            order="has_value DESC, id",
            limit=1,
        )
        return reports.action_set_target() if reports else self._list_action()

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
