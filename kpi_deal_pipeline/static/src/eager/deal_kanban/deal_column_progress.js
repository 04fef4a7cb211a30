import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { RottingColumnProgress } from "@mail/js/rotting_mixin/rotting_column_progress";
import { formatMoney, formatMoneyExact } from "../money_field/money_field";

const CLOSED = ["closed_won", "closed_lost"];

/** @returns {boolean} whether a column has closed deals */
export function isClosedColumn({ groupByField, value }) {
    return groupByField.name === "pipeline_stage" && CLOSED.includes(value);
}

/** Bar of a column, and below it how many deals it has, their worth and those that need attention. */
export class DealColumnProgress extends RottingColumnProgress {
    static template = "kpi_deal_pipeline.DealColumnProgress";

    /** As many as the sum beside it is of, whichever of them are shown. */
    get count() {
        const { group, progressBarState } = this.props;
        return progressBarState.activeBars[group.serverValue]?.count ?? group.count;
    }

    get isLateShown() {
        const { group, progressBarState } = this.props;
        return Boolean(progressBarState.rotIsFiltered[group.id]);
    }

    get countText() {
        return this.count === 1 ? _t("1 deal") : _t("%s deals", this.count);
    }

    /** Closed deals are not weighted any more: their column says what they are worth. */
    get isClosed() {
        return isClosedColumn(this.props.group);
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
            lines.push(_t("Converted at exchange rates. Deals without a rate are excluded."));
        }
        return lines.join("\n");
    }

    get lateCount() {
        return this.aggregate("late_count").value;
    }

    get lateText() {
        return this.lateCount === 1
            ? _t("1 needs attention")
            : _t("%s need attention", this.lateCount);
    }

    get lateHint() {
        return _t("Deals past the expected close or too long in the stage. Click to see them.");
    }

    aggregate(name) {
        const { group, progressBarState } = this.props;
        return progressBarState.getAggregateValue(group, group.fields[name]);
    }
}
