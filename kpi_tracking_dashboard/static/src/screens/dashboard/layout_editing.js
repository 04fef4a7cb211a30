import { useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { TileLayout } from "./tile_layout";

/** Arranging the tiles of a dashboard, and what happens when two people do at once. */
class LayoutEditing {
    layout = null;

    constructor(model, { dialog, notification }) {
        Object.assign(this, { model, dialog, notification });
    }

    get isOn() {
        return this.layout !== null;
    }

    get isChanged() {
        return Boolean(this.layout?.isChanged);
    }

    start() {
        this.layout ||= new TileLayout(this.model.allTiles);
    }

    discard() {
        this.layout = null;
        if (this.model.isOutdated) {
            this.model.load();
        }
    }

    /** @returns {Promise<boolean>} whether it is saved now */
    async save() {
        if (!this.isChanged) {
            this.discard();
            return true;
        }
        if (this.layout.contested.length) {
            return this.settle(); // found while tiles were added or removed
        }
        const { revision } = this.model.dashboard;
        try {
            await this.model.call("save_layout", revision, this.layout.rows, this.layout.added);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            return this.saveOver(revision, rpcMessage(error, _t("Could not save the layout.")));
        }
        await this.model.load();
        this.discard();
        return true;
    }

    /** Somebody else saved meanwhile: what both wanted is kept, unless they disagree. */
    async saveOver(revision, reason) {
        await this.model.load();
        if (this.model.error || this.model.dashboard.revision === revision) {
            this.notification.add(reason, { type: "danger" });
            return false; // it is something else: goes on arranging
        }
        this.layout = this.layout.rebased(this.model.allTiles);
        if (this.layout.contested.length) {
            return this.settle(reason);
        }
        const isSaved = await this.save();
        if (isSaved) {
            const kept = _t("Your changes and theirs were saved.");
            this.notification.add(`${reason} ${kept}`, { type: "info" });
        }
        return isSaved;
    }

    /** Both arranged the same tiles: mine or theirs there, all others as either wanted. */
    settle(reason = "") {
        const asked = _t(
            "You both moved or resized: %s. Choose a version. All other changes are saved.",
            this.contestedTitles.map((title) => _t("“%s”", title)).join(", "),
        );
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Conflicting Changes"),
                body: [reason, asked].filter(Boolean).join("\n\n"),
                confirmLabel: _t("Use Mine"),
                cancelLabel: _t("Use Theirs"),
                confirm: async () => {
                    this.layout.contested = [];
                    resolve(await this.save());
                },
                cancel: async () => {
                    this.layout.giveWay();
                    resolve(await this.save());
                },
                dismiss: () => resolve(false), // goes on arranging
            });
        });
    }

    get contestedTitles() {
        const ids = new Set(this.layout.contested.map(({ id }) => id));
        return this.model.allTiles
            .filter(({ id }) => ids.has(id))
            .map(({ title }) => title || _t("Untitled"));
    }

    askBeforeLeaving() {
        if (!this.isChanged) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Unsaved Layout"),
                body: _t("You moved or resized tiles without saving."),
                confirmLabel: _t("Save"),
                cancelLabel: _t("Discard"),
                confirm: async () => resolve(await this.save()),
                cancel: () => {
                    this.discard();
                    resolve(true);
                },
                dismiss: () => resolve(false),
            });
        });
    }

    warnBeforeUnload(ev) {
        if (this.isChanged) {
            ev.preventDefault();
            ev.returnValue = "";
        }
    }
}

export function useLayoutEditing(model) {
    const [dialog, notification] = [useService("dialog"), useService("notification")];
    return useState(new LayoutEditing(model, { dialog, notification }));
}
