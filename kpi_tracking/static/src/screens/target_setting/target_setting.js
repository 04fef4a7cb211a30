import { Component } from "@odoo/owl";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { formatDay } from "@kpi_base/eager/formatting/reader";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { HistoryChart } from "@kpi_tracking/screens/history_chart/history_chart";

const SUGGESTED = {
    same: _t("same level"),
    realistic: _t("realistic"),
    ambitious: _t("ambitious"),
};
const UNRATED = {
    day: (from) =>
        _t(
            "Days before %s stay without a target: they are shown, but not rated and raise no alert.",
            from,
        ),
    week: (from) =>
        _t(
            "Weeks before %s stay without a target: they are shown, but not rated and raise no alert.",
            from,
        ),
    month: (from) =>
        _t(
            "Months before %s stay without a target: they are shown, but not rated and raise no alert.",
            from,
        ),
    quarter: (from) =>
        _t(
            "Quarters before %s stay without a target: they are shown, but not rated and raise no alert.",
            from,
        ),
    year: (from) =>
        _t(
            "Years before %s stay without a target: they are shown, but not rated and raise no alert.",
            from,
        ),
};
const RATE_EARLIER = {
    day: _t("Rate earlier days too"),
    week: _t("Rate earlier weeks too"),
    month: _t("Rate earlier months too"),
    quarter: _t("Rate earlier quarters too"),
    year: _t("Rate earlier years too"),
};

/** Targets to choose from, what a target would mean, and which periods it leaves unrated. */
export class TargetSettingField extends Component {
    static template = "kpi_tracking.TargetSettingField";
    static components = { HistoryChart };
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }

    get setting() {
        return this.data[this.props.name] || {};
    }

    get suggestions() {
        return (this.setting.suggestions || []).map(({ key, value }) => ({
            isChosen: value === this.data.value,
            key,
            text: `${this.format(value)} ${SUGGESTED[key]}`,
            value,
        }));
    }

    /** Periods with the target where it would be valid: from the one that holds its first day. */
    get points() {
        const { date_from: day, range_high: high, range_low: low, value: target } = this.data;
        const from = day && serializeDate(day);
        return (this.setting.points || []).map((point) => {
            const isRated = from && point.stop > from;
            return { ...point, ...(isRated ? known({ high, low, target }) : {}) };
        });
    }

    /** The name of the period from which on the target is valid. */
    get from() {
        const { date_from: day } = this.data;
        const from = day && serializeDate(day);
        const found = this.points.find(({ start, stop }) => start <= from && from < stop);
        return found ? found.label : day ? formatDay(day) : "";
    }

    get label() {
        return _t("Preview of the target");
    }

    get note() {
        if (this.data.judges_earlier) {
            return _t("Earlier periods with a value are rated, too: %s.", this.data.earlier_count);
        }
        return UNRATED[this.setting.grain]?.(this.from) || "";
    }

    get choice() {
        const { earlier_count: count, judges_earlier: isRated } = this.data;
        if (isRated) {
            return _t("Leave them unrated");
        }
        return count ? RATE_EARLIER[this.setting.grain] || "" : "";
    }

    choose(value) {
        return this.props.record.update({ value });
    }

    toggleEarlier() {
        return this.props.record.update({ judges_earlier: !this.data.judges_earlier });
    }

    format(value) {
        return formatKpi(value, unitOf(this.data));
    }
}

/** Those numbers that are there: 0 is one. */
function known(numbers) {
    return Object.fromEntries(
        Object.entries(numbers).filter(([, number]) => typeof number === "number"),
    );
}

/** The first period of a target, chosen among those around today. */
export class TargetFromField extends Component {
    static template = "kpi_tracking.TargetFromField";
    static props = { ...standardFieldProps, placeholder: { type: String, optional: true } };

    get day() {
        return this.props.record.data[this.props.name];
    }

    get value() {
        return this.day ? serializeDate(this.day) : "";
    }

    /** A day that begins no period of these is one of them, too. */
    get options() {
        const points = this.props.record.data.setting?.points || [];
        const options = points.map(({ label, start }) => ({ label, value: start }));
        if (this.day && options.every(({ value }) => value !== this.value)) {
            options.push({ label: formatDay(this.day), value: this.value });
        }
        return options.sort((a, b) => (a.value < b.value ? -1 : 1));
    }

    choose({ target }) {
        return this.props.record.update({ [this.props.name]: deserializeDate(target.value) });
    }
}

registry.category("lazy_components").add("kpi_tracking.TargetFromField", TargetFromField);
registry.category("lazy_components").add("kpi_tracking.TargetSettingField", TargetSettingField);
