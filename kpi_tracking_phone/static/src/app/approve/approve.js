import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Alerts } from "../alerts/alerts";
import { sayDone, usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { Swipe } from "../shell/swipe";
import { momentOf, writeMoment } from "../when";

/** What waits for a decision, with the facts that decide; needs reception. */
export class Approve extends Component {
    static template = "kpi_tracking_phone.Approve";
    static components = { Alerts, Swipe };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.phone.views.approve ||= { comments: {}, delays: {}, messages: {}, notes: {} };
        this.state = useState(this.phone.views.approve);
    }

    get approvals() {
        const { decided } = this.phone.state;
        const open = (this.phone.row("approvals") || []).filter(
            ({ step_id }) => !(step_id in decided),
        );
        return open.map((step) => ({
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

    /** In a moment, in which it can be undone. */
    decide(step, decision) {
        const { document, is_late, seen, step_id } = step;
        const { decided } = this.phone.state;
        if (step_id in decided) {
            return; // a second tap before the first one is drawn
        }
        const { comments, delays, messages, notes } = this.state;
        const reason = (is_late && Number(delays[step_id])) || false;
        messages[step_id] = "";
        if (is_late && !reason && this.delayReasons.length) {
            messages[step_id] = _t("The decision is overdue. Choose a delay reason.");
            return;
        }
        const more = [comments[step_id] || "", seen, reason, (is_late && notes[step_id]) || ""];
        decided[step_id] = decision;
        const act = async () => {
            messages[step_id] = await this.phone.decide(step, decision, more);
        };
        const words = { decision: sayDone(decision), document };
        this.phone.doLater(
            _t("%(decision)s: %(document)s", words),
            act,
            () => delete decided[step_id],
        );
    }
}

phoneScreens.add("approve", {
    component: Approve,
    path: "M9 16.2L4.8 12l-1.4 1.4L9 19 20.6 7.4 19.2 6z",
    sequence: 40,
    word: _t("Approve"),
});
