import { Component, onWillStart, useState } from "@odoo/owl";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { router } from "@web/core/browser/router";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { PeriodFilters, PeriodRange } from "./period_filters";
import { fromAddress, toAddress, toFile, USUAL_OPTIONS } from "./period_options";
import { groupTables } from "./period_rows";
import { BUILT_IN, PeriodTable } from "./period_table";

const MODEL = "kpi.period.report";

/** KPIs by period: chosen in the bar, stored in the address, read from the server. */
export class PeriodReport extends Component {
    static template = "kpi_tracking.PeriodReport";
    static components = {
        ...{ CheckBox, Dropdown, DropdownItem, Layout, PeriodFilters, PeriodRange, PeriodTable },
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({
            error: "",
            hasFilters: false,
            isDetailed: false,
            isLoading: true,
            matrix: null,
            options: {},
            reportId: false,
        });
        onWillStart(async () => {
            this.start = await this.orm.call(MODEL, "get_start", []);
            this.choose(this.firstOptions(), this.firstReportId());
        });
    }

    // Choosing

    firstReportId() {
        const asked = Number(this.props.action.params?.report || router.current.report);
        return this.start.reports.some((report) => report.id === asked) && asked;
    }

    firstOptions() {
        const saved = this.start.reports.find((report) => report.id === this.firstReportId());
        const usual = { ...USUAL_OPTIONS, scope_type: this.start.scope_type };
        return saved ? saved.options : { ...usual, ...fromAddress(router.current) };
    }

    /** Show another choice, and keep it in the address. */
    choose(options, reportId = false) {
        Object.assign(this.state, { options, reportId });
        const address = reportId ? toAddress(USUAL_OPTIONS) : toAddress(options);
        this.props.updateActionState?.({ ...address, report: reportId || undefined });
        return this.load();
    }

    change(changes) {
        return this.choose({ ...this.state.options, ...changes });
    }

    chooseReport(id) {
        const saved = this.start.reports.find((report) => report.id === id);
        const usual = { ...USUAL_OPTIONS, scope_type: this.start.scope_type };
        return this.choose(saved ? saved.options : usual, saved?.id || false);
    }

    toggleFigure(key) {
        const { figures } = this.state.options;
        const shown = figures.filter((figure) => figure !== key);
        return this.change({ figures: shown.length < figures.length ? shown : [...figures, key] });
    }

    // Showing

    get isEmpty() {
        return this.state.matrix && !this.state.matrix.sections.length;
    }

    /** Sections under one head each; calendars that differ have separate tables. */
    get tables() {
        return groupTables(this.state.matrix.sections);
    }

    /** The company whose own KPIs are shown. */
    get company() {
        const id = this.state.matrix?.company_id;
        return user.activeCompanies.find((company) => company.id === id)?.name || "";
    }

    /** Figures to choose; those with columns of their own where each period has them. */
    get figures() {
        const { isDetailed } = this.state;
        return this.start.figures.filter(({ key }) => isDetailed || !BUILT_IN.includes(key));
    }

    get reportName() {
        const saved = this.start.reports.find((report) => report.id === this.state.reportId);
        return saved?.name || _t("Saved tables");
    }

    get filterCount() {
        const { options } = this.state;
        const lists = Object.values(options).filter(
            (value) => Array.isArray(value) && value.length,
        );
        const figures = options.figures.length ? 1 : 0;
        return lists.length - figures + (options.scope_type ? 1 : 0);
    }

    async load() {
        Object.assign(this.state, { error: "", isLoading: true });
        try {
            const call = this.orm.silent.call(MODEL, "get_matrix", [this.state.options]);
            this.state.matrix = await this.last.add(call);
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The table could not be loaded."));
        }
        this.state.isLoading = false;
    }

    // Going on from here

    openKpi(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "kpi.report",
            res_id: row.id,
            views: [[false, "form"]],
        });
    }

    async explain(row, column) {
        const { grain } = this.state.matrix;
        const args = [[row.id], grain, column.start];
        return this.action.doAction(
            await this.orm.call("kpi.report", "action_explain_period", args),
        );
    }

    export(format) {
        return download({
            url: `/kpi_tracking/period_report/${format}`,
            data: { options: JSON.stringify(toFile(this.state.options)) },
        });
    }

    /** The form of a saved table, filled with what is shown now. */
    async save() {
        const action = await this.orm.call(MODEL, "get_save_action", [
            toFile(this.state.options),
            this.state.reportId,
        ]);
        const onClose = async () => {
            this.start = await this.orm.call(MODEL, "get_start", []);
            this.render();
        };
        return this.action.doAction(action, { onClose });
    }

    /** A scheduled email of the saved table; one that is not saved is saved first. */
    schedule() {
        const { reportId } = this.state;
        if (!reportId) {
            return this.save();
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Schedule"),
            res_model: "kpi.period.report.schedule",
            views: [[false, "form"]],
            target: "new",
            context: { default_period_report_id: reportId },
        });
    }
}

registry.category("lazy_components").add("kpi_tracking.PeriodReport", PeriodReport);
