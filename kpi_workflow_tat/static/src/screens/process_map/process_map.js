import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { MapDrawing } from "./map_drawing";
import { MapTable } from "./map_table";
import { fromAddress, toAddress, toOptions } from "./map_choice";
import { count } from "./map_words";

const MODEL = "kpi.tat.process.map";

/** What follows on what in requests: chosen in the bar, stored in the address. */
export class ProcessMap extends Component {
    static template = "kpi_workflow_tat.ProcessMap";
    static components = { Layout, MapDrawing, MapTable };
    static props = { ...standardActionServiceProps };

    count = count;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({ choice: {}, error: "", isLoading: true, map: null });
        onWillStart(async () => {
            this.choices = await this.orm.call(MODEL, "get_choices", []);
            // The choice of the screen that opened it comes before the address.
            const asked = { ...router.current, ...this.props.action.context?.process_map };
            this.choose(fromAddress(asked, this.choices));
        });
    }

    get shares() {
        return [
            [80, _t("Most frequent")],
            [95, _t("More")],
            [100, _t("All")],
        ];
    }

    get figures() {
        return [
            ["count", _t("Frequency")],
            ["wall", _t("Elapsed time")],
            ["worked", _t("Working time")],
        ];
    }

    get hasFilters() {
        const { template, department, from, to } = this.state.choice;
        return Boolean(template || department || from || to);
    }

    change(changes) {
        return this.choose({ ...this.state.choice, ...changes });
    }

    clear() {
        return this.change({ department: 0, from: "", template: 0, to: "" });
    }

    /** Show another choice, and keep it in the address. */
    choose(choice) {
        this.state.choice = choice;
        this.props.updateActionState?.(toAddress(choice));
        return this.load();
    }

    show(figure) {
        this.state.choice = { ...this.state.choice, figure };
        this.props.updateActionState?.(toAddress(this.state.choice));
    }

    toggleTable() {
        this.state.choice = { ...this.state.choice, isTable: !this.state.choice.isTable };
        this.props.updateActionState?.(toAddress(this.state.choice));
    }

    async load() {
        Object.assign(this.state, { error: "", isLoading: true });
        try {
            const call = this.orm.silent.call(MODEL, "get_map", [toOptions(this.state.choice)]);
            this.state.map = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The map could not be loaded."));
        }
        this.state.isLoading = false;
    }

    nameOf(number) {
        const found = this.state.map.activities.find((one) => one.number === number);
        return found ? found.name : -1;
    }

    openActivity(activity) {
        return this.open({ source: null, target: activity.name });
    }

    openPath(path) {
        return this.open({ source: this.nameOf(path.source), target: this.nameOf(path.target) });
    }

    async open(path) {
        const args = [toOptions(this.state.choice), path];
        return this.action.doAction(await this.orm.call(MODEL, "open_requests", args));
    }

    openRequests() {
        return this.action.doAction("kpi_workflow_tat.kpi_tat_request_action");
    }
}

registry.category("lazy_components").add("kpi_workflow_tat.ProcessMap", ProcessMap);
