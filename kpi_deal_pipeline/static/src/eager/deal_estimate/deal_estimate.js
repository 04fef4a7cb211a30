import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { getCurrency } from "@web/core/currency";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { debounce } from "@web/core/utils/timing";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { formatMoneyExact } from "../money_field/money_field";
import { stepWords } from "./step_words";
import { day } from "@kpi_base/eager/formatting/formatting";

const PAUSE = 300; // milliseconds after the last move of a slider
const STEPS = 200; // of the slider for the value
const LEAST_DAYS = 365;

/**
 * What an open deal would bring an agent, by value and day: asked from the server, which
 * stores nothing of it.
 */
export class DealEstimate extends Component {
    static template = "kpi_deal_pipeline.DealEstimate";
    static props = {
        dealId: { type: Number },
        /** Where the sliders begin; default: as the deal says */
        day: { type: String, optional: true },
        value: { type: Number, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({
            agentId: false,
            day: this.props.day || false,
            error: "",
            found: null,
            isAsking: false,
            top: 0,
            value: this.props.value ?? false,
        });
        this.askSoon = debounce(() => this.ask(), PAUSE);
        onWillStart(() => {
            this.ask(); // the frame is shown meanwhile
        });
        onWillUnmount(() => this.askSoon.cancel());
    }

    get found() {
        return this.state.found;
    }

    get dealCurrency() {
        return getCurrency(this.found.deal_currency_id)?.symbol || "";
    }

    get valueStep() {
        return this.state.top / STEPS;
    }

    get dayOffset() {
        return daysBetween(this.found.first_day, this.state.day);
    }

    get mostDays() {
        const all = daysBetween(this.found.first_day, this.found.last_day);
        return Math.min(all, Math.max(LEAST_DAYS, this.dayOffset));
    }

    get dayText() {
        return day(this.state.day);
    }

    get valueText() {
        return formatMoneyExact(this.state.value, this.found.deal_currency_id);
    }

    get gain() {
        return this.money(this.found.gain);
    }

    /** Both parts of the gain, and the period before and after; what is 0 is left out. */
    get lines() {
        const { before, gain, others, own, period } = this.found;
        const lines = [];
        if (others) {
            lines.push(
                { label: _t("On this deal"), amount: this.money(own) },
                {
                    label: _t("On other deals in %s, at the new rate", period),
                    amount: this.money(others),
                },
            );
        }
        lines.push(
            { label: _t("%s without this deal", period), amount: this.money(before) },
            { label: _t("%s with this deal", period), amount: this.money(before + gain) },
        );
        return lines;
    }

    get nextStep() {
        const { currency_id, next_step } = this.found;
        return next_step ? stepWords(next_step, currency_id, formatMoneyExact) : "";
    }

    money(amount) {
        return formatMoneyExact(amount, this.found.currency_id);
    }

    async ask() {
        const { agentId, day, value } = this.state;
        this.state.isAsking = true;
        try {
            const asked = this.orm.silent.call("kpi.deal", "get_earnings_estimate", [
                [this.props.dealId],
                agentId,
                value,
                day,
            ]);
            this.take(await this.last.add(asked));
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The estimate could not be computed."));
        }
        this.state.isAsking = false;
    }

    take(found) {
        const top = this.state.top || topOf(found.value);
        const { agent_id: agentId, day, value } = found;
        Object.assign(this.state, { agentId, day, error: "", found, top, value });
    }

    /** Ask soon for what was entered: an answer on its way to an earlier question is void. */
    change(entered) {
        this.last.add(new Promise(() => {}));
        Object.assign(this.state, entered, { isAsking: true });
        this.askSoon();
    }

    onValue(ev) {
        const value = parseFloat(ev.target.value);
        if (Number.isFinite(value)) {
            this.change({ value });
        }
    }

    onOffset(ev) {
        const first = deserializeDate(this.found.first_day);
        this.change({ day: serializeDate(first.plus({ days: Number(ev.target.value) })) });
    }

    onDay(ev) {
        if (ev.target.value) {
            this.change({ day: ev.target.value });
        }
    }

    onAgent(ev) {
        this.state.agentId = Number(ev.target.value);
        this.ask();
    }
}

/** The end of a slider: a round number above twice the value. */
function topOf(value) {
    const least = 2 * value || 100_000;
    const unit = 10 ** Math.floor(Math.log10(least));
    return Math.ceil(least / unit) * unit;
}

function daysBetween(first, last) {
    return Math.round(deserializeDate(last).diff(deserializeDate(first), "days").days);
}

/** The estimate of the deal of a form, from the value and the day that stand there. */
export class DealEstimateWidget extends Component {
    static template = "kpi_deal_pipeline.DealEstimateWidget";
    static components = { DealEstimate };
    static props = ["*"];

    get deal() {
        const { data, resId } = this.props.record;
        const { estimated_value_amount, expected_close_date, write_date } = data;
        const today = luxon.DateTime.now().startOf("day");
        const isAhead = expected_close_date && expected_close_date >= today;
        const shown = {
            day: isAhead ? serializeDate(expected_close_date) : undefined,
            value: estimated_value_amount,
        };
        // Anew when something else stands there, or was saved.
        const key = [resId, write_date?.ts, shown.day, shown.value].join();
        return { id: resId, key, ...shown };
    }
}

registry.category("view_widgets").add("kpi_deal_estimate", {
    component: DealEstimateWidget,
    fieldDependencies: [
        { name: "estimated_value_amount", type: "monetary" },
        { name: "expected_close_date", type: "date" },
        { name: "write_date", type: "datetime" },
    ],
});
