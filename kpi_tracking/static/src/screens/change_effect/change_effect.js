import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import {
    full as formatKpiFull,
    fixed as formatKpiRounded,
} from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { Sparkline } from "@kpi_tracking/eager/sparkline/sparkline";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { percent } from "@kpi_base/eager/formatting/formatting";

/** What a proposal would change in the last periods: values and status, side by side. */
export class ChangeEffect extends Component {
    static template = "kpi_tracking.ChangeEffect";
    static components = { Sparkline, StatusChip };
    static props = {
        effect: Object, // as kpi.approval.change.get_effect returns it
    };

    /** Titles of the columns, which stand beside their cells on a phone. */
    labels = {
        value: _t("Value"),
        before: _t("Before"),
        after: _t("After"),
        statusBefore: _t("Status before"),
        statusAfter: _t("Status after"),
    };

    get hasBefore() {
        return this.props.effect.periods.some((period) => period.is_before);
    }

    /** Whether values change, or only what they are judged by. */
    get hasNewValues() {
        const { before, after } = this.props.effect;
        return before.value.some((value, at) => value !== after.value[at]);
    }

    /** Periods, latest first: that is what most decisions are about. */
    get rows() {
        const { periods } = this.props.effect;
        return periods.map((period, at) => this.rowOf(period, at)).reverse();
    }

    rowOf(period, at) {
        const side = (cells) => ({
            value: this.format(cells.value[at]),
            target: this.targetText(cells, at),
            status: cells.status[at],
        });
        const { before, after } = this.props.effect;
        const [old, changed] = [side(before), side(after)];
        return {
            ...period,
            old,
            changed,
            isOther: old.status !== changed.status || old.value !== changed.value,
        };
    }

    targetText({ target, low, high }, at) {
        if (low[at] === null && high[at] === null) {
            return this.formatTarget(target[at]);
        }
        return `${this.formatTarget(low[at])} – ${this.formatTarget(high[at])}`;
    }

    /** Values beside their target, as the line draws them. */
    points(cells) {
        return cells.value.map((value, at) => ({
            value,
            target: cells.target[at],
            low: cells.low[at],
            high: cells.high[at],
        }));
    }

    get charts() {
        const { before, after } = this.props.effect;
        return [
            { label: _t("Before"), points: this.points(before) },
            { label: _t("After"), points: this.points(after) },
        ];
    }

    /** Formulas and scorecards in the latest period that differs, else that is known. */
    get others() {
        const { formulas, scorecards } = this.props.effect;
        const share = (value) => (value === null ? "–" : percent(value / 100));
        return [
            ...formulas.map(({ name, unit, before, after }) => ({
                kind: _t("Formula"),
                name,
                ...this.latest(before.value, after.value, (value) => this.format(value, unit)),
            })),
            ...scorecards.map(({ name, before, after }) => ({
                kind: _t("Scorecard"),
                name,
                ...this.latest(before, after, share),
            })),
        ];
    }

    latest(before, after, format) {
        const isKnown = (_value, at) => before[at] !== null || after[at] !== null;
        const other = before.findLastIndex((value, at) => value !== after[at]);
        const at = other >= 0 ? other : before.findLastIndex(isKnown);
        if (at < 0) {
            return { label: "", old: "–", changed: "–" };
        }
        return {
            label: this.props.effect.periods[at].label,
            old: format(before[at]),
            changed: format(after[at]),
        };
    }

    /** A target in full: rounded as values are, 2.5 in place of 3 would look unchanged. */
    formatTarget(value) {
        const unit = unitOfAnswer(this.props.effect.unit);
        return value === null ? "–" : formatKpiFull(value, unit);
    }

    format(value, unit = this.props.effect.unit) {
        return value === null ? "–" : formatKpiRounded(value, unitOfAnswer(unit));
    }
}

/** Loads the effect of the proposal of a form. */
export class ChangeEffectWidget extends Component {
    static template = "kpi_tracking.ChangeEffectWidget";
    static components = { ChangeEffect };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ effect: null });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps(({ record }) => this.load(record.resId));
    }

    async load(id) {
        this.state.effect = id
            ? await this.orm.call("kpi.approval.change", "get_effect", [[id]])
            : null;
    }
}

registry.category("lazy_components").add("kpi_tracking.ChangeEffectWidget", ChangeEffectWidget);
