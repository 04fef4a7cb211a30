import { Component } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** Light or dark, chosen in the menu of the user. */
export class ColorScheme extends Component {
    static template = "kpi_base.ColorScheme";
    static props = {};

    get choices() {
        return [
            { key: "light", icon: "fa-sun-o", text: _t("Light") },
            { key: "dark", icon: "fa-moon-o", text: _t("Dark") },
            { key: "device", icon: "fa-desktop", text: _t("Device") },
        ].map((each) => ({ ...each, isChosen: user.settings.kpi_color_scheme === each.key }));
    }

    /** The page comes anew: styles and pictures drawn by scripts belong to one of them. */
    async choose(key) {
        await user.setUserSettings("kpi_color_scheme", key);
        browser.location.reload();
    }
}

registry.category("user_menuitems").add("kpi_color_scheme", () => ({
    type: "component",
    contentComponent: ColorScheme,
    sequence: 45,
    // unknown where another addon says light or dark
    show: () => Boolean(user.settings.kpi_color_scheme),
}));
