import { Component, useEffect, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { MonthPicker } from "./month_picker";

const FILTER = "kpi.dashboard.filter";
const RANGES = [3, 6, 12, 24, 36];
const INDENT = "\u2003";

const NOTHING = Object.fromEntries(
    ["comparison", "cross", "grain", "periods", "scope", "start"].map((name) => [name, null]),
);
const { DateTime } = luxon;

/** Which periods, compared with what, of whom; and the filters that somebody keeps. */
export class DashboardBar extends Component {
    static template = "kpi_tracking_dashboard.DashboardBar";
    static components = { Dropdown, DropdownItem, MonthPicker };
    static props = {
        answer: { type: Object },
        choose: { type: Function }, // (changed options)
        isBusy: { type: Boolean },
        kept: { type: Object }, // what differs from the dashboard's own options
    };

    setup() {
        this.orm = useService("orm");
        this.periodMenu = useDropdownState();
        this.state = useState({ filters: [], name: "", scopes: [] });
        useEffect(
            (id) => {
                this.loadScopes(id);
            },
            () => {
                const { id, revision } = this.props.answer.dashboard;
                return [id, revision];
            },
        );
        this.comparisons = [
            ["previous", _t("vs previous period")],
            ["year", _t("vs last year")],
            ["none", _t("No comparison")],
        ];
        this.ranges = [
            { periods: null, text: _t("Default") },
            ...RANGES.map((periods) => ({ periods, text: _t("%s periods", periods) })),
        ];
    }

    get options() {
        return this.props.answer.options;
    }

    get grain() {
        const { grain } = this.options;
        return this.props.answer.grains.find(([key]) => key === (grain || ""))?.[1] || "";
    }

    get comparison() {
        return this.comparisons.find(([key]) => key === this.options.comparison)?.[1];
    }

    /** Those that can be chosen, and what is shown now. */
    get scopes() {
        const choices = this.state.scopes.map(({ depth, id, name, type }) => ({
            label: INDENT.repeat(depth) + name,
            value: `${type}-${id}`,
        }));
        if (!choices.some(({ value }) => value === this.scope)) {
            // An address can ask for what its reader does not see.
            const label = this.props.answer.scope || _t("Not available");
            choices.unshift({ label, value: this.scope });
        }
        return choices;
    }

    get scope() {
        const { scope } = this.options;
        return scope ? `${scope.type}-${scope.id}` : "";
    }

    get cross() {
        return this.options.cross;
    }

    /** An address knows only its key: the tiles know what the part is called. */
    get crossName() {
        const { key } = this.cross;
        const named = this.props.answer.tiles.flatMap(({ chart, parts }) => [
            ...(parts?.rows || []),
            ...(chart?.series || []),
        ]);
        return named.find((each) => each.key === key || each.part === key)?.name || key;
    }

    get isFiltered() {
        const { cross, periods, scope, start } = this.props.kept;
        return Boolean(cross || periods || scope || start);
    }

    chooseScope(value) {
        const [type, id] = value.split("-");
        return this.props.choose({ scope: { type, id: Number(id) } });
    }

    /** There may be thousands: they come when the tiles are there, once per dashboard. */
    async loadScopes(id) {
        const known = await this.orm.silent.call("kpi.dashboard", "scopes", [[id]]).catch(() => []);
        if (id === this.props.answer.dashboard.id) {
            this.state.scopes = known;
        }
    }

    /** Without periods of its own each KPI shows the last of its periods in the month. */
    chooseMonth(day) {
        this.periodMenu.close();
        const first = DateTime.fromISO(day);
        const last = DateTime.min(first.endOf("month"), DateTime.local());
        return this.props.choose({ start: (this.options.grain ? first : last).toISODate() });
    }

    step(start) {
        return start && this.props.choose({ start });
    }

    reset() {
        return this.props.choose({ cross: null, periods: null, scope: null, start: null });
    }

    apply(filter) {
        return this.props.choose({ ...NOTHING, ...filter.options });
    }

    // Filters that somebody keeps by a name; fetched when they are looked for

    async loadFilters() {
        const domain = [["dashboard_id", "=", this.props.answer.dashboard.id]];
        this.state.filters = await this.orm.searchRead(FILTER, domain, ["name", "options"]);
    }

    async keep() {
        const name = this.state.name.trim();
        if (!name) {
            return;
        }
        const chosen = Object.entries(this.props.kept).filter(([, value]) => value);
        const dashboardId = this.props.answer.dashboard.id;
        const options = Object.fromEntries(chosen);
        await this.orm.create(FILTER, [{ dashboard_id: dashboardId, name, options }]);
        this.state.name = "";
        await this.loadFilters();
    }

    async forget(filter) {
        await this.orm.unlink(FILTER, [filter.id]);
        await this.loadFilters();
    }
}
