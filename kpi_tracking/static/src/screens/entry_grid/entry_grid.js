import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { EntryCards } from "./entry_cards";
import { EntryCellDetails } from "./entry_cell_details";
import { cellName } from "./entry_cells";
import { EntryGridStore } from "./entry_grid_store";
import { EntryTable } from "./entry_table";
import { UnusualDialog } from "./unusual_dialog";

const COUNTS = [3, 6, 12, 24];
const [COUNT, COUNT_OF_ONE] = [6, 12]; // of many KPIs; of those that somebody came from

/** Values of many KPIs and periods at once, or those of the KPI that it was opened for. */
export class EntryGrid extends Component {
    static template = "kpi_tracking.EntryGrid";
    static components = { EntryCards, EntryCellDetails, EntryTable, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.counts = COUNTS;
        const reportIds = this.props.action.context?.entry_report_ids || null;
        this.store = useState(new EntryGridStore(useService("orm")));
        this.name = this.env.config.getDisplayName();
        this.state = useState({
            active: null,
            asDraft: false,
            column: 0,
            count: reportIds ? COUNT_OF_ONE : COUNT,
            forOthers: false,
            layout: null,
            reportIds,
        });
        useBus(this.ui.bus, "resize", () => this.render());
        useSetupAction({
            beforeLeave: () => this.askBeforeLeaving(),
            beforeUnload: (ev) => this.warnBeforeUnload(ev),
        });
        onWillStart(() => this.load());
    }

    get display() {
        return { controlPanel: {} };
    }

    get activeCell() {
        const { active } = this.state;
        return active && this.store.rows[active.row]?.cells[active.column];
    }

    /** Other KPIs or periods are another table, which begins at its own cell. */
    get tableKey() {
        const { columns, layout } = this.store;
        return `${this.keyOf(layout)}/${columns.length}/${Boolean(this.state.reportIds)}`;
    }

    get saveText() {
        const count = this.store.enterable.length;
        if (!count) {
            return _t("Enter Values");
        }
        return count === 1 ? _t("Enter 1 Value") : _t("Enter %s Values", count);
    }

    /** The KPI that it is of, if one, and the periods: phones show one at a time. */
    get title() {
        const { columns, rows } = this.store;
        if (!columns.length) {
            return this.name;
        }
        const names = new Set(rows.map(({ name, scope }) => [name, scope].join(" · ")));
        const what = this.state.reportIds && names.size === 1 ? rows[0].name : "";
        const [first, last] = [columns[0].label, columns.at(-1).label];
        if (what) {
            return _t("Values of %s", what);
        }
        if (this.ui.isSmall || first === last) {
            return _t("Values of %s", columns[this.state.column]?.label || last);
        }
        return _t("Values, %(first)s to %(last)s", { first, last });
    }

    keyOf({ frequency, calendar_id: calendarId }) {
        return `${frequency}/${calendarId}`;
    }

    async load() {
        await this.store.load({
            count: this.state.count,
            for_others: this.state.forOthers,
            layout: this.state.layout && layoutOf(this.state.layout),
            report_ids: this.state.reportIds,
        });
        this.state.active = null;
        this.showColumn(this.firstColumn());
    }

    showColumn(column) {
        this.state.column = column;
        this.env.config.setDisplayName(this.title);
    }

    /** The earliest period in which an entry is due; the current one else. */
    firstColumn() {
        const last = this.store.columns.length - 1;
        const open = this.store.columns.findIndex((_column, index) =>
            this.store.rows.some((row) => row.cells[index].due && !row.cells[index].locked),
        );
        return open < 0 ? last : open;
    }

    /** Show other KPIs or periods; what was typed is not thrown away unasked. */
    async change(values) {
        if (await this.askBeforeLeaving()) {
            Object.assign(this.state, values);
            await this.load();
        } else {
            this.render();
        }
    }

    async save() {
        const count = await this.store.save({ asDraft: this.state.asDraft });
        const refused = this.store.errorCount;
        if (refused) {
            const message = _t("Values not entered: %(refused)s. Fix the errors and try again.", {
                refused,
            });
            this.notification.add(message, { type: "warning" });
        } else if (count) {
            this.notification.add(this.savedText(count), { type: "success" });
        }
        if (this.store.unusual.length) {
            this.askUnusual();
        }
    }

    /** Values far outside the usual are entered once somebody says that they are meant. */
    askUnusual() {
        const asked = this.store.unusual;
        this.dialog.add(UnusualDialog, {
            values: asked.map(({ cell, column, row }) => ({
                name: cellName(row, this.store.columns[column]),
                text: cell.unusual,
            })),
            confirm: () => {
                asked.forEach(({ cell }) => (cell.isSure = true));
                return this.save();
            },
        });
    }

    savedText(count) {
        if (this.state.asDraft) {
            return count === 1 ? _t("1 draft saved") : _t("%s drafts saved", count);
        }
        return count === 1 ? _t("1 value entered") : _t("%s values entered", count);
    }

    openKpis() {
        return this.action.doAction("kpi_tracking.kpi_report_action");
    }

    discard() {
        this.store.changed.forEach(({ cell }) => this.store.revert(cell));
        this.store.leftOver = [];
    }

    onKeydown(ev) {
        if ((ev.ctrlKey || ev.metaKey) && ev.key === "s") {
            ev.preventDefault();
            this.save();
        }
    }

    askBeforeLeaving() {
        const count = this.store.changed.length;
        if (!count) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("Unsaved Values"),
                    body:
                        count === 1
                            ? _t("1 unsaved value will be lost.")
                            : _t("%s unsaved values will be lost.", count),
                    confirmLabel: _t("Discard Values"),
                    cancelLabel: _t("Keep Editing"),
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) },
            );
        });
    }

    warnBeforeUnload(ev) {
        if (this.store.changed.length) {
            ev.preventDefault();
            ev.returnValue = "";
        }
    }
}

function layoutOf({ frequency, calendar_id }) {
    return { frequency, calendar_id };
}

registry.category("lazy_components").add("kpi_tracking.EntryGrid", EntryGrid);
