import { Component, onMounted, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { readShell } from "../../stored/keep";
import { canListen, listen } from "../more/voice";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { EntryPad } from "./entry_pad";
import { findSpoken } from "./spoken_entry";
import { canReadSpoken } from "./spoken_number";

const cellKey = ({ contributor_id, period, report_id }) =>
    [report_id, contributor_id || 0, period].join("/");

/** Values to enter, due first; each opens a number pad, and the next one after it. */
export class Enter extends Component {
    static template = "kpi_tracking_phone.Enter";
    static components = { EntryPad };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.state = useState({ canListen: false, choices: [], key: "", said: "", text: "" });
        onMounted(async () => {
            const isChosen = canListen() && canReadSpoken(localization.code);
            this.state.canListen = isChosen && Boolean(await readShell("voice"));
        });
        this.order = []; // of the cells, from when the pad was opened
    }

    /** Cells, each with what was typed and is not sent yet. */
    get cells() {
        const waiting = new Map(
            this.phone.state.items
                .filter(({ kind }) => kind === "entry")
                .map((item) => [cellKey(item.data), item]),
        );
        return (this.phone.row("entries") || []).map((cell) => ({
            ...cell,
            key: cellKey(cell),
            waiting: waiting.get(cellKey(cell)),
        }));
    }

    get cell() {
        return this.cells.find(({ key }) => key === this.state.key);
    }

    get at() {
        return this.order.indexOf(this.state.key);
    }

    /** A KPI and its value, as they are said; saved only once they were seen on the pad. */
    async listen() {
        Object.assign(this.state, { choices: [], said: "" });
        try {
            this.state.said = await listen();
        } catch {
            this.state.canListen = false; // only typing is offered
            return;
        }
        const { cells, value } = findSpoken(this.state.said, localization.code, this.cells);
        if (value === null || !cells.length) {
            return;
        }
        this.state.text = String(value).replace(".", localization.decimalPoint);
        if (cells.length === 1) {
            await this.fill(cells[0]);
        } else {
            this.state.choices = cells;
        }
    }

    /** The pad with what was said. */
    async fill(cell) {
        const { accepted: hasNote, key } = cell;
        await this.phone.writeDraft(key, { hasNote, note: "", photo: "", text: this.state.text });
        Object.assign(this.state, { choices: [], said: "" });
        this.open(cell);
    }

    /** What was heard, where it names no value of these. */
    get heard() {
        const { choices, said } = this.state;
        if (!said) {
            return "";
        }
        return choices.length
            ? _t("“%s”: choose one.", said)
            : _t("“%s” does not name a KPI below with a value. Speak again, or type.", said);
    }

    /** Whose it is, for when, and until when it is due. */
    about({ contributor, due_words, label, scope }) {
        return [scope, contributor, label, due_words].filter(Boolean).join(" · ");
    }

    value({ seen, unit, waiting }) {
        const value = waiting ? waiting.data.value : seen.value;
        return typeof value === "number" ? formatKpi(value, unitOfAnswer(unit)) : "–";
    }

    /** What was sent meanwhile changes the list, not the way through it. */
    open({ key }) {
        this.order = this.cells.map((cell) => cell.key);
        this.state.key = key;
    }

    step(by) {
        this.state.key = this.order[this.at + by] || "";
    }

    /**
     * @param {{note: string, photo: string, value: number}} typed
     * @returns {Promise<boolean>} whether it was stored
     */
    async save(cell, { note, photo, value }) {
        const { contributor_id, label, name, period, report_id, seen, unit, waiting } = cell;
        const data = { period, report_id, value };
        Object.assign(data, contributor_id && { contributor_id }, note && { note });
        const about = { label, name, text: formatKpi(value, unitOfAnswer(unit)), unit };
        const after = waiting?.uuid;
        const item = { about, after, data, kind: "entry", seen, ...(photo && { photo }) };
        return Boolean(await this.phone.enter(item));
    }
}

phoneScreens.add("enter", {
    component: Enter,
    path: "M4 17.5V20h2.5L17 9.5 14.5 7zM19 7.5L16.5 5 18 3.5 20.5 6z",
    sequence: 30,
    word: _t("Enter"),
});
