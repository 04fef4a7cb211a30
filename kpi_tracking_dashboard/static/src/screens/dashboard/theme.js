import { onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const KEY = "kpi_tracking_dashboard.theme";
const CHOICES = ["device", "light", "dark"];

/** Light or dark: as the device, unless somebody chose one on this device. */
export class Theme {
    constructor() {
        const known = browser.localStorage.getItem(KEY);
        this.choice = CHOICES.includes(known) ? known : "device";
        this.isDeviceDark = false;
    }

    get isDark() {
        return this.choice === "dark" || (this.choice === "device" && this.isDeviceDark);
    }

    toggle() {
        this.choice = this.isDark ? "light" : "dark";
        if ((this.choice === "dark") === this.isDeviceDark) {
            this.choice = "device";
        }
        browser.localStorage.setItem(KEY, this.choice);
    }
}

/** @returns {Theme} that follows the device */
export function useTheme() {
    const theme = useState(new Theme());
    const media = browser.matchMedia("(prefers-color-scheme: dark)");
    const follow = () => (theme.isDeviceDark = media.matches);
    follow();
    media.addEventListener("change", follow);
    onWillUnmount(() => media.removeEventListener("change", follow));
    return theme;
}

registry.category("kpi_tracking_dashboard.dashboard_menu").add(
    "theme",
    {
        icon: "fa-moon-o",
        text: ({ theme }) => (theme.isDark ? _t("Light colours") : _t("Dark colours")),
        onSelected: ({ theme }) => theme.toggle(),
    },
    { sequence: 15 },
);
