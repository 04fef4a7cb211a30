import { Component } from "@odoo/owl";
import { formatKpi, formatKpiExact } from "../../kpi_format/kpi_format";
import { Sparkline } from "../../sparkline/sparkline";
import { BANDS, STATUSES } from "../../status_chip/status_chip";
import { comparisonsOf, unitOfTile } from "../kpi_data";

/** A KPI in one line: where it stands, how it came there. */
export class HomeKpi extends Component {
    static template = "kpi_tracking.HomeKpi";
    static components = { Sparkline };
    static props = { kpi: { type: Object }, open: { type: Function } };

    get status() {
        const { band, status } = this.props.kpi;
        return BANDS[band] || STATUSES[status] || STATUSES.no_data;
    }

    get unit() {
        return unitOfTile(this.props.kpi.unit);
    }

    get value() {
        const { has_value, value } = this.props.kpi;
        return has_value ? formatKpi(value, this.unit) : "–";
    }

    get exact() {
        const { has_value, value } = this.props.kpi;
        return has_value ? formatKpiExact(value, this.unit) : "";
    }

    get reason() {
        const { kpi } = this.props;
        return kpi.reason || comparisonsOf(kpi, ["previous", "target"]).join(" · ");
    }

    get points() {
        return this.props.kpi.sparkline?.points || [];
    }

    get isRunning() {
        return Boolean(this.props.kpi.sparkline?.running);
    }

    get about() {
        const { period, scope } = this.props.kpi;
        return [scope, period?.label].filter(Boolean).join(" · ");
    }
}
