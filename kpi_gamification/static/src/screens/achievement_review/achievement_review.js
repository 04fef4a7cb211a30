import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";

const KINDS = {
    held: _t("Held achievements"),
    change: _t("KPI changes"),
    kudos: _t("Mutual kudos"),
    limit: _t("Point limits"),
};
const LISTS = {
    kudos: "kpi_gamification.kpi_kudos_pair_server_action",
    limit: "kpi_gamification.kpi_points_cap_action",
};

/** All that officers decide about achievements, as one list. */
export class AchievementReview extends Component {
    static template = "kpi_gamification.AchievementReview";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ error: "", items: null, kind: "" });
        onWillStart(() => {
            this.load(); // the frame is shown first
        });
    }

    get filters() {
        const { items, kind } = this.state;
        const count = (key) => items.filter((item) => item.kind === key).length;
        const each = Object.entries(KINDS).map(([key, label]) => [key, label, count(key)]);
        return [["", _t("All"), items.length], ...each].map(([key, label, number]) => ({
            isActive: key === kind,
            key,
            text: `${label} ${number}`,
        }));
    }

    get items() {
        const { items, kind } = this.state;
        return items
            .filter((item) => !kind || item.kind === kind)
            .map((item) => ({ ...item, label: KINDS[item.kind], list: LISTS[item.kind] }));
    }

    async load() {
        try {
            const items = await this.orm.silent.call("kpi.achievement.review", "get_items", []);
            Object.assign(this.state, { error: "", items });
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the review."));
        }
    }

    async accept({ id, kind }) {
        const [model, method] =
            kind === "held"
                ? ["kpi.user.achievement", "action_release"]
                : ["kpi.gamification.change", "action_agree"];
        await this.orm.call(model, method, [[id]]);
        return this.load();
    }

    async revoke({ id }) {
        const dialog = await this.orm.call("kpi.user.achievement", "action_revoke", [[id]]);
        return this.action.doAction(dialog, { onClose: () => this.load() });
    }

    open({ id, list }) {
        return this.action.doAction(
            list || {
                type: "ir.actions.act_window",
                res_id: id,
                res_model: "kpi.user.achievement",
                views: [[false, "form"]],
            },
        );
    }
}

registry.category("lazy_components").add("kpi_gamification.AchievementReview", AchievementReview);
