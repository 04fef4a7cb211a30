import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { SelectMenu } from "@web/core/select_menu/select_menu";

const SHOWN_SCOPES = 8; // more are searched
const INDENT = "\u2003";

/** Which periods, compared with what, of whom; and the filters that somebody keeps. */
export class DashboardBar extends Component {
    static template = "kpi_tracking.DashboardBar";
    static components = { Dropdown, DropdownItem, SelectMenu };
    static props = {
        answer: { type: Object },
        choose: { type: Function }, // (changed options)
        isBusy: { type: Boolean },
        keep: { type: Function }, // (name of the filters)
        forget: { type: Function }, // (kept filters)
    };

    setup() {
        this.state = useState({ name: "" });
        this.comparisons = [
            ["previous", _t("Previous period")],
            ["year", _t("A year before")],
            ["none", _t("Nothing")],
        ];
    }

    get options() {
        return this.props.answer.options;
    }

    get filters() {
        return this.props.answer.dashboard.filters || [];
    }

    get grain() {
        const { grain } = this.options;
        return this.props.answer.grains.find(([key]) => key === (grain || ""))?.[1] || "";
    }

    get comparison() {
        return this.comparisons.find(([key]) => key === this.options.comparison)?.[1];
    }

    get scopes() {
        return (this.props.answer.scopes || []).map(({ depth, id, name, type }) => ({
            label: INDENT.repeat(depth || 0) + name,
            value: `${type}-${id}`,
        }));
    }

    get scope() {
        const { scope } = this.options;
        return scope ? `${scope.type}-${scope.id}` : false;
    }

    get isSearchable() {
        return this.scopes.length > SHOWN_SCOPES;
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
        return Boolean(this.options.cross || this.options.scope || this.options.start);
    }

    chooseScope(value) {
        const [type, id] = String(value || "").split("-");
        return this.props.choose({ scope: type ? { type, id: Number(id) } : null });
    }

    step(start) {
        return start && this.props.choose({ start });
    }

    reset() {
        return this.props.choose({ cross: null, scope: null, start: null });
    }

    apply(filter) {
        const nothing = { comparison: null, cross: null, grain: null, scope: null, start: null };
        return this.props.choose({ ...nothing, ...filter.options });
    }

    async keep() {
        const name = this.state.name.trim();
        if (name) {
            this.state.name = "";
            await this.props.keep(name);
        }
    }
}
