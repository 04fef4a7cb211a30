import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { compact } from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";
import { statusLook } from "@kpi_tracking/eager/status_chip/status_chip";

/** The KPI's own chart with the period of the alert, and the levels that open it. */
export class AlertChartField extends Component {
    static template = "kpi_tracking_alert.AlertChartField";
    static components = { HistoryChart: onDemand("kpi_tracking.HistoryChart") };
    static props = { ...standardFieldProps };

    setup() {
        this.format = this.format.bind(this);
    }

    get chart() {
        return this.props.record.data[this.props.name];
    }

    get data() {
        return this.props.record.data;
    }

    /** Whether the axis starts at zero: for values that are counted or add up. */
    get startsAtZero() {
        const { aggregation_time, decimals, unit } = this.data;
        return aggregation_time === "sum" || (unit === "number" && !decimals);
    }

    format(value) {
        return compact(value, unitOf(this.data));
    }
}

/** What the value of an alert is made of: each part with its share of its target. */
export class AlertPartsField extends Component {
    static template = "kpi_tracking_alert.AlertPartsField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get parts() {
        return this.props.record.data[this.props.name] || [];
    }

    look({ status }) {
        return statusLook(status, false);
    }

    open({ id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: "kpi.report",
            views: [[false, "form"]],
        });
    }
}

registry
    .category("lazy_components")
    .add("kpi_tracking_alert.AlertChartField", AlertChartField)
    .add("kpi_tracking_alert.AlertPartsField", AlertPartsField);
