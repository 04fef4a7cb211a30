from odoo import api, fields, models

from ..rule.kpi_smart_alert import PATHS

DAYS = 90


class KpiSmartAlert(models.Model):
    """Numbers and ways around a rule."""

    _inherit = "kpi.smart.alert"

    open_event_count = fields.Integer(
        "Open Alerts", compute="_compute_event_counts", exportable=False
    )
    event_count = fields.Integer(
        "Alerts So Far", compute="_compute_event_counts", exportable=False
    )
    watched_count = fields.Integer(
        "Watched KPIs", compute="_compute_watched_count", exportable=False
    )
    blind_users_hint = fields.Char(
        compute="_compute_blind_users_hint", exportable=False
    )
    quality = fields.Json(compute="_compute_quality", exportable=False)

    @api.depends("event_ids.state")
    def _compute_event_counts(self):
        counts = {rule: {} for rule in self}
        for rule, state, count in self.env["kpi.alert.event"]._read_group(
            [("alert_id", "in", self.ids)], ["alert_id", "state"], ["__count"]
        ):
            counts[rule][state] = count
        for rule in self:
            found = counts[rule]
            rule.event_count = sum(found.values())
            rule.open_event_count = rule.event_count - found.get("resolved", 0)

    @api.depends("applies_to", *(chosen for chosen, _path in PATHS.values()))
    @api.depends("company_id")
    def _compute_watched_count(self):
        reports = self.env["kpi.report"]
        for rule in self:
            rule.watched_count = reports.search_count(rule._get_watched_domain())

    @api.depends("user_ids", "company_id", "applies_to")
    @api.depends(*(chosen for chosen, _path in PATHS.values()))
    def _compute_blind_users_hint(self):
        """Who is named to be told, and may see none of the KPIs."""
        for rule in self:
            domain = rule._get_watched_domain()
            # Who may name people reads that these will hear nothing.
            watched = self.env["kpi.report"].sudo().search(domain)
            blind = rule.user_ids.filtered(
                lambda user, watched=watched: (
                    watched and not _can_see_any(user, watched)
                )
            )
            names = ", ".join(blind.mapped("name"))
            rule.blind_users_hint = names and self.env._(
                "May see none of these KPIs, and will not be told: %s", names
            )

    def action_turn_on_and_close(self):
        """Turn the rule of a dialog on, and say so."""
        self.action_turn_on()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The rule is on: %s", self.summary),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_settings(self):
        """Open the rule of a dialog with all that it can say, before it is on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_try_on_past(self):
        """Show when the rule of a dialog would have fired, before it is turned on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Would Have Alerted"),
            "res_model": "kpi.alert.replay",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_alert_id": self.id, "default_is_trial": True},
        }

    def action_open_dialog(self):
        """Open the rule in the short form from which it is turned on."""
        self.ensure_one()
        return {**self._get_dialog(), "res_id": self.id}

    def _is_only_tried(self):
        """Whether the rule was never on, and may go with the dialog that made it."""
        self.ensure_one()
        return self.state == "draft" and not self.turned_on_at

    def _propose_again(self):
        """The short form of a new rule that says what this one says."""
        (values,) = self.copy_data()
        if not self.has_own_name:
            del values["name"]
        proposed = {f"default_{name}": value for name, value in values.items()}
        return {**self._get_dialog(), "context": proposed}

    @api.model
    def _get_dialog(self):
        view = self.env.ref("kpi_tracking_alert.kpi_smart_alert_view_form_quick")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Alert Me"),
            "res_model": self._name,
            "views": [(view.id, "form")],
            "target": "new",
        }

    def action_open_events(self):
        """Open the alerts of the rule."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking_alert.kpi_alert_event_action"
        )
        return {
            **action,
            "name": self.env._("Alerts of %s", self.name),
            "domain": [("alert_id", "=", self.id)],
            "context": {"search_default_open": 0},
        }

    def action_open_watched(self):
        """Open the KPIs that the rule watches."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("KPIs watched by %s", self.name),
            "res_model": "kpi.report",
            "view_mode": "list,kanban,form",
            "domain": list(self._get_watched_domain()),
        }

    @api.depends("event_ids.state")
    @api.depends_context("uid")
    def _compute_quality(self):
        found = self.get_quality(DAYS) if self.ids else {}
        for rule in self:
            figures = found.get(rule._origin.id)
            rule.quality = figures and {**figures, "days": DAYS}


def _can_see_any(user, reports):
    """Whether a person may see one of these KPIs, in any of their companies."""
    # As the person: their rights, in all their companies.
    own = reports.with_user(user._origin).with_context(allowed_company_ids=None)
    return user.active and bool(own._filtered_access("read"))
