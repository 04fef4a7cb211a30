import { useEffect, useRef } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { patch } from "@web/core/utils/patch";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { NavBar } from "@web/webclient/navbar/navbar";

/** Whether what lies below a menu of ours is shown as tabs of the screen it opens. */
function hasTabs(menu) {
    const isOurs = menu.xmlid?.startsWith("kpi_") && menu.id !== menu.appID;
    return Boolean(isOurs && menu.actionID && menu.children.length);
}

function withoutTabs(menu) {
    const below = hasTabs(menu) ? [] : menu.childrenTree.map(withoutTabs);
    return { ...menu, childrenTree: below };
}

patch(NavBar.prototype, {
    get currentAppSections() {
        return super.currentAppSections.map(withoutTabs);
    },
});

patch(ControlPanel.prototype, {
    setup() {
        super.setup();
        this.kpiTabsRef = useRef("kpiTabs");
        useEffect(
            (tabs) => {
                const all = [...(tabs?.children ?? [])];
                const active = all.find((tab) => tab.classList.contains("active"));
                active?.scrollIntoView({ block: "nearest" });
            },
            () => [this.kpiTabsRef.el],
        );
    },

    /** Tabs beside this screen; none within a record or below another screen. */
    get kpiTabs() {
        const { actionId, breadcrumbs } = this.env.config;
        const menus = this.env.services.menu;
        if (!menus || breadcrumbs.length !== 1) {
            return [];
        }
        // What an address opens has that, but not always the id of its action.
        const here = actionId ?? router.current.action;
        for (const menu of menus.getAll().filter(hasTabs)) {
            const below = menu.children.map((id) => menus.getMenu(id));
            const isAmong = below.some((tab) => tab.actionID === menu.actionID);
            const tabs = (isAmong ? below : [menu, ...below]).map((tab) => ({
                ...tab,
                address: tab.actionPath || `action-${tab.actionID}`,
                isActive: [tab.actionID, tab.actionPath].includes(here),
            }));
            if (tabs.length > 1 && tabs.some((tab) => tab.isActive)) {
                return tabs;
            }
        }
        return [];
    },
});
