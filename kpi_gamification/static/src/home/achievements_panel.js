import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { NextBadge } from "../eager/badge/next_badge";
import { useCelebration } from "../eager/celebration/celebration";

/** Streaks that end if nothing changes, and what is nearest to be earned. */
export class AchievementsPanel extends Component {
    static template = "kpi_gamification.AchievementsPanel";
    static components = { NextBadge };
    static props = { content: { type: Boolean } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.celebrate = useCelebration(() => this.load());
        this.state = useState({ brief: null, error: "" });
        onWillStart(() => {
            this.load(); // the frame is shown meanwhile
        });
    }

    get streaks() {
        return this.state.brief.streaks.map((streak) => ({
            id: streak.id,
            text: _t("At risk: %(kpi)s, %(text)s", streak),
        }));
    }

    get isQuiet() {
        const { next, streaks } = this.state.brief;
        return !next.length && !streaks.length;
    }

    async load() {
        try {
            const asked = this.orm.silent.call("kpi.achievement.page", "get_brief", []);
            const brief = await asked;
            Object.assign(this.state, { brief, error: "" });
            this.celebrate(brief.celebration, brief.choice);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load your achievements."));
        }
    }

    openMine() {
        return this.action.doAction("kpi_gamification.kpi_achievement_page_action");
    }
}

homePanels.add("kpi_gamification.achievements", { component: AchievementsPanel, sequence: 40 });
