import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { Section } from "./section";
import { formatMoment } from "@kpi_base/eager/formatting/reader";

const MODEL = "kpi.bi.analysis";

/** Analyses of the company, a tab each; which one is shown is in the address. */
export class Page extends Component {
    static template = "kpi_bi_dashboard.Page";
    static components = { Layout, Section };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.names = this.props.action.params.names;
        this.state = useState({ error: "", isLoading: true, name: "", page: null });
        onWillStart(() => {
            const asked = String(router.current.tab || "");
            return this.show(this.names.includes(analysisOf(asked)) ? asked : this.names[0]);
        });
    }

    /** A moment of the page in words. */
    say(moment) {
        return formatMoment(deserializeDateTime(moment));
    }

    get tabs() {
        const titles = this.state.page?.titles || {};
        return this.names
            .filter((name) => titles[name])
            .map((name) => ({
                name,
                title: titles[name],
                isShown: name === analysisOf(this.state.name),
            }));
    }

    /** Show an analysis, or one of the choices of its page. */
    async show(name) {
        Object.assign(this.state, { error: "", isLoading: true, name });
        this.props.updateActionState?.({ tab: name === this.names[0] ? undefined : name });
        try {
            const call = this.orm.silent.call(MODEL, "get_page", [name]);
            this.state.page = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the page."));
        }
        this.state.isLoading = false;
    }

    /** Compare two other days: those of the page, but for the one that was chosen. */
    compare(chosen) {
        const { since, until } = { ...this.state.page.days, ...chosen };
        return since && until && this.show(`${analysisOf(this.state.name)}:${since}..${until}`);
    }

    async update() {
        this.action.doAction(await this.orm.call(MODEL, "queue_update", []));
    }

    async open({ model, method, args }) {
        this.action.doAction(await this.orm.call(model, method, args));
    }
}

function analysisOf(name) {
    return name.split(":")[0];
}

registry.category("lazy_components").add("kpi_bi_dashboard.Page", Page);
