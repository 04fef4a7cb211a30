import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { percent } from "@kpi_base/eager/formatting/formatting";
import { formatDay } from "@kpi_base/eager/formatting/reader";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { Badge } from "../../eager/badge/badge";
import { NextBadge } from "../../eager/badge/next_badge";
import { Board } from "../../eager/board/board";

const NOTES = {
    shown: _t("Colleagues see your achievements and rank."),
    hidden: _t("Only you see this page and your rank."),
    out: _t("You do not participate. No results are evaluated or stored."),
};

function pointsText(points) {
    return points === 1 ? _t("1 point") : _t("%s points", formatInteger(points));
}

/** What somebody earned, is near to and shows, and what colleagues show. */
export class MyAchievements extends Component {
    static template = "kpi_gamification.MyAchievements";
    static components = { Badge, Board, Layout, NextBadge };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ error: "", mine: null });
        onWillStart(() => {
            this.load(); // the frame is shown meanwhile
        });
    }

    get mine() {
        return this.state.mine;
    }

    get points() {
        return pointsText(this.mine.points);
    }

    get note() {
        return NOTES[this.mine.choice];
    }

    get more() {
        const { award_count, awards } = this.mine;
        return award_count > awards.length ? _t("Show all %s", award_count) : "";
    }

    get awards() {
        return this.mine.awards.map((award) => ({
            ...award,
            when: this.dayOf(award),
            shared:
                award.share === false ? "" : _t("Earned by %s of people", percent(award.share, 0)),
            worth: pointsText(award.points),
        }));
    }

    dayOf({ earned_date }) {
        return formatDay(deserializeDateTime(earned_date));
    }

    lastDay({ last_date }) {
        return _t("until %s", formatDay(deserializeDate(last_date)));
    }

    async load() {
        try {
            const mine = await this.orm.silent.call("kpi.achievement.page", "get_mine", []);
            Object.assign(this.state, { error: "", mine });
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load your achievements."));
        }
    }

    async choose(ev) {
        await this.orm.call("kpi.gamification.choice", "choose", [ev.target.value]);
        return this.load();
    }

    async explain(award) {
        const action = await this.orm.call("kpi.user.achievement", "action_explain", [[award.id]]);
        return this.action.doAction(action);
    }

    async answer(member, method) {
        await this.orm.call("kpi.challenge.member", method, [[member.id]]);
        return this.load();
    }

    open(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: model,
            views: [[false, "form"]],
        });
    }

    openAll() {
        return this.openList("kpi_user_achievement_action");
    }

    openList(name) {
        return this.action.doAction(`kpi_gamification.${name}`);
    }
}

registry.category("lazy_components").add("kpi_gamification.MyAchievements", MyAchievements);
