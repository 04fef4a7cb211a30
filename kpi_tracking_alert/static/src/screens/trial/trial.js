import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

const TITLES = {
    day: (count) => _t("In the last %s days this would have alerted you", count),
    week: (count) => _t("In the last %s weeks this would have alerted you", count),
    month: (count) => _t("In the last %s months this would have alerted you", count),
    quarter: (count) => _t("In the last %s quarters this would have alerted you", count),
    year: (count) => _t("In the last %s years this would have alerted you", count),
};
const LOOKS = {
    alert: { ...STATUSES.off_target, word: _t("Alert") },
    none: { tone: "muted", word: _t("Not compared") },
    quiet: { ...STATUSES.on_target, word: _t("No alert") },
};

/** How often a rule would have alerted: a square for each of the last periods. */
export class TrialField extends Component {
    static template = "kpi_tracking_alert.TrialField";
    static props = { ...standardFieldProps };

    get trial() {
        return this.props.record.data[this.props.name];
    }

    get title() {
        const { grain, periods } = this.trial;
        return TITLES[grain]?.(periods.length) || "";
    }

    get squares() {
        return this.trial.periods.map(({ label, state }) => ({ label, ...LOOKS[state] }));
    }

    get summary() {
        const { count, is_sent_now: isSentNow, periods, reason } = this.trial;
        const times = count
            ? _t("An alert in %(count)s of %(all)s.", { all: periods.length, count })
            : _t("No alert.");
        const now = isSentNow
            ? _t("Turning it on sends one alert now.")
            : _t("Today nothing is sent.");
        return [times, reason, now].filter(Boolean).join(" ");
    }
}

registry.category("lazy_components").add("kpi_tracking_alert.TrialField", TrialField);
