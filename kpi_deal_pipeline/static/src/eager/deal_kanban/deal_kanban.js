import { user } from "@web/core/user";
import { _t } from "@web/core/l10n/translation";
import { getCurrency } from "@web/core/currency";
import { patch } from "@web/core/utils/patch";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RottingColumnProgress } from "@mail/js/rotting_mixin/rotting_column_progress";
import { RottingKanbanHeader } from "@mail/js/rotting_mixin/rotting_kanban_header";
import { rottingKanbanView } from "@mail/js/rotting_mixin/rotting_kanban_view";
import { formatMoney, formatMoneyExact } from "../money_field/money_field";

const CLOSED = ["closed_won", "closed_lost"];
// Fields that the heads of the columns sum up, in the statement that reads the columns.
const SUMMED = ["company_amount", "estimated_value_amount", "late_count"];
const MEDIUM = 0.4;
const HIGH = 0.7;

/** @returns {string} how sure the agent of an open deal is; nothing where nobody said */
export function confidenceBand({ confidence, status }) {
    if (!confidence || (status && status !== "open")) {
        return "";
    }
    return confidence >= HIGH ? "high" : confidence >= MEDIUM ? "medium" : "low";
}

/** Bar of a column, and below it how many deals it has, their worth and the late ones. */
export class DealColumnProgress extends RottingColumnProgress {
    static template = "kpi_deal_pipeline.DealColumnProgress";

    get count() {
        const { group, progressBarState } = this.props;
        return progressBarState.getGroupCount(group) ?? group.count;
    }

    get countText() {
        return this.count === 1 ? _t("1 deal") : _t("%s deals", this.count);
    }

    /** Closed deals are not weighted any more: their column says what they are worth. */
    get isClosed() {
        const { groupByField, value } = this.props.group;
        return groupByField.name === "pipeline_stage" && CLOSED.includes(value);
    }

    get sum() {
        return this.isClosed ? this.aggregate("company_amount") : this.props.aggregate;
    }

    get isSumKnown() {
        const name = this.isClosed ? "company_amount" : "weighted_amount";
        return this.props.group.aggregates[name] !== false;
    }

    get currencyId() {
        const { currencies = [] } = this.sum;
        return currencies.length === 1 ? currencies[0] : user.activeCompany.currency_id;
    }

    /** Currencies of the deals, where the sum is in another one. */
    get currencies() {
        const { currency_id: used, company_currency_id: summed } = this.props.group.aggregates;
        const ids = new Set([...(used || []), ...(summed || [])].filter(Boolean));
        return ids.size > 1 || !ids.has(this.currencyId) ? [...ids] : [];
    }

    get sumText() {
        if (!this.count) {
            return "";
        }
        if (!this.isSumKnown) {
            return _t("no exchange rate");
        }
        const amount = formatMoney(this.sum.value, this.currencyId);
        const text = this.isClosed ? amount : _t("%s weighted", amount);
        const names = this.currencies.map((id) => getCurrency(id)?.name).filter(Boolean);
        return names.length
            ? _t("%(sum)s from %(currencies)s", {
                  sum: text,
                  currencies: names.join(", "),
              })
            : text;
    }

    get sumHint() {
        if (!this.isSumKnown) {
            return _t("No deal in this column has an exchange rate.");
        }
        const lines = [formatMoneyExact(this.sum.value, this.currencyId)];
        lines.push(
            this.isClosed
                ? _t("Value in company currency")
                : _t("Value of the open deals × confidence"),
        );
        if (this.currencies.length) {
            lines.push(_t("Converted at exchange rates. Deals without one are left out."));
        }
        return lines.join("\n");
    }

    get lateCount() {
        return this.aggregate("late_count").value;
    }

    get lateText() {
        return _t("%s late", this.lateCount);
    }

    get lateHint() {
        return _t("Past the expected close, or longer in the stage than usual. Click to see them.");
    }

    aggregate(name) {
        const { group, progressBarState } = this.props;
        return progressBarState.getAggregateValue(group, group.fields[name]);
    }
}

export class DealKanbanHeader extends RottingKanbanHeader {
    static components = {
        ...RottingKanbanHeader.components,
        ColumnProgress: DealColumnProgress,
    };
}

/** Card whose colour says how sure its agent is. */
export class DealKanbanRecord extends rottingKanbanView.Renderer.components.KanbanRecord {
    getRecordClasses() {
        const band = confidenceBand(this.props.record.data);
        const classes = [super.getRecordClasses()];
        if (band) {
            classes.push(`o_kpi_confidence_${band}`);
        }
        return classes.join(" ");
    }
}

/** Board of deals: a card dropped on “Lost” stays where it was until the reason is told. */
export class DealKanbanRenderer extends rottingKanbanView.Renderer {
    static template = "kpi_deal_pipeline.DealKanbanRenderer";
    static components = {
        ...rottingKanbanView.Renderer.components,
        KanbanHeader: DealKanbanHeader,
        KanbanRecord: DealKanbanRecord,
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get legend() {
        const [medium, high] = [MEDIUM * 100, HIGH * 100];
        return [
            { key: "none", label: _t("none") },
            { key: "low", label: _t("below %s %", medium) },
            { key: "medium", label: _t("%(from)s to %(to)s %", { from: medium, to: high }) },
            { key: "high", label: _t("from %s %", high) },
        ];
    }

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const { groups = [], records } = this.props.list;
        const target = groups.find((group) => group.id === params.parent?.dataset.id);
        const isLost =
            target?.groupByField.name === "pipeline_stage" && target.value === "closed_lost";
        if (!isLost || dataGroupId === target.id) {
            return super.sortRecordDrop(dataRecordId, dataGroupId, params);
        }
        params.parent.classList.remove("o_kanban_hover");
        const record = records.find((each) => each.id === dataRecordId);
        await this.action.doActionButton({
            type: "object",
            name: "action_move",
            resModel: record.resModel,
            resId: record.resId,
            context: { to_stage: target.value },
            onClose: () => this.props.list.model.load(),
        });
    }
}

/** What a click on “2 late” filters, where Odoo has deals too long in their stage only. */
const lateFilter = {
    async setFilterRotten(group) {
        await group.applyFilter([["is_late", "=", true]]);
        this.rotIsFiltered[group.id] = group;
        delete this.activeBars[group.serverValue];
    },
    getGroupCount(group) {
        return this.rotIsFiltered[group.id] ? group.list.count : super.getGroupCount(group);
    },
};

export class DealKanbanController extends rottingKanbanView.Controller {
    setup() {
        super.setup();
        if (this.progressBarState) {
            patch(this.progressBarState, lateFilter);
        }
    }

    get progressBarAggregateFields() {
        const summed = SUMMED.map((name) => this.props.fields[name]).filter(Boolean);
        return [...super.progressBarAggregateFields, ...summed];
    }
}

export const dealKanbanView = {
    ...rottingKanbanView,
    Controller: DealKanbanController,
    Renderer: DealKanbanRenderer,
};

registry.category("views").add("kpi_deal_kanban", dealKanbanView);
