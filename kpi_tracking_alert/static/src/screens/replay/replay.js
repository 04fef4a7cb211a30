import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatDay } from "@kpi_base/eager/formatting/reader";

const MOST_BARS = 12; // KPIs in the picture

function asDay(text) {
    return text && formatDay(deserializeDate(text));
}

function countAlerts(count) {
    return count === 1 ? _t("1 alert") : _t("%s alerts", count);
}

function countMessages(count) {
    return count === 1 ? _t("1 message") : _t("%s messages", count);
}

/** Alerts that a rule would have raised: how many, when, of which KPIs, and to whom. */
export class ReplayField extends Component {
    static template = "kpi_tracking_alert.ReplayField";
    static props = { ...standardFieldProps };

    get result() {
        return this.props.record.data[this.props.name] || {};
    }

    get summary() {
        const { alert_count, kpi_count } = this.result;
        return alert_count
            ? _t("%(alerts)s · KPIs watched: %(kpis)s", {
                  alerts: countAlerts(alert_count),
                  kpis: kpi_count,
              })
            : _t("No alerts · KPIs watched: %s", kpi_count);
    }

    get rows() {
        return this.result.alerts.map((alert, key) => ({
            key,
            name: alert.name,
            from: asDay(alert.fired_on),
            to: asDay(alert.ended_on) || _t("still open"),
            reason: alert.reason,
        }));
    }

    /** Number of alerts beyond those in the table. */
    get more() {
        return this.result.alert_count - this.result.alerts.length;
    }

    get receivers() {
        return this.result.receivers.map(({ alert_count, message_count, name, user_id }) => ({
            key: user_id,
            name,
            text: _t("%(alerts)s in %(messages)s", {
                alerts: countAlerts(alert_count),
                messages: countMessages(message_count),
            }),
        }));
    }

    /** A line for each KPI, with a bar from each alert's beginning to its end, in percent. */
    get bars() {
        const { alerts, date_from, date_to } = this.result;
        const first = deserializeDate(date_from);
        const days = Math.max(deserializeDate(date_to).diff(first, "days").days + 1, 1);
        const place = (text) => (100 * deserializeDate(text).diff(first, "days").days) / days;
        const lines = new Map();
        for (const alert of alerts) {
            const start = Math.max(place(alert.fired_on), 0);
            const end = Math.min(alert.ended_on ? place(alert.ended_on) : 100, 100);
            const bar = { start, width: Math.max(end - start, 0.5) };
            lines.set(alert.name, [...(lines.get(alert.name) || []), bar]);
        }
        return [...lines].slice(0, MOST_BARS).map(([name, bars]) => ({ name, bars }));
    }

    get ends() {
        return [asDay(this.result.date_from), asDay(this.result.date_to)];
    }
}

/** A threshold that alerts less often, and what would have been missed by it. */
export class SuggestionField extends Component {
    static template = "kpi_tracking_alert.SuggestionField";
    static props = { ...standardFieldProps };

    get found() {
        return this.props.record.data[this.props.name] || {};
    }

    get text() {
        const { alert_count, alert_count_now, limit, missed_count } = this.found;
        return _t(
            "Threshold %(limit)s: %(alerts)s instead of %(now)s; %(missed)s would be missed.",
            {
                alerts: countAlerts(alert_count),
                limit,
                missed: missed_count,
                now: alert_count_now,
            },
        );
    }
}

registry.category("lazy_components").add("kpi_tracking_alert.ReplayField", ReplayField);
registry.category("lazy_components").add("kpi_tracking_alert.SuggestionField", SuggestionField);
