import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import {
    achievement as formatAchievement,
    compact as formatKpi,
    full as formatKpiFull,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";

const IN_BAND = ["running", "closed"]; // figures of periods of the KPI's own length

/**
 * The period that a form was opened with, above the figures of the latest one; nothing where
 * these include it (`standing`, see `KpiBand`).
 */
export class KpiAskedPeriodField extends Component {
    static template = "kpi_tracking.KpiAskedPeriodField";
    static components = { StatusChip };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get period() {
        const { [this.props.name]: period, standing } = this.props.record.data;
        const isInBand = standing?.figures?.some(
            ({ key, start }) => IN_BAND.includes(key) && start === period.start,
        );
        return isInBand ? false : period;
    }

    get unit() {
        return unitOf(this.props.record.data);
    }

    get hasValue() {
        return this.period.value !== null;
    }

    get value() {
        return this.hasValue ? formatKpi(this.period.value, this.unit) : "–";
    }

    get exact() {
        return this.hasValue ? formatKpiFull(this.period.value, this.unit) : "";
    }

    get achievement() {
        const { achievement } = this.period;
        return achievement === null ? "" : _t("%s of target", formatAchievement(achievement));
    }

    /** Which period the rest of the form is of. */
    get latest() {
        const { is_running, period_label } = this.props.record.data;
        if (!period_label) {
            return "";
        }
        return is_running ? _t("Below: %s, so far", period_label) : _t("Below: %s", period_label);
    }

    async explain() {
        const { resId, resModel } = this.props.record;
        const args = [[resId], this.period.grain, this.period.start];
        this.action.doAction(await this.orm.call(resModel, "action_explain_period", args));
    }
}

registry.category("lazy_components").add("kpi_tracking.KpiAskedPeriodField", KpiAskedPeriodField);
