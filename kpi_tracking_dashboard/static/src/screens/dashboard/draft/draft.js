import { useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** What others look at is arranged in a draft, until it is published. */
class DashboardDraft {
    isEnding = false; // by this screen: it needs not be told

    constructor(model, editing, show, { dialog, notification }) {
        Object.assign(this, { model, editing, show, dialog, notification });
    }

    get saveLabel() {
        return this.isOn ? _t("Save Draft") : _t("Save");
    }

    get isOn() {
        return Boolean(this.model.dashboard?.draft_of_id);
    }

    /** Whether tiles change where they are shown: in a draft, or where nobody else looks. */
    get isArrangedHere() {
        return this.isOn || Boolean(this.model.dashboard?.is_private);
    }

    /** The draft that somebody else or I have left: `{id, user, moment}`. */
    get waiting() {
        return this.model.dashboard?.draft;
    }

    async edit() {
        if (!this.isArrangedHere) {
            await this.show(await this.model.call("start_draft"));
        }
        if (this.isArrangedHere) {
            this.editing.start();
        }
    }

    /** Keep what was arranged, and go on with what is published where nothing was changed. */
    async save() {
        const isSaved = await this.editing.save();
        if (isSaved) {
            await this.leave();
        }
        return isSaved;
    }

    async stopEditing() {
        this.editing.discard();
        await this.leave();
    }

    async leave() {
        if (this.isOn) {
            await this.end("leave_draft");
        }
    }

    /** @param {number|null} over the revision that somebody has published meanwhile */
    async publish(over = null) {
        if (!(await this.editing.save())) {
            return;
        }
        const { name } = this.model.dashboard;
        const answer = await this.end("publish", over);
        if (answer.question) {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Replace Newer Changes"),
                body: answer.question,
                confirmLabel: _t("Publish"),
                cancelLabel: _t("Keep Draft"),
                confirm: () => this.publish(answer.revision),
                cancel: () => {},
            });
            return;
        }
        const told = _t("“%s” is published.", name);
        this.notification.add(told, { type: "success" });
    }

    discard() {
        const { name } = this.model.dashboard;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Discard Draft"),
            body: _t("Your draft changes will be lost. “%s” stays published.", name),
            confirmLabel: _t("Discard Draft"),
            confirm: () => {
                this.editing.discard();
                return this.end("discard_draft");
            },
            cancel: () => {},
        });
    }

    /** Ask the server for what may end the draft, and go where it says. */
    async end(method, ...args) {
        this.isEnding = true;
        try {
            const answer = await this.model.call(method, ...args);
            const id = answer.dashboard_id || answer;
            if (id !== this.model.id && !answer.question) {
                await this.show(id);
            }
            return answer;
        } finally {
            this.isEnding = false;
        }
    }

    /** Somebody else has published or discarded it. */
    async leaveEnded(publishedId) {
        if (this.isEnding) {
            return;
        }
        const said = _t("Someone else published or discarded this draft.");
        if (this.editing.isChanged) {
            const lost = _t("Unsaved changes cannot be saved.");
            this.notification.add(`${said} ${lost}`, { sticky: true, type: "warning" });
            return;
        }
        this.editing.discard();
        this.notification.add(said, { type: "info" });
        await this.show(publishedId);
    }
}

export function useDraft(model, editing, show) {
    const services = {
        dialog: useService("dialog"),
        notification: useService("notification"),
    };
    return useState(new DashboardDraft(model, editing, show, services));
}
