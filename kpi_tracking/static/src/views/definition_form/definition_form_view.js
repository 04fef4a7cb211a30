import { useEffect, useRef } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormRenderer } from "@web/views/form/form_renderer";
import { namedFieldsFormView } from "@kpi_tracking/eager/named_fields_form/named_fields_form_view";
import { askInSpiteOf } from "@kpi_tracking/eager/uses/uses";
import { ChangeDialog } from "./change_dialog";

const UNIT_FIELDS = ["unit", "unit_symbol", "currency_id", "duration_unit"];

class DefinitionFormController extends namedFieldsFormView.Controller {
    /** A KPI that has values and is to be computed in another way: from when on? */
    async onWillSaveRecord(record, changes) {
        this.forget(record);
        if (record.isNew || !record.data.has_measurements) {
            return super.onWillSaveRecord(...arguments);
        }
        if (!(await this.isUnitMeant(changes))) {
            return false;
        }
        const change = await this.orm.call("kpi.definition", "get_change", [changes, record.resId]);
        if (change) {
            const answer = await this.askDay(change);
            if (!answer) {
                return false;
            }
            if (change.needs_proposal) {
                await this.propose(record, changes, answer);
                return false;
            }
            record.context.kpi_valid_from = answer.day;
            record.context.kpi_change_reason = answer.reason;
        }
        return super.onWillSaveRecord(...arguments);
    }

    /** What needs approval is proposed; the form shows again what is in force. */
    async propose(record, changes, { day, reason }) {
        const action = await this.orm.call("kpi.definition", "propose_change", [
            [record.resId],
            changes,
            day,
            reason,
        ]);
        await record.discard();
        await this.actionService.doAction(action);
    }

    /** Another unit changes what all values mean, wherever they are shown. */
    isUnitMeant(changes) {
        if (!this.uses.length || !UNIT_FIELDS.some((name) => name in changes)) {
            return true;
        }
        const question = _t("Change the unit of all values, including earlier ones?");
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    title: _t("Change Unit"),
                    body: askInSpiteOf(question, this.uses),
                    confirmLabel: _t("Change Unit"),
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) },
            );
        });
    }

    async onRecordSaved(record) {
        this.forget(record);
        return super.onRecordSaved(...arguments);
    }

    /** What would follow is said before a KPI is taken away. */
    get archiveDialogProps() {
        const props = super.archiveDialogProps;
        return { ...props, body: askInSpiteOf(_t("Archive this KPI?"), this.uses) };
    }

    get deleteConfirmationDialogProps() {
        const props = super.deleteConfirmationDialogProps;
        return this.uses.length
            ? { ...props, body: askInSpiteOf(_t("Delete this KPI?"), this.uses) }
            : props;
    }

    get uses() {
        return this.model.root.data.uses || [];
    }

    /** What was answered holds for one change. */
    forget({ context }) {
        delete context.kpi_valid_from;
        delete context.kpi_change_reason;
    }

    /** The day that is chosen, and why; undefined where the dialog is left without. */
    askDay(change) {
        return new Promise((resolve) => {
            this.dialogService.add(
                ChangeDialog,
                { change, choose: resolve },
                { onClose: () => resolve() },
            );
        });
    }
}

/** Choosing how a KPI is computed opens the tab that has to be filled for it. */
class DefinitionFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        const root = useRef("compiled_view_root");
        let shownId;
        useEffect(
            (id, computation) => {
                if (shownId === id) {
                    // Named as the computation; what people enter has no tab.
                    // eslint-disable-next-line no-restricted-syntax -- Odoo draws the tabs
                    root.el.querySelector(`.nav-link[name="${computation}"]`)?.click();
                }
                shownId = id;
            },
            () => [this.props.record.id, this.props.record.data.computation],
        );
    }

    /** A new definition has nobody to discuss it with. */
    mailLayout(...args) {
        return this.props.record.isNew ? "NONE" : super.mailLayout(...args);
    }
}

// It spreads over tabs: what is missing is named, with its tab.
registry.category("views").add("kpi_definition_form", {
    ...namedFieldsFormView,
    Controller: DefinitionFormController,
    Renderer: DefinitionFormRenderer,
});
