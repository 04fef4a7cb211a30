import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { compact as formatKpi, period as writePeriod } from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { Sparkline } from "@kpi_tracking/eager/sparkline/sparkline";

/** Values that a formula would have given in the last periods. */
export class FormulaPreviewField extends Component {
    static template = "kpi_tracking.FormulaPreviewField";
    static components = { Sparkline };
    static props = { ...standardFieldProps };

    get points() {
        const { data } = this.props.record;
        const unit = unitOf(data);
        return (data[this.props.name] || []).map(({ period, reason, value }) => ({
            label: writePeriod(period, data.frequency),
            reason,
            text: value === null ? "–" : formatKpi(value, unit),
            value,
        }));
    }

    /** The first reason for a missing value: usually that of all. */
    get reason() {
        return this.points.find((point) => point.reason)?.reason || "";
    }

    get label() {
        return _t("Preview of recent periods");
    }
}

registry.category("lazy_components").add("kpi_tracking.FormulaPreviewField", FormulaPreviewField);
