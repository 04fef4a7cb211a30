import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { statusOfZone } from "@kpi_tracking/eager/status_chip/status_chip";
import { Gauge } from "./gauge";
import { GaugeBar } from "@kpi_tracking/eager/gauge/gauge_bar";
import { zoneAt } from "./gauge_geometry";

/** Sample of a gauge, drawn for a number that stands for any. */
export class GaugeSampleField extends Component {
    static template = "kpi_tracking.GaugeSampleField";
    static components = { Gauge, GaugeBar };
    static props = { ...standardFieldProps, isCompact: { type: Boolean, optional: true } };

    get sample() {
        return this.props.record.data[this.props.name];
    }

    get isBar() {
        return this.props.isCompact && this.sample.style === "linear";
    }

    get gauge() {
        const { animated, high, low, style, target, value, zones } = this.sample;
        const zone = zones.length ? zoneAt(zones, value) : null;
        const { isCompact } = this.props;
        return {
            high,
            highText: String(high),
            isAnimated: animated && !isCompact,
            label: _t("Example"),
            low,
            lowText: String(low),
            marks: [{ kind: "target", text: String(target), value: target }],
            number: String(value),
            spoken: _t("%(value)s of %(target)s", { value, target }),
            status: zone ? statusOfZone(zone) : undefined,
            type: style,
            value,
            zones,
        };
    }
}

registry.category("lazy_components").add("kpi_tracking.GaugeSampleField", GaugeSampleField);
