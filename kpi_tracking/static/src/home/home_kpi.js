import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
    formatChange,
    formatKpi,
    formatKpiExact,
    unitOfAnswer,
} from "../eager/kpi_format/kpi_format";
import { STATUSES } from "../eager/status_chip/status_chip";

/** A KPI in one line: where it stands, and where it stood before. */
export class HomeKpi extends Component {
    static template = "kpi_tracking.HomeKpi";
    static props = { kpi: { type: Object }, open: { type: Function } };

    get status() {
        return STATUSES[this.props.kpi.status] || STATUSES.no_data;
    }

    get unit() {
        return unitOfAnswer(this.props.kpi.unit);
    }

    get about() {
        const { period, scope } = this.props.kpi;
        return [scope, period.label].filter(Boolean).join(" · ");
    }

    get value() {
        return formatKpi(this.props.kpi.value, this.unit);
    }

    get exact() {
        return formatKpiExact(this.props.kpi.value, this.unit);
    }

    get change() {
        const { previous, value } = this.props.kpi;
        const change = formatChange(value, previous, this.unit);
        return _t("%(change)s vs %(before)s", { change, before: formatKpi(previous, this.unit) });
    }
}
