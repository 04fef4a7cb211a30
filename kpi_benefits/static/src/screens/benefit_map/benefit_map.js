import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { BenefitMapDrawing } from "./benefit_map_drawing";
import { BenefitMapTable } from "./benefit_map_table";

const MODEL = "kpi.benefit.map";

/** What enables benefits and which objectives they bring nearer. */
export class BenefitMap extends Component {
    static template = "kpi_benefits.BenefitMap";
    static components = { BenefitMapDrawing, BenefitMapTable, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        const isSmall = useService("ui").isSmall;
        this.state = useState({
            error: "",
            initiative: 0,
            isLoading: true,
            isTable: router.current.view ? router.current.view === "table" : isSmall,
            map: null,
        });
        onWillStart(async () => {
            this.choices = await this.orm.call(MODEL, "get_choices", []);
            this.choose(this.findFirst());
        });
    }

    /** What the address or a button asks for, else the initiative with most benefits. */
    findFirst() {
        const asked = this.props.action.params?.initiative ?? router.current.initiative;
        return asked === undefined ? this.choices[0]?.id || 0 : Number(asked) || 0;
    }

    get isUnlisted() {
        const { initiative } = this.state;
        return Boolean(initiative) && !this.choices.some((one) => one.id === initiative);
    }

    get hiddenText() {
        return _t("Hidden benefits: %s. Choose an initiative to see them.", this.state.map.hidden);
    }

    remember() {
        this.props.updateActionState?.({
            initiative: this.state.initiative,
            view: this.state.isTable ? "table" : "map",
        });
    }

    choose(initiative) {
        this.state.initiative = initiative;
        this.remember();
        return this.load();
    }

    toggleTable() {
        this.state.isTable = !this.state.isTable;
        this.remember();
    }

    async load() {
        Object.assign(this.state, { error: "", isLoading: true });
        try {
            const call = this.orm.silent.call(MODEL, "get_map", [this.state.initiative || null]);
            this.state.map = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The map could not be loaded."));
        }
        this.state.isLoading = false;
    }

    open(record) {
        if (!record.can_open) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: record.id,
            res_model: record.model,
            views: [[false, "form"]],
        });
    }

    add() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            context: { default_initiative_id: this.state.initiative || false },
            res_model: "kpi.benefit.node",
            views: [[false, "form"]],
        });
    }

    openBenefits() {
        return this.action.doAction("kpi_benefits.kpi_benefit_realization_action");
    }
}

registry.category("lazy_components").add("kpi_benefits.BenefitMap", BenefitMap);
