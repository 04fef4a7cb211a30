import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { addSign, percent } from "../../eager/formatting/formatting";
import { adviceOn } from "./advice";

const INTERVAL = 30000; // milliseconds
const MINUTE = 60; // seconds
const ADVICE = "sessions"; // as it can be meant so

/** The servers on this database, what to do about them, and the jobs that wait. */
export class Servers extends Component {
    static template = "kpi_base.Servers";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ page: null });
        onWillStart(() => this.load());
        const timer = browser.setInterval(() => this.load(), INTERVAL);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    async load() {
        this.state.page = await this.orm.silent.call("kpi.server", "get_page", []);
    }

    get headline() {
        const codes = Object.keys(this.state.page.problems);
        const count = codes.filter((code) => code !== ADVICE).length;
        return count ? _t("Problems found: %s", count) : _t("No problems found");
    }

    get problems() {
        return Object.entries(this.state.page.problems).map(([code, servers]) => ({
            code,
            isAdvice: code === ADVICE,
            ...adviceOn(code, servers.join(", ")),
        }));
    }

    /** Whether a problem is about this server, which its line marks. */
    isAmiss(code, server) {
        return Boolean(this.state.page.problems[code]?.includes(server.name));
    }

    get replicas() {
        const found = this.state.page.servers.filter(({ replica }) => replica);
        return [...new Map(found.map((each) => [each.replica, each])).values()];
    }

    behind({ replica_behind: seconds }) {
        return seconds === null ? _t("not responding") : _t("%s behind", this.duration(seconds));
    }

    share({ replica_share: share }) {
        return share === null ? "–" : percent(share, 0);
    }

    clock({ clock }) {
        const seconds = formatFloat(Math.abs(clock), { digits: [16, 2] });
        return addSign(clock, `${seconds}\u202fs`);
    }

    duration(seconds) {
        return seconds < 2 * MINUTE
            ? `${formatFloat(seconds, { digits: [16, seconds < 10 ? 1 : 0] })}\u202fs`
            : _t("%s min", Math.round(seconds / MINUTE));
    }

    /** Whether all have what each has: “shared”, “not shared”, or nothing of one alone. */
    folder(name) {
        const { servers } = this.state.page;
        if (servers.length < 2) {
            return _t("on one server");
        }
        return servers.every((server) => server[name]) ? _t("shared") : _t("not shared");
    }

    openJobs() {
        return this.action.doAction("kpi_base.kpi_job_action");
    }

    openSettings() {
        return this.action.doAction("kpi_base.kpi_base_settings_action");
    }
}

registry.category("lazy_components").add("kpi_base.Servers", Servers);
