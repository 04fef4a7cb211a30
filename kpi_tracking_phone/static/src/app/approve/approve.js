import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Alerts } from "../alerts/alerts";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { momentOf, writeMoment } from "../when";

/** What waits for a decision, with the facts that decide; needs reception. */
export class Approve extends Component {
    static template = "kpi_tracking_phone.Approve";
    static components = { Alerts };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.state = useState({ busy: null, comments: {}, delays: {}, messages: {}, notes: {} });
    }

    get approvals() {
        return (this.phone.row("approvals") || []).map((step) => ({
            ...step,
            about: [
                step.asked_by && _t("Requested by %s", step.asked_by),
                step.due && _t("due %s", writeMoment(momentOf(step.due))),
            ]
                .filter(Boolean)
                .join(" · "),
        }));
    }

    get delayReasons() {
        return this.phone.row("terms")?.delay_reasons || [];
    }

    async decide({ is_late, seen, step_id }, decision) {
        this.state.busy = step_id;
        try {
            const { comments, delays, notes } = this.state;
            const asked = [step_id, decision, comments[step_id] || "", seen];
            if (is_late) {
                asked.push(Number(delays[step_id]) || false, notes[step_id] || "");
            }
            const answer = await this.phone.ask("decide", ...asked);
            this.state.messages[step_id] = answer.message;
            await this.phone.refresh();
        } catch (error) {
            this.state.messages[step_id] = error.message;
        } finally {
            this.state.busy = null;
        }
    }
}

phoneScreens.add("approve", {
    component: Approve,
    path: "M9 16.2L4.8 12l-1.4 1.4L9 19 20.6 7.4 19.2 6z",
    sequence: 40,
    word: _t("Approve"),
});
