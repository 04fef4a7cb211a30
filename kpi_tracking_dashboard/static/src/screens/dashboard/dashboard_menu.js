import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { openWindow } from "./open_window";

const MODEL = "kpi.dashboard";
const FILES = [
    { format: "xlsx", icon: "fa-file-excel-o", text: _t("Excel (XLSX)") },
    { format: "png", icon: "fa-file-image-o", text: _t("Image (PNG)") },
];

FILES.forEach(({ format, icon, text }, at) => {
    const item = { icon, text, onSelected: (shown) => downloadFile(shown, format) };
    registry
        .category("kpi_tracking_dashboard.dashboard_menu")
        .add(format, item, { sequence: 50 + at });
});

registry
    .category("kpi_tracking_dashboard.dashboard_menu")
    .add(
        "settings",
        {
            icon: "fa-cog",
            text: _t("Settings"),
            isInDraft: true,
            isShown: ({ dashboard }) => dashboard.is_editable,
            onSelected: ({ dashboard, services }) =>
                openForm(services, dashboard.draft_of_id || dashboard.id),
        },
        { sequence: 80 },
    )
    .add(
        "duplicate",
        {
            icon: "fa-clone",
            text: _t("Duplicate"),
            async onSelected({ dashboard, services }) {
                const [id] = await services.orm.call(MODEL, "copy", [[dashboard.id]]);
                await services.action.doAction("kpi_tracking_dashboard.dashboard", {
                    props: { resId: id },
                });
            },
        },
        { sequence: 90 },
    )
    .add(
        // A page to print, where the server makes no PDF.
        "pdf",
        { icon: "fa-file-pdf-o", text: _t("PDF"), onSelected: (shown) => openPage(shown, "pdf") },
        { sequence: 49 },
    )
    .add(
        "print",
        { icon: "fa-print", text: _t("Print"), onSelected: (shown) => openPage(shown, "print") },
        { sequence: 60 },
    )
    .add(
        "mail_now",
        {
            icon: "fa-paper-plane-o",
            text: _t("Email now"),
            async onSelected({ dashboard, services }) {
                const args = [[dashboard.id]];
                const action = await services.orm.call(MODEL, "action_mail_now", args);
                await openWindow(services.action, action);
            },
        },
        { sequence: 60.5 },
    )
    .add(
        "mails",
        {
            icon: "fa-envelope-o",
            text: _t("Scheduled emails"),
            async onSelected({ dashboard, services }) {
                const action = await services.orm.call(MODEL, "action_mails", [[dashboard.id]]);
                await openWindow(services.action, action);
            },
        },
        { sequence: 61 },
    )
    .add(
        "share",
        {
            icon: "fa-share-alt",
            text: _t("Share by link"),
            isShown: ({ dashboard }) => dashboard.is_editable,
            async onSelected({ dashboard, options, services }) {
                const args = [[dashboard.id], options];
                const action = await services.orm.call(MODEL, "action_share", args);
                await openWindow(services.action, action);
            },
        },
        { sequence: 20 },
    );

function downloadFile({ dashboard, options }, format) {
    return download({
        url: `${addressOf(dashboard)}/${format}`,
        data: { options: JSON.stringify(options) },
    });
}

function openPage({ dashboard, options }, page) {
    return browser.open(`${addressOf(dashboard)}/${page}?${queryOf(options)}`, "_blank");
}

function addressOf({ id }) {
    return `/kpi/dashboard/${id}`;
}

function queryOf(options) {
    return new URLSearchParams({ options: JSON.stringify(options) });
}

function openForm({ action }, id) {
    return action.doAction({
        type: "ir.actions.act_window",
        res_id: id,
        res_model: MODEL,
        views: [[false, "form"]],
    });
}
