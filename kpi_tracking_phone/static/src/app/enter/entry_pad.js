import { Component, onMounted, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { unitSymbols } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { findMistake, parseNumber } from "@kpi_tracking/eager/number_input/typed_number";
import { usePhone } from "../phone";
import { redraw } from "./photo";

const MINUS = "\u2212";

/** One value on a number pad; what was typed is saved before another one is shown. */
export class EntryPad extends Component {
    static template = "kpi_tracking_phone.EntryPad";
    static props = {
        about: { type: String },
        cell: { type: Object },
        close: { type: Function },
        isFirst: { type: Boolean },
        isLast: { type: Boolean },
        save: { type: Function },
        step: { type: Function },
    };

    setup() {
        this.input = useRef("input");
        const { accepted } = this.props.cell;
        this.state = useState({ hasNote: accepted, mistake: "", note: "", photo: "", text: "" });
        this.phone = usePhone();
        onWillStart(async () => {
            Object.assign(this.state, await this.phone.readDraft(this.props.cell.key));
        });
        useEffect(
            () => this.keepDraft(),
            () => [this.state.note, this.state.photo, this.state.text],
        );
        onMounted(() => this.input.el?.focus());
    }

    /** Back, a reload or the system may end the page at any time. */
    keepDraft() {
        const { hasNote, note, photo, text } = this.state;
        const draft = note || photo || text ? { hasNote, note, photo, text } : null;
        this.phone.writeDraft(this.props.cell.key, draft);
    }

    get isYesNo() {
        return this.props.cell.unit.kind === "boolean";
    }

    get keys() {
        const { decimalPoint } = localization;
        return [..."123456789", MINUS, "0", decimalPoint];
    }

    /** A value that counts already is corrected with a reason. */
    get noteWord() {
        return this.props.cell.accepted ? _t("Reason for the correction") : _t("Note");
    }

    get symbols() {
        const { after, before } = unitSymbols(unitOfAnswer(this.props.cell.unit));
        return { after, before };
    }

    press(key) {
        const { text } = this.state;
        if (key === MINUS) {
            this.state.text = text.startsWith(MINUS) ? text.slice(1) : MINUS + text;
        } else {
            this.state.text = text + key;
        }
        this.check();
    }

    erase() {
        this.state.text = this.state.text.slice(0, -1);
        this.check();
    }

    check() {
        this.state.mistake = findMistake(this.state.text);
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.step(1);
        }
    }

    async choosePhoto({ target }) {
        const [file] = target.files;
        target.value = "";
        try {
            this.state.photo = file ? await redraw(file) : "";
            this.state.mistake = "";
        } catch {
            this.state.mistake = _t("This file is not a supported picture.");
        }
    }

    /** Save a yes or no, and go on. */
    answer(value) {
        this.state.text = String(value);
        return this.step(1);
    }

    /** Nothing is left before it is saved; nothing typed is nothing to save. */
    async step(by) {
        if (await this.saveTyped()) {
            this.props.step(by);
        }
    }

    async close() {
        if (await this.saveTyped()) {
            this.props.close();
        }
    }

    async saveTyped() {
        const { note, photo, text } = this.state;
        if (!text.trim()) {
            return true;
        }
        const value = parseNumber(text, localization.decimalPoint);
        if (value === null) {
            this.state.mistake = findMistake(text) || _t("Enter a number.");
            return false;
        }
        if (this.props.cell.accepted && !note.trim()) {
            this.state.mistake = this.noteWord;
            return false;
        }
        const isSaved = await this.props.save({ note: note.trim(), photo, value });
        if (isSaved) {
            await this.phone.writeDraft(this.props.cell.key, null);
        }
        return isSaved;
    }
}
