import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatDay } from "@kpi_base/eager/formatting/reader";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { Badge } from "../../eager/badge/badge";
import { Board } from "../../eager/board/board";

/** Leaderboards, and what colleagues show of what they earned. */
export class Standings extends Component {
    static template = "kpi_gamification.Standings";
    static components = { Badge, Board, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ error: "", shown: null });
        onWillStart(() => {
            this.load(); // the frame is shown first
        });
    }

    get feed() {
        return this.state.shown.feed.map((row) => ({
            ...row,
            key: `${row.kind}-${row.id}`,
            when: formatDay(deserializeDate(row.day)),
            title:
                row.kind === "award"
                    ? _t("%(person)s earned %(name)s", row)
                    : _t("%(person)s thanks %(to)s", row),
        }));
    }

    async load() {
        try {
            const shown = await this.orm.silent.call("kpi.achievement.page", "get_standings", []);
            Object.assign(this.state, { error: "", shown });
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the standings."));
        }
    }

    open(board) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: board.id,
            res_model: "kpi.leaderboard",
            views: [[false, "form"]],
        });
    }

    openList(name) {
        return this.action.doAction(`kpi_gamification.${name}`);
    }
}

registry.category("lazy_components").add("kpi_gamification.Standings", Standings);
