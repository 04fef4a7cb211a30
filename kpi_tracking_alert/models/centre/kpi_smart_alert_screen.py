from collections import Counter, defaultdict
from datetime import timedelta
from statistics import median
from typing import Annotated

from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_list

from odoo.addons.kpi_base.actions import (
    CLOSE,
    open_form,
    open_list,
    show_notification,
)
from odoo.addons.kpi_base.engine.formatting import percent_text
from odoo.addons.kpi_base.engine.message import to_text
from odoo.addons.kpi_base.formatting import format_number, reader_table

from ..routing.kpi_alert_notice import TOLD_OF
from ..routing.people import is_out_of_reach
from ..rule.kpi_smart_alert import CHOSEN, PATHS, SAID_OF_CONDITION

DAYS = 90
MOST_DAYS = 3660
UNCONFIRMED_DAYS = 1  # that a dialog may stay open
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]
MOST_NAMED = 3
MOST_DECIMALS = 6
# What two rules of one type have in common if they say the same.
COMPARED_BY_TYPE = {
    "threshold_breach": (
        "condition",
        "compared",
        "threshold",
        "threshold_high",
        "periods",
    ),
    "trend_deterioration": ("periods",),
    "anomaly_detected": (),
    "target_risk": ("chance_below",),
    "restated": ("restated_percent", "restated_after_days"),
}


