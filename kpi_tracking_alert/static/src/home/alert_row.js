import { Component } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { SEVERITIES } from "./severities";
import { formatMoment } from "@kpi_base/eager/formatting/reader";

/**
 * The alerts of a KPI as `kpi.alert.event._prepare_items` says them: what, why, of which period,
 * since when, who has it.
 */
export class AlertRow extends Component {
    static template = "kpi_tracking_alert.AlertRow";
    static props = {
        acknowledge: { type: Function },
        alert: { type: Object },
        open: { type: Function },
    };

    severity(alert) {
        return SEVERITIES[alert.severity] || SEVERITIES.info;
    }

    why(alert) {
        const why = [alert.rule, alert.reason].filter(Boolean).join(": ");
        return [why, alert.period].filter(Boolean).join(" · ");
    }

    /** Other alerts of this KPI of the same company, department, team or person. */
    get others() {
        const { others, report_id } = this.props.alert;
        return others.filter((other) => other.report_id === report_id);
    }

    /** Those of the levels below. */
    get below() {
        const { others, report_id } = this.props.alert;
        return others.filter((other) => other.report_id !== report_id);
    }

    get belowText() {
        return _t("%s more for this KPI", this.below.length);
    }

    get about() {
        return [this.since, this.who].filter(Boolean).join(" · ");
    }

    get since() {
        return deserializeDateTime(this.props.alert.since).toRelative();
    }

    get who() {
        const { assignee, is_assigned_to_me, snoozed_until, state } = this.props.alert;
        if (state === "snoozed" && snoozed_until) {
            const until = deserializeDateTime(snoozed_until);
            return _t("snoozed until %s", formatMoment(until));
        }
        if (!assignee) {
            return _t("unassigned");
        }
        return is_assigned_to_me ? _t("assigned to you") : _t("assigned to %s", assignee);
    }
}
