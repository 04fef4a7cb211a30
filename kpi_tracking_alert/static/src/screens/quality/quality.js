import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { percent } from "@kpi_base/eager/formatting/formatting";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time in one unit: “40 min”, “3 h”, “2 days”; a dash where there was nothing to time. */
export function timeWords(seconds) {
    if (seconds === null || seconds === undefined) {
        return "–";
    }
    if (seconds < HOUR) {
        return _t("%s min", Math.max(Math.round(seconds / MINUTE), 1));
    }
    if (seconds < 2 * DAY) {
        return _t("%s h", Math.round(seconds / HOUR));
    }
    return _t("%s days", Math.round(seconds / DAY));
}

/** Whether people need what a rule tells them, as `kpi.smart.alert.get_quality` says. */
export class QualityField extends Component {
    static template = "kpi_tracking_alert.QualityField";
    static props = { ...standardFieldProps };

    get quality() {
        return this.props.record.data[this.props.name];
    }

    get figures() {
        const { quality } = this;
        const useless = quality.useless_ratio;
        return [
            { label: _t("Alerts in %s days", quality.days), text: String(quality.fired) },
            {
                label: _t("Median time to acknowledge"),
                text: timeWords(quality.acknowledge_seconds),
            },
            { label: _t("Median time to resolve"), text: timeWords(quality.resolve_seconds) },
            { label: _t("Total time open"), text: timeWords(quality.alarm_seconds) },
            {
                label: _t("Marked not useful"),
                text: useless === null ? "–" : percent(useless, 0),
            },
        ];
    }

    get reasons() {
        return this.quality.reasons.map(({ count, name }) => `${name}: ${count}`).join(" · ");
    }

    get receivers() {
        return this.quality.receivers.map((each) => ({
            ...each,
            time: timeWords(each.acknowledge_seconds),
        }));
    }
}

registry.category("lazy_components").add("kpi_tracking_alert.QualityField", QualityField);