class KpiSmartAlert(models.Model):
    """A rule in words and figures, and the ways around it."""

    _inherit = "kpi.smart.alert"

    open_event_count = fields.Integer(
        "Open Alerts", compute="_compute_event_counts", exportable=False
    )
    event_count = fields.Integer(
        "Total Alerts", compute="_compute_event_counts", exportable=False
    )
    watched_count = fields.Integer(
        "Watched KPIs", compute="_compute_watched_count", exportable=False
    )
    blind_users_hint = fields.Char(
        string="Access Warning", compute="_compute_blind_users_hint", exportable=False
    )
    address_hint = fields.Char(
        string="Missing Email Warning",
        compute="_compute_address_hint",
        exportable=False,
    )
    is_unconfirmed = fields.Boolean(
        copy=False, exportable=False, help="Saved by a dialog that was not confirmed."
    )
    uses_bell = fields.Boolean("Use Bell Instead", store=False, exportable=False)
    quality = fields.Json(compute="_compute_quality", exportable=False)

    twin_id = fields.Many2one(
        "kpi.smart.alert",
        "Same Alert",
        compute="_compute_twin_id",
        exportable=False,
        help="Another rule of this person with the same KPIs and condition.",
    )
    summary = fields.Char(compute="_compute_summary", exportable=False)
    suggested_name = fields.Char(compute="_compute_summary", exportable=False)

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

    @api.depends("applies_to", *CHOSEN)
    @api.depends("company_id")
    def _compute_watched_count(self):
        reports = self.env["kpi.report"]
        for rule in self:
            rule.watched_count = reports.search_count(rule._get_watched_domain())

    @api.depends("user_ids", "company_id", "applies_to")
    @api.depends(*CHOSEN)
    def _compute_blind_users_hint(self):
        """Who is named to be told, and may see none of the KPIs."""
        for rule in self:
            # Who may name people reads that these will hear nothing.
            reports = self.env["kpi.report"].sudo()
            watched = reports.search(rule._get_watched_domain())
            blind = []
            for user in rule.user_ids if watched else ():
                # As the person: their rights, in all their companies.
                own = watched.with_user(user._origin)
                own = own.with_context(allowed_company_ids=None)
                if not (user.active and own._filtered_access("read")):
                    blind.append(user.name)
            names = ", ".join(blind)
            rule.blind_users_hint = names and self.env._(
                "Not notified because they cannot see any of these KPIs: %s", names
            )

    @api.depends("is_personal", "notification_channels", "route_ids.channel")
    @api.depends("owner_id.email", "owner_id.notification_type")
    def _compute_address_hint(self):
        """Who would get the emails of a rule of their own, and has no address."""
        for rule in self:
            # Whether they have an address is no secret to who edits their rule.
            owner = rule.sudo().owner_id
            channels = [rule.notification_channels, *rule.route_ids.mapped("channel")]
            rule.address_hint = (
                rule.is_personal
                and owner
                and is_out_of_reach(owner, channels)
                and self.env._(
                    "%s needs an email address for this rule's emails.",
                    owner.name,
                )
            )

    @api.depends("company_id", "is_personal", "owner_id", *sorted(SAID_OF_CONDITION))
    def _compute_twin_id(self):
        """Find the rule that says the same, whatever its channels."""
        for rule in self:
            rule.twin_id = rule._find_twin()

    def _find_twin(self):
        compared = COMPARED_BY_TYPE.get(self.alert_type)  # none while somebody chooses
        if compared is None or not (self.is_personal and self.report_ids):
            return self.browse()
        domain = Domain("is_personal", "=", True) & Domain("active", "=", True)
        domain &= Domain("turned_on_at", "!=", False)
        domain &= Domain("owner_id", "=", self.owner_id.id)
        domain &= Domain("id", "!=", self._origin.id)
        for name in ("alert_type", "applies_to"):
            domain &= Domain(name, "=", self[name])
        kpis = set(self.report_ids._origin.ids)
        if self.alert_type == "threshold_breach" and self.condition == "no_data":
            compared = ("condition", "no_data_days")
        return self.search(domain, order="id").filtered(
            lambda other: (
                set(other.report_ids.ids) == kpis
                and all(other[name] == self[name] for name in compared)
            )
        )[:1]

    @api.onchange("uses_bell")
    def _onchange_uses_bell(self):
        if self.uses_bell:
            self.notification_channels, self.uses_bell = "inbox", False

    def action_turn_on(self):
        for rule in self.filtered("address_hint"):
            raise UserError(
                self.env._(
                    "%s Choose “Bell”, or enter the address in the preferences.",
                    rule.address_hint,
                )
            )
        return super().action_turn_on()

    def action_turn_on_and_close(self):
        """Turn the rule of a dialog on, and say so.

        Where the user has this alert already, that one gets the channel as well.
        """
        self.ensure_one()
        if self.channel_fault:
            raise UserError(self.channel_fault)
        if self.twin_id and self._is_only_tried():
            return self._merge_into_twin()
        self.action_turn_on()
        message = self.env._("Rule turned on: %s", self.summary)
        return show_notification(message, next=CLOSE)

    def _merge_into_twin(self):
        """Add the channels of this rule to its twin, which is on, and go."""
        twin, added = self.twin_id, self.notification_channels
        is_other = added != twin.notification_channels
        route = twin.route_ids.filtered(lambda route: route.channel == added)[:1]
        if is_other and not route:
            twin.route_ids = [Command.create({"channel": added, "severity": "info"})]
        elif is_other and route.severity != "info":
            # It took severe alerts only; from now on it takes all of them.
            route.severity = "info"
        self.unlink()
        twin.action_turn_on()
        message = self.env._("You already have this alert: %s", twin.summary)
        return show_notification(message, next=CLOSE)

    def action_open_settings(self):
        """Open the rule of a dialog with all that it can say, before it is on."""
        self.ensure_one()
        self.is_unconfirmed = False
        return open_form(self)

    def _open_dialog(self, name, **proposed):
        """Open the rule, or a new one, in the short form from which it is turned on.

        Its buttons save the rule. One that is never turned on is deleted later, unless
        somebody changes it elsewhere.

        :param name: of the dialog
        :param proposed: values of a new rule
        """
        view = self.env.ref("kpi_tracking_alert.kpi_smart_alert_view_form_quick")
        proposed["is_unconfirmed"] = True
        return open_form(
            self,
            name=name,
            views=[(view.id, "form")],
            target="new",
            context={f"default_{name}": value for name, value in proposed.items()},
        )

    @api.autovacuum
    def _gc_unconfirmed(self):
        """Delete the rules of dialogs that were closed without turning them on."""
        limit = fields.Datetime.now() - timedelta(days=UNCONFIRMED_DAYS)
        self.with_context(active_test=False).search(
            [
                ("is_unconfirmed", "=", True),
                ("turned_on_at", "=", False),
                ("write_date", "<", limit),
            ]
        ).unlink()

    def web_save(self, vals, specification, next_id=None):
        return super().web_save(self._confirm(vals), specification, next_id)

    def web_save_multi(self, vals_list, specification):
        vals_list = [self._confirm(vals) for vals in vals_list]
        return super().web_save_multi(vals_list, specification)

    def _confirm(self, vals):
        """``vals`` of a rule that somebody saves: outside its dialog it is to stay."""
        if not self or self.env.context.get("default_is_unconfirmed"):
            return vals
        return {**vals, "is_unconfirmed": False}

    def _is_only_tried(self):
        """Whether the rule was never on, and may go with the dialog that made it."""
        self.ensure_one()
        return self.state == "draft" and not self.turned_on_at

    def action_open_events(self):
        """Open the alerts of the rule."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking_alert.kpi_alert_event_action",
            [("alert_id", "=", self.id)],
            display_name=self.env._("Alerts of %s", self.name),
            context={"search_default_open": 0},
        )

    def action_open_watched(self):
        """Open the KPIs that the rule watches."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("KPIs Watched by %s", self.name),
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

    @api.readonly
    def preview_message(self):
        """The message of the rule's last alert, as the user would get it now.

        :return: dict of ``title`` and ``text``
        :raises UserError: it has raised no alert that the user may see
        """
        self.ensure_one()
        self.check_access("read")
        events = self.env["kpi.alert.event"]
        event = events.search([("alert_id", "=", self.id)], order="id desc", limit=1)
        if not event:
            raise UserError(self.env._("%s has no alert to preview yet.", self.name))
        data = {"change": "fired", "step": 0, "count": 1}
        message = self.env["kpi.alert.notice"]._compose([(event, data)])
        return {"title": message.title, "text": to_text(message)}

    @api.readonly
    def get_quality(self, days: Days = 90):
        """Figures of these rules over the last days.

        Of alerts that the user may see. Medians are in seconds, None where nothing was
        acknowledged or resolved.

        :return: dict rule id → dict of ``fired``, ``open``, ``acknowledge_seconds``,
            ``resolve_seconds`` (medians), ``alarm_seconds`` (time in alarm, added up),
            ``useless_ratio`` (share of the reasons given that say so; None = none was
            given), ``reasons`` (dicts of ``name`` and ``count``, most frequent first)
            and ``receivers`` (dicts of ``user_id``, ``name``, ``told``,
            ``acknowledged``, ``acknowledge_seconds``)
        """
        self.check_access("read")
        now = fields.Datetime.now()
        since = now - timedelta(days=days)
        goes_on = Domain("resolved_at", "=", False) | Domain("resolved_at", ">", since)
        events = self.env["kpi.alert.event"].search(
            Domain("alert_id", "in", self.ids) & goes_on
        )
        # Who was told, and what reasons are called, is for all who see the alerts.
        of_rule = events.sudo().grouped(lambda event: event.alert_id.id)
        return {
            rule_id: {
                "id": rule_id,
                **_measure_quality(of_rule.get(rule_id, events.browse()), since, now),
            }
            for rule_id in self.ids
        }

    @api.depends(
        *sorted(SAID_OF_CONDITION),
        "is_personal",
        "owner_id",
        "tell_responsible",
        "user_ids",
        "notification_channels",
        "route_ids.channel",
    )
    @api.depends_context("lang", "uid")
    def _compute_summary(self):
        """What has to happen, by ``alert_type``: the method ``_say_<value>``."""
        ways = {
            "email": self.env._("by email"),
            "sms": self.env._("by SMS"),
            "slack": self.env._("on Slack"),
            "teams": self.env._("on Microsoft Teams"),
            "whatsapp": self.env._("on WhatsApp"),
            "push": self.env._("by push notification"),
        }
        for rule in self:
            if not (rule.alert_type and rule.applies_to):  # while somebody chooses
                rule.suggested_name = rule.summary = False
                continue
            said = getattr(rule, f"_say_{rule.alert_type}")(rule._say_watched())
            rule.suggested_name = said[:1].upper() + said[1:]
            texts = {"condition": said, "who": rule._say_who()}
            channels = [rule.notification_channels, *rule.route_ids.mapped("channel")]
            how = [ways[each] for each in dict.fromkeys(channels) if each in ways]
            if not how:
                rule.summary = self.env._(
                    "When %(condition)s, show %(who)s an alert.", **texts
                )
            else:
                texts["how"] = format_list(self.env, how)
                rule.summary = self.env._(
                    "When %(condition)s, notify %(who)s %(how)s.", **texts
                )

    def _say_threshold_breach(self, watched):
        if self.condition == "no_data":
            return self.env._(
                "%(kpi)s has no value %(days)s working days after a period ends",
                kpi=watched,
                days=self.no_data_days,
            )
        texts = {"kpi": self._say_compared(watched)}
        texts["limit"] = self._say_limit(self.threshold)
        if self.condition == "outside":
            texts["high"] = self._say_limit(self.threshold_high or 0.0)
            said = self.env._(
                "%(kpi)s is outside the range %(limit)s to %(high)s", **texts
            )
        elif self.condition == "above":
            said = self.env._("%(kpi)s is above %(limit)s", **texts)
        else:
            said = self.env._("%(kpi)s is below %(limit)s", **texts)
        return self._say_in_a_row(said)

    def _say_trend_deterioration(self, watched):
        return self._say_in_a_row(self.env._("%s gets worse", watched))

    def _say_anomaly_detected(self, watched):
        return self.env._("%s is unusual", watched)

    def _say_target_risk(self, watched):
        return self.env._(
            "%(kpi)s has a chance below %(percent)s of reaching its target",
            kpi=watched,
            percent=self._format_percent(self.chance_below),
        )

    def _say_restated(self, watched):
        texts = {"kpi": watched, "percent": self._format_percent(self.restated_percent)}
        if not self.restated_after_days:
            return self.env._(
                "%(kpi)s changes by over %(percent)s in a closed period", **texts
            )
        return self.env._(
            "%(kpi)s changes by over %(percent)s in a period closed %(days)s or "
            "more days ago",
            days=self.restated_after_days,
            **texts,
        )

    def _say_in_a_row(self, said):
        if self.periods < 2:
            return said
        count = {"said": said, "count": self.periods}
        grains = {
            "day": self.env._("%(said)s for %(count)s days in a row", **count),
            "week": self.env._("%(said)s for %(count)s weeks in a row", **count),
            "month": self.env._("%(said)s for %(count)s months in a row", **count),
            "quarter": self.env._("%(said)s for %(count)s quarters in a row", **count),
            "year": self.env._("%(said)s for %(count)s years in a row", **count),
        }
        usual = self.env._("%(said)s for %(count)s periods in a row", **count)
        frequencies = {each.frequency for each in self._get_watched_definitions()}
        return grains.get(*frequencies, usual) if len(frequencies) == 1 else usual

    def _say_compared(self, watched):
        """What is compared, as the subject of a sentence."""
        said = {
            "achievement": self.env._("the achievement of %s", watched),
            "previous": self.env._("the change in %s vs previous period", watched),
            "last_year": self.env._("the change in %s vs last year", watched),
            "baseline": self.env._("the change in %s vs baseline", watched),
        }
        return said.get(self.compared, watched)

    def _say_limit(self, number):
        """A threshold in the unit of what is compared."""
        if self.compared == "target":
            percent = self._format_percent(100 * number)
            return self.env._("%s of target", percent)
        if self.compared != "value":
            return self._format_percent(number)
        definitions = self._get_watched_definitions()
        if len(definitions) == 1:
            return definitions._format_value(number)
        return self._say_number(number)

    def _format_percent(self, number):
        return percent_text(reader_table(self.env), self._say_number(number))

    def _say_number(self, number):
        """A number without needless decimals."""
        digits = next(
            (n for n in range(MOST_DECIMALS) if abs(number - round(number, n)) < 1e-9),
            MOST_DECIMALS,
        )
        return format_number(self.env, number, digits)

    def _get_watched_definitions(self):
        """Definitions of the chosen KPIs; none where a group of them is watched."""
        if self.applies_to == "kpi":
            return self.report_ids.definition_id
        if self.applies_to == "definition":
            return self.definition_ids
        return self.env["kpi.definition"]

    def _say_watched(self):
        """The KPIs that are watched, as the subject of a sentence."""
        chosen, _path = PATHS[self.applies_to]
        names = [name for name in self[chosen].mapped("display_name") if name]
        if not names:
            return self.env._("a KPI")
        named = self._list_names(names)
        if self.applies_to in ("kpi", "definition"):
            return named if len(names) == 1 else self.env._("any of %s", named)
        return {
            "category": self.env._("any KPI of category %s", named),
            "tag": self.env._("any KPI with tag %s", named),
            "scorecard": self.env._("any KPI on scorecard %s", named),
            "department": self.env._(
                "any KPI of department %s or its sub-departments", named
            ),
        }[self.applies_to]

    def _list_names(self, names):
        more = len(names) - MOST_NAMED
        if more < 1:
            return format_list(self.env, names, "or")
        named = format_list(self.env, names[:MOST_NAMED], "unit-short")
        return self.env._("%(names)s and %(count)s more", names=named, count=more)

    def _say_who(self):
        if self.is_personal:
            is_me = self.owner_id == self.env.user
            return self.env._("me") if is_me else self.owner_id.name or ""
        # Whom a rule tells is no secret from those who may change it.
        names = self.user_ids.sudo().mapped("name")
        if self.tell_responsible:
            names = [self.env._("the KPI's responsible"), *names]
        if not names:
            return self.env._("no one")
        is_short = len(names) <= MOST_NAMED
        return format_list(self.env, names) if is_short else self._list_names(names)


