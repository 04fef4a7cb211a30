import { Component, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { parseNumber } from "@kpi_tracking/eager/number_input/typed_number";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { momentOf, writeMoment } from "../when";

const WORDS = {
    acknowledge: _t("Acknowledgement"),
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
        this.state = useState({ edited: {}, sure: "" });
    }

    get items() {
        return this.phone.state.items.map((item) => ({
            ...item,
            shown: {
                kind: String(WORDS[item.kind] || item.kind),
                name: [item.about?.name, item.about?.label].filter(Boolean).join(" · "),
                text: item.about?.text || "",
                when: item.phone_time ? writeMoment(momentOf(item.phone_time)) : "",
            },
        }));
    }

    /** What the server has instead. */
    theirs({ answer }) {
        const { at, by, value } = answer?.theirs || {};
        const when = at ? writeMoment(momentOf(at)) : "";
        const said = [by, when].filter(Boolean).join(", ");
        return [value ?? _t("no value"), said].filter((part) => part !== "").join(" · ");
    }

    canChoose({ answer, kind }) {
        return answer?.state === "conflict" && kind === "entry";
    }

    /** Mine is to hold: said once more, knowing what is there. */
    async takeMine(item) {
        await this.phone.outbox.replace(item, { ...item.data, force: true });
        await this.phone.refresh();
    }

    async saveEdited(item) {
        const text = this.state.edited[item.uuid];
        const value = parseNumber(text || "", localization.decimalPoint);
        if (value !== null) {
            const about = { ...item.about, text };
            await this.phone.outbox.replace(
                { ...item, about },
                { ...item.data, value, force: true },
            );
            delete this.state.edited[item.uuid];
            await this.phone.refresh();
        }
    }

    /** Deleting asks once: what is here is nowhere else. */
    async remove(item) {
        if (this.state.sure !== item.uuid && !this.canChoose(item)) {
            this.state.sure = item.uuid;
            return;
        }
        await this.phone.outbox.remove(item);
        await this.phone.readItems();
    }

    copy({ shown }) {
        const text = [shown.kind, shown.name, shown.text, shown.when].filter(Boolean).join("\t");
        return navigator.clipboard?.writeText(text);
    }
}

phoneScreens.add("waiting", { component: Waiting, isHidden: true, word: _t("Not sent") });
