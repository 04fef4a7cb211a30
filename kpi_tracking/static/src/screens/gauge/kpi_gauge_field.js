import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { statusOfZone } from "@kpi_tracking/eager/status_chip/status_chip";
import { Gauge } from "./gauge";
import { GaugeBar } from "@kpi_tracking/eager/gauge/gauge_bar";
import { chooseScale, STYLES, zoneAt, zonesOfTarget } from "./gauge_geometry";

const formatters = registry.category("formatters");

/** Any number of any record as a gauge; the view says what it is measured by. */
export class KpiGaugeField extends GaugeBar {
    static template = "kpi_tracking.KpiGaugeField";
    static components = { ...GaugeBar.components, Gauge };
    static props = {
        ...standardFieldProps,
        animation: { type: Boolean, optional: true },
        baselineField: { type: String, optional: true },
        direction: { type: String, optional: true },
        label: { type: String, optional: true },
        max: { type: Number, optional: true },
        maxField: { type: String, optional: true },
        min: { type: Number, optional: true },
        style: { type: String, optional: true },
        target: { type: Number, optional: true },
        targetField: { type: String, optional: true },
        viewType: { type: String },
        zones: { optional: true }, // as the view gives them
        zonesField: { type: String, optional: true },
    };

    setup() {
        super.setup();
        const { animation, style = "linear", viewType } = this.props;
        const isForm = viewType === "form";
        this.isCompact = !isForm && style === "linear";
        this.look = {
            isAnimated: isForm && animation !== false,
            isLazy: !isForm,
            type: style in STYLES ? style : "linear",
        };
    }

    /** @returns {Object} the props of the gauge */
    get gauge() {
        const { isCompact } = this;
        const value = this.numberOf(this.props.name);
        const target = this.props.target ?? this.numberOf(this.props.targetField);
        const baseline = this.numberOf(this.props.baselineField);
        const zones = this.zonesFor(target);
        const zone = zones.length && value !== null ? zoneAt(zones, value) : null;
        const status = zone ? statusOfZone(zone) : undefined;
        const scale = this.scaleFor({ baseline, target, value, zones });
        const number = value === null ? "–" : this.format(value);
        return {
            ...scale,
            ...this.look,
            details: () => this.details({ baseline, number, status, target }),
            highText: isCompact ? "" : this.format(scale.high),
            label: this.label,
            lowText: isCompact ? "" : this.format(scale.low),
            marks: [
                ...this.mark("baseline", baseline),
                ...this.mark("target", target, isCompact ? "" : this.format(target)),
            ],
            number,
            spoken: this.spoken({ number, status, target, value }),
            status,
            value,
            zones,
        };
    }

    get label() {
        const { label, name, record } = this.props;
        return label || record.fields[name].string;
    }

    numberOf(name) {
        const value = name && this.props.record.data[name];
        return typeof value === "number" ? value : null;
    }

    mark(kind, value, text) {
        return value === null ? [] : [{ kind, text, value }];
    }

    /** Zones of the view, of the record, or those of a status where there is a target. */
    zonesFor(target) {
        const { direction, record, zones, zonesField } = this.props;
        const own = zonesOf(zones) || (zonesField && zonesOf(readZones(record.data[zonesField])));
        return own || (target === null ? [] : zonesOfTarget(target, direction));
    }

    scaleFor({ baseline, target, value, zones }) {
        const { max, min } = this.props;
        const limits = zones.flatMap(({ from, to }) => [from, to]);
        const scale = chooseScale([...limits, baseline, target], {
            startsAtZero: this.look.type !== "speedometer",
            value: this.isCompact ? null : value, // lines below each other have one scale
        });
        const high = max ?? this.numberOf(this.props.maxField) ?? scale.high;
        const low = min ?? Math.min(scale.low, high > 0 ? 0 : high - 1);
        return low < high ? { low, high } : scale;
    }

    format(value) {
        const { name, record } = this.props;
        const field = record.fields[name];
        if (value === null) {
            return "";
        }
        const options = { data: record.data, digits: field.digits, field, trailingZeros: false };
        return formatters.get(field.type)(value, options);
    }

    spoken({ number, status, target, value }) {
        if (value === null) {
            return _t("No data");
        }
        const text =
            target === null
                ? number
                : _t("%(value)s, target %(target)s", {
                      value: number,
                      target: this.format(target),
                  });
        return status ? `${text}, ${status.word}` : text;
    }

    details({ baseline, number, status, target }) {
        return [
            [_t("Value"), number],
            [_t("Target"), this.format(target)],
            [_t("Baseline"), this.format(baseline)],
            [_t("Status"), status ? status.word : ""],
        ].filter(([, text]) => String(text));
    }
}

/** Zones that a view or a record gives; none where they are no list of such. */
function zonesOf(given) {
    if (!Array.isArray(given) || given.some((zone) => Object(zone) !== zone)) {
        return undefined;
    }
    const zones = given.map(toZone);
    const isEnd = (end) => end === null || Number.isFinite(end);
    return zones.every(({ from, to }) => isEnd(from) && isEnd(to)) ? zones : undefined;
}

/** Zones of a field: JSON as such or as text; none where it cannot be read. */
function readZones(value) {
    try {
        const zones = typeof value === "string" ? JSON.parse(value) : value;
        return Array.isArray(zones) ? zones : null;
    } catch {
        return null;
    }
}

/** A zone of a view: `[from, to, color]` or `{from, to, color}`. */
function toZone(zone) {
    const [from, to, color] = Array.isArray(zone) ? zone : [zone.from, zone.to, zone.color];
    return { from: from ?? null, to: to ?? null, color, label: zone.label || "" };
}

registry.category("lazy_components").add("kpi_tracking.KpiGaugeField", KpiGaugeField);
