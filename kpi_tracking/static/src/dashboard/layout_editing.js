import { useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { said } from "./dashboard_model";
import { TileLayout } from "./tile_layout";

/** Arranging the tiles of a dashboard, and what happens when two people do. */
class LayoutEditing {
    layout = null;

    constructor(model, dialog) {
        this.model = model;
        this.dialog = dialog;
    }

    get isOn() {
        return this.layout !== null;
    }

    get isChanged() {
        return Boolean(this.layout?.isChanged);
    }

    start() {
        this.layout ||= new TileLayout(this.model.tiles);
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
        const { dashboard } = this.model;
        try {
            await this.model.call("save_layout", dashboard.revision, this.layout.rows);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            return this.settle(said(error, _t("The arrangement could not be saved.")));
        }
        await this.model.load();
        this.discard();
        return true;
    }

    /** Somebody else saved meanwhile: theirs or mine, nothing is lost unasked. */
    settle(reason) {
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Your arrangement is not saved"),
                body: reason,
                confirmLabel: _t("Save mine over it"),
                cancelLabel: _t("Take theirs"),
                confirm: async () => {
                    await this.model.load();
                    this.layout = this.layout.rebased(this.model.tiles);
                    resolve(await this.save());
                },
                cancel: async () => {
                    await this.model.load();
                    this.discard();
                    resolve(true);
                },
                dismiss: () => resolve(false), // goes on arranging
            });
        });
    }

    askBeforeLeaving() {
        if (!this.isChanged) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Unsaved arrangement"),
                body: _t("Tiles were moved or resized but not saved."),
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
    return useState(new LayoutEditing(model, useService("dialog")));
}