def _measure_quality(events, since, now):
    """Figures of the alerts of one rule: see ``get_quality``."""
    reasons = Counter(event.reason_id for event in events if event.reason_id)
    useless = sum(count for reason, count in reasons.items() if reason.is_useless)
    told = {
        (notice.user_id, notice.event_id)
        for notice in events.notice_ids
        if notice.user_id and notice.state == "told" and notice.change in TOLD_OF
    }
    of_person = defaultdict(list)  # the alerts that each was told of
    for user, event in told:
        of_person[user].append(event)
    receivers = []
    for user, own in of_person.items():
        acknowledged = [event for event in own if event.acknowledged_by_id == user]
        receivers.append(
            {
                "user_id": user.id,
                "name": user.name,
                "told": len(own),
                "acknowledged": len(acknowledged),
                "acknowledge_seconds": _find_median(acknowledged, "acknowledged_at"),
            }
        )
    return {
        "fired": sum(event.fired_at >= since for event in events),
        "open": sum(event.state != "resolved" for event in events),
        "acknowledge_seconds": _find_median(events, "acknowledged_at"),
        "resolve_seconds": _find_median(events, "resolved_at"),
        "alarm_seconds": sum(
            ((each.resolved_at or now) - max(each.fired_at, since)).total_seconds()
            for each in events
        ),
        "useless_ratio": useless / reasons.total() if reasons else None,
        "reasons": [
            {"name": reason.name, "count": count}
            for reason, count in sorted(
                reasons.items(), key=lambda item: (-item[1], item[0].id)
            )
        ],
        "receivers": sorted(receivers, key=lambda row: (-row["told"], row["user_id"])),
    }


def _find_median(events, name):
    """Median of the seconds until a moment of alerts that have it, or None."""
    spans = [event[name] - event.fired_at for event in events if event[name]]
    return median(span.total_seconds() for span in spans) if spans else None
