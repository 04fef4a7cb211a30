import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const UNITS = [
    ["days", 86400],
    ["hours", 3600],
    ["minutes", 60],
];

/** Events below one another, latest first; knows nothing of records. */
export class Timeline extends Component {
    static template = "kpi_base.Timeline";
    static props = {
        entries: { type: Array, element: Object },
        faults: { type: Object, optional: true },
    };
    static defaultProps = { faults: {} };

    get rows() {
        return this.props.entries.map((entry) => ({
            ...entry,
            fault: this.props.faults[entry.seq],
            when: formatDateTime(deserializeDateTime(entry.effective_at)),
            recorded:
                entry.recorded_at !== entry.effective_at &&
                _t("recorded %s", formatDateTime(deserializeDateTime(entry.recorded_at))),
            lasted: entry.seconds > 0 && durationText(entry.seconds),
            badge: entry.seq && _t("Entry %(seq)s · %(hash)s", entry),
        }));
    }
}

/** A duration in its largest unit: people compare days, not seconds. */
function durationText(seconds) {
    const [unit, size] = UNITS.find((each) => seconds >= each[1]) || UNITS.at(-1);
    const count = Math.max(1, Math.round(seconds / size));
    return {
        days: _t("%s d", count),
        hours: _t("%s h", count),
        minutes: _t("%s min", count),
    }[unit];
}

/** Timeline of the record of a form, with the button that verifies it. */
export class TimelineWidget extends Component {
    static template = "kpi_base.TimelineWidget";
    static components = { Timeline };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ entries: [], verdict: null, isBusy: false });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((nextProps) => this.load(nextProps.record));
    }

    async load(record) {
        this.state.verdict = null;
        this.state.entries = record.resId
            ? await this.orm.call(record.resModel, "get_timeline", [record.resId])
            : [];
    }

    async verify() {
        const { resId, resModel } = this.props.record;
        this.state.isBusy = true;
        try {
            this.state.verdict = await this.orm.call(resModel, "verify_history", [resId]);
        } finally {
            this.state.isBusy = false;
        }
    }

    get verdictText() {
        const { is_whole: isWhole, entries, faults } = this.state.verdict;
        return isWhole
            ? _t("All %s entries are unchanged.", entries)
            : _t("Changes found in the history (%s):", faults.length);
    }

    get faults() {
        const faults = this.state.verdict?.faults || [];
        return Object.fromEntries(faults.map((fault) => [fault.seq, fault.text]));
    }
}

registry.category("lazy_components").add("kpi_base.TimelineWidget", TimelineWidget);
