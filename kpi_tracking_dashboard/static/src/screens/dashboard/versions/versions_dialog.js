import { Component, onWillStart, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { momentText } from "../kpi_data";

const VERSION = "kpi.dashboard.version";

/** What was published of a dashboard: who, when, which tiles; and the way back. */
export class VersionsDialog extends Component {
    static template = "kpi_tracking_dashboard.VersionsDialog";
    static components = { Dialog };
    static props = {
        close: { type: Function },
        dashboardId: { type: Number },
        name: { type: String },
        show: { type: Function }, // (id of a dashboard)
    };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({ isBusy: false, versions: [] });
        this.words = {
            added: _t("Added"),
            changed: _t("Changed"),
            moved: _t("Moved"),
            removed: _t("Removed"),
        };
        onWillStart(async () => {
            const args = [[this.props.dashboardId]];
            this.state.versions = await this.orm.call("kpi.dashboard", "list_versions", args);
        });
    }

    momentOf({ moment }) {
        return momentText(moment);
    }

    /** @param {number|null} over revision of a draft that is to be replaced */
    restore(version, over = null) {
        const told = _t("The draft now shows this version.");
        return this.fill("restore", [[version.id], over], told, ({ question, revision }) =>
            this.dialog.add(ConfirmationDialog, {
                title: _t("Replace Draft"),
                body: question,
                confirmLabel: _t("Replace"),
                confirm: () => this.restore(version, revision),
                cancel: () => {},
            }),
        );
    }

    bringBack(version, { tile_id, title }) {
        const told = _t("“%s” was added at the end of the draft.", title);
        return this.fill("bring_back", [[version.id], tile_id], told);
    }

    async fill(method, args, told, ask) {
        this.state.isBusy = true;
        try {
            const answer = await this.orm.call(VERSION, method, args);
            if (answer.question) {
                return ask(answer);
            }
            const { dashboard_id, notes } = answer;
            this.props.close();
            await this.props.show(dashboard_id);
            const publish = _t("Click “Publish” to show it to others.");
            const type = notes.length ? "warning" : "info";
            this.notification.add([told, publish, ...notes].join("\n"), {
                sticky: notes.length > 0,
                type,
            });
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("kpi_tracking_dashboard.dashboard_menu").add(
    "versions",
    {
        icon: "fa-history",
        text: _t("Versions"),
        isInDraft: true,
        isShown: ({ dashboard }) => dashboard.is_editable && dashboard.has_versions,
        onSelected({ dashboard, draft, services }) {
            services.dialog.add(VersionsDialog, {
                dashboardId: dashboard.id,
                name: dashboard.name,
                show: (id) => draft.show(id),
            });
        },
    },
    { sequence: 79 },
);
