import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
    change as formatChange,
    compact as formatKpi,
    full as formatKpiFull,
} from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "../eager/kpi_format/kpi_unit";
import { Sparkline, trendLabel } from "../eager/sparkline/sparkline";
import { STATUSES } from "../eager/status_chip/status_chip";
import { ownLabel, withoutYear } from "../card/card_record";
import { plain } from "@kpi_base/eager/formatting/formatting";

const TONES = { better: "o_kpi_status_success", worse: "o_kpi_status_danger" };
const JUDGED = ["on_target", "at_risk", "off_target"];

/** A KPI that changed more than it usually does, in one row. */
export class HomeChange extends Component {
    static template = "kpi_tracking.HomeChange";
    static components = { Sparkline };
    static props = {
        change: { type: Object },
        mainLabel: { type: String },
        open: { type: Function },
    };

    get status() {
        return STATUSES[this.props.change.status] || STATUSES.no_data;
    }

    get unit() {
        return unitOfAnswer(this.props.change.unit);
    }

    get tone() {
        return TONES[this.props.change.tone] || "";
    }

    get value() {
        return formatKpi(this.props.change.value, this.unit);
    }

    get exact() {
        return formatKpiFull(this.props.change.value, this.unit);
    }

    get step() {
        const { previous, value } = this.props.change;
        return formatChange(value, previous, this.unit);
    }

    get stepTitle() {
        const { previous, previous_label } = this.props.change;
        return `${previous_label}: ${formatKpi(previous, this.unit)}`;
    }

    get trendLabel() {
        return trendLabel(this.props.change.trend, this.unit);
    }

    /** How unusual the change is, and how the running period goes. */
    get about() {
        const { change, mainLabel } = this.props;
        return [
            ownLabel(change, mainLabel),
            this.unusual,
            change.now ? this.describe(change.now) : "",
        ]
            .filter(Boolean)
            .join(" · ");
    }

    get unusual() {
        const { is_far, is_first, ratio } = this.props.change;
        if (is_first) {
            return _t("first change in 12 periods");
        }
        if (ratio === null) {
            return "";
        }
        if (is_far) {
            return _t("rarely changes this much");
        }
        const times = plain(ratio, ratio < 10 ? 1 : 0);
        return _t("%s× the usual change", times);
    }

    describe({ label, status, value }) {
        const words = {
            period: withoutYear(label, this.props.change.period.label),
            value: formatKpi(value, this.unit),
        };
        if (!JUDGED.includes(status)) {
            return _t("%(period)s so far %(value)s", words);
        }
        const word = STATUSES[status].word.toString().toLowerCase();
        return _t("%(period)s so far %(value)s, %(status)s", { ...words, status: word });
    }
}
