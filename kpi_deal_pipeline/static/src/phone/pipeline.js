import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { usePhone } from "@kpi_tracking_phone/app/phone";
import { phoneScreens } from "@kpi_tracking_phone/app/shell/screens";
import { momentOf, writeDay } from "@kpi_tracking_phone/app/when";
import { callModel, Unreachable } from "@kpi_tracking_phone/stored/server";

const MODEL = "kpi.deal";
const FIELDS = [
    "title",
    "partner_id",
    "pipeline_stage",
    "estimated_value_amount",
    "currency_id",
    "expected_close_date",
];
const MOST = 80;
const CLOSED = /^closed_/; // ends a deal: in the web client, which asks more

/** The open deals of whoever is signed in, by stage; each is moved by choosing another one. */
export class Pipeline extends Component {
    static template = "kpi_deal_pipeline.PhonePipeline";
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.state = useState({ deals: [], messages: {}, problem: "", stages: [] });
        onWillStart(() => this.load());
    }

    /** Stages in which there are deals, in their order. */
    get groups() {
        return this.state.stages
            .map(([stage, word]) => ({
                deals: this.state.deals.filter((deal) => deal.pipeline_stage === stage),
                stage,
                word,
            }))
            .filter(({ deals }) => deals.length);
    }

    get choices() {
        return this.state.stages.filter(([stage]) => !CLOSED.test(stage));
    }

    describe({ currency_id, estimated_value_amount, expected_close_date, partner_id }) {
        const unit = unitOfAnswer({ currencyId: currency_id[0], kind: "currency" });
        return [
            partner_id && partner_id[1],
            estimated_value_amount && formatKpi(estimated_value_amount, unit),
            expected_close_date && _t("closes %s", writeDay(momentOf(expected_close_date))),
        ]
            .filter(Boolean)
            .join(" · ");
    }

    async load() {
        const mine = [
            ["agent_id", "=", this.phone.me.uid],
            ["status", "=", "open"],
        ];
        const order = "expected_close_date, id";
        try {
            const [deals, { pipeline_stage }] = await Promise.all([
                callModel(MODEL, "search_read", mine, FIELDS, 0, MOST, order),
                callModel(MODEL, "fields_get", ["pipeline_stage"], ["selection"]),
            ]);
            Object.assign(this.state, { deals, problem: "", stages: pipeline_stage.selection });
        } catch (error) {
            this.state.problem = explain(error);
        }
    }

    /** It stays where it is until the server has moved it. */
    async move({ id, pipeline_stage }, select) {
        const { value: stage } = select;
        select.value = pipeline_stage;
        delete this.state.messages[id];
        try {
            await callModel(MODEL, "write", [id], { pipeline_stage: stage });
        } catch (error) {
            this.state.messages[id] = explain(error);
        }
        await this.load();
    }
}

function explain(error) {
    return error instanceof Unreachable ? _t("Connect to see your deals.") : error.message;
}

phoneScreens.add("pipeline", {
    component: Pipeline,
    model: MODEL,
    sequence: 50,
    word: _t("My pipeline"),
});
