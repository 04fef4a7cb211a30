import { registry } from "@web/core/registry";
import { FormCompiler } from "@web/views/form/form_compiler";
import { FormController } from "@web/views/form/form_controller";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";

const BESIDE = "flex-nowrap h-100"; // classes that put the chatter next to the sheet

class ReportFormCompiler extends FormCompiler {
    compileForm() {
        const form = super.compileForm(...arguments);
        const classes = form.getAttribute("t-attf-class");
        form.setAttribute("t-attf-class", classes.replace(BESIDE, "flex-column"));
        return form;
    }
}

class ReportFormController extends FormController {
    /** As on a screen that is not very wide: the page scrolls, not the sheet. */
    get className() {
        const classes = { ...super.className };
        delete classes["o_xxl_form_view h-100"];
        return classes;
    }
}

/** The chatter is below the sheet, which is as wide as the page. */
class ReportFormRenderer extends FormRenderer {
    mailLayout() {
        const layout = super.mailLayout(...arguments);
        return layout === "SIDE_CHATTER" ? "BOTTOM_CHATTER" : layout;
    }
}

registry.category("views").add("kpi_report_form", {
    ...formView,
    Compiler: ReportFormCompiler,
    Controller: ReportFormController,
    Renderer: ReportFormRenderer,
});
