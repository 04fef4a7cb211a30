import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import {
    achievement as formatAchievement,
    change as formatChange,
} from "@kpi_base/eager/formatting/formatting";

const POINTS = { kind: "percent", decimals: 1 };

/** The one figure of a scorecard, in large type; a dash where no KPI counts. */
export class KpiScoreField extends Component {
    static template = "kpi_tracking.KpiScoreField";
    static props = { ...standardFieldProps };

    get text() {
        const { data } = this.props.record;
        return data.counted_weight > 0 ? formatAchievement(data[this.props.name]) : "–";
    }
}

/** Points that a KPI costs its scorecard; nothing where it does not count or reaches all. */
export class KpiPointsField extends Component {
    static template = "kpi_tracking.KpiPointsField";
    static props = { ...standardFieldProps };

    get text() {
        const points = this.props.record.data[this.props.name];
        return points >= 0.05 ? formatChange(-points, 0, POINTS) : "";
    }
}

/** Points that a scorecard gained since the period before; empty where unknown. */
export class KpiTrendField extends Component {
    static template = "kpi_tracking.KpiTrendField";
    static props = { ...standardFieldProps };

    get points() {
        return this.props.record.data[this.props.name];
    }

    get isKnown() {
        return this.props.record.data.has_trend;
    }

    get isLevel() {
        return Math.abs(this.points) < 0.05;
    }

    get icon() {
        if (this.isLevel) {
            return "fa-arrow-right";
        }
        return this.points > 0 ? "fa-arrow-up" : "fa-arrow-down";
    }

    get text() {
        return this.isLevel ? _t("unchanged") : formatChange(this.points, 0, POINTS);
    }
}

registry
    .category("lazy_components")
    .add("kpi_tracking.KpiPointsField", KpiPointsField)
    .add("kpi_tracking.KpiScoreField", KpiScoreField)
    .add("kpi_tracking.KpiTrendField", KpiTrendField);
