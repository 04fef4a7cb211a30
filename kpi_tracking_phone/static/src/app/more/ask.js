import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { readShell } from "../../stored/keep";
import { Unreachable } from "../../stored/server";
import { KpiRow } from "../kpis/kpi_row";
import { usePhone } from "../phone";
import { phoneScreens } from "../shell/screens";
import { canListen, listen, speak } from "./voice";

const MOST_SAID = 5; // sentences
// what recognisers make of it, too
const WAKE_WORDS = new RegExp(
    "^(?:(?:hey|hi|hello|ok(?:ay)?|hallo|salut|bonjour|dis|hola|oye)[\\s,.!]+)?" +
        "(?:odoo|odo|oddo|o do|audio)\\b[\\s,.!:]*",
    "i",
);

/** Questions in plain words; without reception KPIs on the phone are found by name. */
export class Ask extends Component {
    static template = "kpi_tracking_phone.Ask";
    static components = { KpiRow };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.state = useState({
            canListen: false,
            candidates: [],
            cards: [],
            isBusy: false,
            lines: [],
            text: "",
        });
        onWillStart(async () => {
            this.state.canListen = canListen() && Boolean(await readShell("voice"));
        });
    }

    /** What was said is asked at once; after a failed start only typing is offered. */
    async listen() {
        try {
            this.state.text = await listen();
        } catch {
            this.state.canListen = false;
            return;
        }
        await this.ask();
        const choices = this.state.candidates.map(({ text }) => text);
        const lines = choices.length ? [...this.state.lines, ...choices] : this.state.lines;
        speak(lines.slice(0, MOST_SAID).join(". "));
    }

    /** A question that has an answer here. */
    get placeholder() {
        const [card] = this.phone.cards;
        return card ? _t("What is %s?", card.kpi || card.name) : _t("Which KPIs are off track?");
    }

    /** One of several that may be meant. */
    choose({ question, text }) {
        this.state.text = question || text;
        return this.ask();
    }

    async ask() {
        const text = withoutWakeWords(this.state.text);
        if (!text) {
            return;
        }
        Object.assign(this.state, { candidates: [], cards: [], isBusy: true, lines: [] });
        try {
            const found = await this.phone.ask("ask", text);
            this.state.candidates = found?.candidates || [];
            const rows = [found?.kpi, ...(found?.rows || [])].filter(Boolean);
            const ids = rows.map(({ id }) => id);
            await this.phone.open(...ids.map((id) => `card:${id}`));
            this._show(text, found?.sentences || [], ids);
        } catch (error) {
            this._show(text, error instanceof Unreachable ? [] : [error.message]);
        } finally {
            this.state.isBusy = false;
        }
    }

    /** With the KPIs that were found, else those that are called so. */
    _show(text, sentences, ids = []) {
        this.state.cards = this.phone.cards.filter(({ kpi, name, report_id }) =>
            ids.length ? ids.includes(report_id) : isNamed(text, kpi || name),
        );
        const isFound = this.state.cards.length > 0;
        const said = isFound ? _t("Found by name:") : _t("No matching KPI on this phone.");
        this.state.lines = sentences.length ? sentences : [said];
    }
}

/** “Hey Odoo, what's …” without whom it is said to. */
export function withoutWakeWords(text) {
    return text.trim().replace(WAKE_WORDS, "").trim();
}

/** Whether a question has all words of a name. */
function isNamed(text, name) {
    const asked = text.toLocaleLowerCase();
    return name
        .toLocaleLowerCase()
        .split(/\s+/)
        .every((word) => asked.includes(word));
}

phoneScreens.add("ask", {
    component: Ask,
    model: "kpi.nlp.processor",
    sequence: 60,
    word: _t("Ask a question"),
});
