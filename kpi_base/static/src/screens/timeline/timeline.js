import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { clock } from "../../eager/formatting/formatting";
import { formatDay, formatMoment } from "../../eager/formatting/reader";

const UNITS = [
    ["days", 86400],
    ["hours", 3600],
    ["minutes", 60],
];

/**
 * Events by day, latest first; knows nothing of records. Where each of them stands in
 * the audit log is shown with `hasProof` only.
 */
export class Timeline extends Component {
    static template = "kpi_base.Timeline";
    static props = {
        entries: { type: Array, element: Object },
        faults: { type: Object, optional: true },
        hasProof: { type: Boolean, optional: true },
    };
    static defaultProps = { faults: {}, hasProof: false };

    /** List of days, each with its rows; days are those of the reader. */
    get days() {
        const days = [];
        for (const entry of this.props.entries) {
            const at = deserializeDateTime(entry.effective_at);
            const key = at.toISODate();
            if (days.at(-1)?.key !== key) {
                days.push({ key, name: formatDay(at), rows: [] });
            }
            days.at(-1).rows.push(this.rowOf(entry, at));
        }
        return days;
    }

    rowOf(entry, at) {
        const recorded = deserializeDateTime(entry.recorded_at);
        const isLater = entry.recorded_at !== entry.effective_at;
        return {
            ...entry,
            fault: this.props.faults[entry.seq],
            when: clock(at),
            recorded: isLater && _t("recorded %s", formatMoment(recorded)),
            lasted: entry.seconds > 0 && durationText(entry.seconds),
            badge: this.props.hasProof && entry.seq && _t("Entry %(seq)s · %(hash)s", entry),
        };
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

/** Timeline of the record of a form, with the button that verifies it and shows the proof. */
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

    /** Where nothing is in the audit log there is nothing to compare with it. */
    get isLogged() {
        return !this.state.entries.length || this.state.entries.some(({ seq }) => seq);
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
        if (!isWhole) {
            return _t("Changes found in the history (%s):", faults.length);
        }
        return entries === 1
            ? _t("The only entry is unchanged.")
            : _t("All %s entries are unchanged.", entries);
    }

    get faults() {
        const faults = this.state.verdict?.faults || [];
        return Object.fromEntries(faults.map((fault) => [fault.seq, fault.text]));
    }
}

registry.category("lazy_components").add("kpi_base.TimelineWidget", TimelineWidget);
