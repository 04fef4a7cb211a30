import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Badge } from "../badge/badge";

const PIECES = 36;
const COLORS = 6; // of series
const WITH_CONFETTI = ["epic", "legendary"];

/** Where a piece falls, always the same: `at` from 0 on. */
function piece(at) {
    return {
        id: at,
        style: [
            `--kpi-confetti-x: ${(at * 61) % 100}%`,
            `--kpi-confetti-turn: ${(at * 137) % 360}deg`,
            `--kpi-confetti-wait: ${((at * 7) % 10) / 20}`,
            `background-color: var(--kpi-series-${(at % COLORS) + 1})`,
        ].join(";"),
    };
}

/** A moment for what a person has earned: shown once, of several for the rarest. */
export class Celebration extends Component {
    static template = "kpi_gamification.Celebration";
    static components = { Badge, Dialog };
    static props = {
        award: { type: Object },
        choice: { type: String },
        close: { type: Function },
        share: { type: Function },
        thank: { type: Function },
    };

    setup() {
        this.state = useState({ hasConfetti: user.settings.kpi_has_confetti !== false });
    }

    get isRare() {
        return WITH_CONFETTI.includes(this.props.award.rarity);
    }

    get pieces() {
        const isShown = this.isRare && this.state.hasConfetti;
        return isShown ? Array.from({ length: PIECES }, (_, at) => piece(at)) : [];
    }

    get points() {
        const { points } = this.props.award;
        return points === 1 ? _t("+1 point") : _t("+%s points", points);
    }

    get others() {
        const { others } = this.props.award;
        return others === 1 ? _t("and 1 more achievement") : _t("and %s more achievements", others);
    }

    async switchConfetti(ev) {
        this.state.hasConfetti = ev.target.checked;
        await user.setUserSettings("kpi_has_confetti", ev.target.checked);
    }

    async then(act) {
        this.props.close();
        await act();
    }
}

/**
 * Shows what was earned since the last visit; of several the rarest, once.
 *
 * @param {() => Promise} onChange after something was shared or thanked for
 * @returns {(celebration: Object | false, choice: string) => void}
 */
export function useCelebration(onChange) {
    const dialog = useService("dialog");
    const action = useService("action");
    const orm = useService("orm");

    async function share() {
        await orm.call("kpi.gamification.choice", "choose", ["shown"]);
        return onChange();
    }

    function thank() {
        return action.doAction("kpi_gamification.kpi_kudos_action_give", { onClose: onChange });
    }

    let shownId = 0;
    return (award, choice) => {
        if (award && award.id !== shownId) {
            shownId = award.id;
            dialog.add(Celebration, { award, choice, share, thank });
            // Shown once, also where the page is left before it is closed.
            orm.silent.call("kpi.user.achievement", "mark_celebrated", []);
        }
    };
}
