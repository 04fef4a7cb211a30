import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { Sheet } from "../shell/sheet";
import { Swipe } from "../shell/swipe";
import { momentOf, writeMoment } from "../when";

const MORNING = 8; // o'clock

/**
 * Alerts that are open, or the one that a notification was about; both ways to calm one work
 * without reception, too.
 */
export class Alerts extends Component {
    static template = "kpi_tracking_phone.Alerts";
    static components = { Sheet, Swipe };
    static props = { about: { type: String, optional: true } };

    setup() {
        this.phone = usePhone();
        this.state = useState({ snoozed: null });
    }

    /** Alerts as they are, or as they will be once that is sent. */
    get alerts() {
        const { items } = this.phone.state;
        const asked = Number(this.props.about);
        const alerts = (this.phone.row("alerts") || []).filter(
            ({ ids }) => !asked || ids.includes(asked),
        );
        return alerts.map((alert) => ({
            ...alert,
            waiting: items.find(({ data }) => alert.ids.includes(data.event_id)),
            when: writeMoment(momentOf(alert.since)),
            why: [alert.reason || alert.rule, alert.period].filter(Boolean).join(" · "),
        }));
    }

    get empty() {
        if (!this.props.about) {
            return _t("No open alerts.");
        }
        return this.phone.state.isBusy ? _t("Loading…") : _t("This alert is no longer open.");
    }

    word({ assignee, snoozed_until, state, waiting }) {
        if (waiting) {
            return waiting.kind === "snooze" ? _t("Snooze not sent") : _t("Not sent");
        }
        if (snoozed_until) {
            return _t("Snoozed until %s", writeMoment(momentOf(snoozed_until)));
        }
        return state === "firing" ? _t("Open") : _t("Acknowledged by %s", assignee || _t("you"));
    }

    get choices() {
        const { now } = this.phone;
        const morning = (days) =>
            new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
        return [
            { word: _t("For 1 hour"), until: new Date(now.getTime() + 3600000) },
            { word: _t("Until tomorrow"), until: morning(1) },
            { word: _t("Until next Monday"), until: morning(8 - (now.getDay() || 7)) },
        ];
    }

    /** Whether it may be acknowledged here, and waits for that. */
    isOpen({ can_act, state, waiting }) {
        return can_act && state === "firing" && !waiting;
    }

    acknowledge(alert) {
        return this._enter(alert, "acknowledge", {});
    }

    async snooze(until) {
        const alert = this.state.snoozed;
        this.state.snoozed = null;
        await this._enter(alert, "snooze", { until: until.toISOString() });
    }

    open({ report_id }) {
        this.env.go.to("kpi", report_id);
    }

    _enter({ id, ids, kpi, reason, state, waiting_ids }, kind, more) {
        const [event_id, ...event_ids] = waiting_ids.length ? waiting_ids : [id, ...ids.slice(1)];
        const about = { name: kpi, text: reason };
        return this.phone.enter({
            about,
            data: { event_id, event_ids, ...more },
            kind,
            seen: { state },
        });
    }
}

phoneScreens.add("alerts", { component: Alerts, isHidden: true, word: _t("Alerts") });
