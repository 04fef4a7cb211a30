import { Component, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
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
import { useCelebration } from "../../eager/celebration/celebration";
import { NextBadge } from "../../eager/badge/next_badge";
import { TeamGoal } from "../../eager/team_goal/team_goal";

const NOTES = {
    shown: _t("Colleagues see your achievements and rank."),
    hidden: _t("Only you see this page and your rank."),
    out: _t("You do not participate. No results are evaluated or stored."),
};
const MARKS = {
    h: { icon: "fa-check", word: _t("reached") },
    m: { icon: "fa-times", word: _t("missed") },
    f: { icon: "fa-snowflake-o", word: _t("saved by a freeze") },
    x: { icon: "", word: _t("excused") },
    p: { icon: "", word: _t("pending") },
    o: { icon: "", word: _t("still open") },
};

function pointsText(points) {
    return points === 1 ? _t("1 point") : _t("%s points", formatInteger(points));
}

/** What people earned, are near to, and show. */
export class MyAchievements extends Component {
    static template = "kpi_gamification.MyAchievements";
    static components = { Badge, Dropdown, DropdownItem, Layout, NextBadge, TeamGoal };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.celebrate = useCelebration(() => this.load());
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

    get choice() {
        return this.mine.choices.find(([key]) => key === this.mine.choice)[1];
    }

    get about() {
        const { department } = this.mine.person;
        const { name, number } = this.mine.level;
        const level = number ? _t("Level %(number)s, %(name)s", { name, number }) : "";
        return [department, level].filter(Boolean).join(" · ");
    }

    get levelPercent() {
        return Math.round(100 * this.mine.level.ratio);
    }

    get toNext() {
        const { missing, next } = this.mine.level;
        const points = missing && formatInteger(missing);
        return missing ? _t("%(points)s to level %(level)s", { level: next, points }) : "";
    }

    /** What happened this week, next to the week before. */
    get week() {
        const { awards, kudos, points, points_before } = this.mine.week;
        const parts = [pointsText(points)];
        if (awards) {
            parts.push(awards === 1 ? _t("1 achievement") : _t("%s achievements", awards));
        }
        if (kudos) {
            parts.push(_t("kudos: %s", kudos));
        }
        return { before: _t("last week %s", pointsText(points_before)), text: parts.join(" · ") };
    }

    get strip() {
        return this.mine.strip.map((each, at) => ({ ...each, ...MARKS[each.mark], id: at }));
    }

    get freezes() {
        const { freezes } = this.mine.streaks[0];
        return freezes === 1 ? _t("1 freeze left") : _t("%s freezes left", freezes);
    }

    get freezeNote() {
        const saved = this.mine.strip.filter(({ mark }) => mark === "f").pop();
        return saved
            ? _t("A freeze saves one missed period, as in %s.", saved.label)
            : _t("A freeze saves one missed period.");
    }

    get collected() {
        const { collection } = this.mine;
        const earned = collection.filter(({ count }) => count).length;
        return _t("%(earned)s of %(total)s", { earned, total: collection.length });
    }

    get more() {
        const { award_count, awards } = this.mine;
        return award_count > awards.length ? _t("Show all %s", award_count) : "";
    }

    get awards() {
        return this.mine.awards.map((award) => ({
            ...award,
            when: formatDay(deserializeDateTime(award.earned_date)),
            shared:
                award.share === false ? "" : _t("Earned by %s of people", percent(award.share, 0)),
            worth: pointsText(award.points),
        }));
    }

    lastDay({ last_date }) {
        return _t("until %s", formatDay(deserializeDate(last_date)));
    }

    async load() {
        try {
            const mine = await this.orm.silent.call("kpi.achievement.page", "get_mine", []);
            Object.assign(this.state, { error: "", mine });
            this.celebrate(mine.celebration, mine.choice);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load your achievements."));
        }
    }

    async choose(choice) {
        await this.orm.call("kpi.gamification.choice", "choose", [choice]);
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

    thank() {
        return this.action.doAction("kpi_gamification.kpi_kudos_action_give", {
            onClose: () => this.load(),
        });
    }

    open(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: model,
            views: [[false, "form"]],
        });
    }

    /** What was earned of one achievement, or of all. */
    openAll(achievement) {
        const context = achievement && {
            search_default_achievement_id: achievement.achievement_id,
        };
        return this.action.doAction("kpi_gamification.kpi_user_achievement_action", {
            additionalContext: context || {},
        });
    }

    openList(name) {
        return this.action.doAction(`kpi_gamification.${name}`);
    }
}

registry.category("lazy_components").add("kpi_gamification.MyAchievements", MyAchievements);
