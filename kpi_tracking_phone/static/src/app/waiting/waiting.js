import { Component, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { parseNumber } from "@kpi_tracking/eager/number_input/typed_number";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { momentOf, writeMoment } from "../when";

const WORDS = {
    acknowledge: _t("Acknowledgment"),
    entry: _t("Value"),
    lost: _t("Unreadable"),
    note: _t("Note"),
    snooze: _t("Snooze"),
};

/** What was not sent yet, and what the server would not take: to be read, copied, deleted. */
export class Waiting extends Component {
    static template = "kpi_tracking_phone.Waiting";
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.state = useState({ notes: {}, sure: "", values: {} });
    }

    get items() {
        return this.phone.state.items.map((item) => {
            const { about, answer, kind, phone_time } = item;
            const isChoice = answer?.state === "conflict" && kind === "entry";
            const shown = {
                kind: String(WORDS[kind] || kind),
                name: [about?.name, about?.label].filter(Boolean).join(" · "),
                text: about?.text || "",
                when: phone_time ? writeMoment(momentOf(phone_time)) : "",
            };
            return { ...item, isChoice, shown, theirs: isChoice ? this.writeTheirs(item) : "" };
        });
    }

    /** What the server has instead; empty where that is nothing. */
    writeTheirs({ about, answer }) {
        const { at, by, value } = answer.theirs || {};
        if (typeof value !== "number") {
            return "";
        }
        const when = at && writeMoment(momentOf(at));
        const said = [by, when].filter(Boolean).join(", ");
        return [formatKpi(value, unitOfAnswer(about.unit)), said].filter(Boolean).join(" · ");
    }

    /** @returns {number|null} another value, as it was typed */
    read({ uuid }) {
        return parseNumber(this.state.values[uuid] || "", localization.decimalPoint);
    }

    /** Mine, or another value, is to hold: said once more, knowing what is there. */
    async resend(item, value, text) {
        const { about, data, uuid } = item;
        const note = this.state.notes[uuid]?.trim() || data.note;
        const changed = { ...item, about: { ...about, text } };
        const more = { value, force: true, ...(note && { note }) };
        await item.outbox.replace(changed, { ...data, ...more });
        await this.phone.refresh();
    }

    /** Deleting asks once: what is here is nowhere else. */
    async remove(item) {
        if (this.state.sure !== item.uuid && !item.isChoice) {
            this.state.sure = item.uuid;
            return;
        }
        await item.outbox.remove(item);
        await this.phone.readItems();
    }

    copy({ shown }) {
        const text = [shown.kind, shown.name, shown.text, shown.when].filter(Boolean).join("\t");
        return navigator.clipboard?.writeText(text);
    }
}

phoneScreens.add("waiting", { component: Waiting, isHidden: true, word: _t("Not sent") });
