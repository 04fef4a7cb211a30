import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { useService } from "@web/core/utils/hooks";

const WORDS = { certified: _t("Certified"), review: _t("To review") };

/** By whom and when a KPI was certified, and the way to what was checked. */
export class CertifiedAbout extends Component {
    static template = "kpi_tracking.CertifiedAbout";
    static props = {
        close: { type: Function, optional: true },
        openDefinition: { type: Function, optional: true },
        text: { type: String },
    };

    async open() {
        this.props.close?.();
        await this.props.openDefinition();
    }
}

/** A seal and a word: somebody has checked how a KPI is computed. One click says who. */
export class CertifiedBadge extends Component {
    static template = "kpi_tracking.CertifiedBadge";
    static props = {
        definitionId: { type: Number },
        hasLink: { type: Boolean, optional: true }, // to the definition
        isIconOnly: { type: Boolean, optional: true },
        state: { type: String },
    };
    static defaultProps = { hasLink: true, isIconOnly: false };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.about = usePopover(CertifiedAbout, { position: "bottom-start" });
    }

    get word() {
        return WORDS[this.props.state];
    }

    async show({ currentTarget }) {
        const { definitionId, hasLink } = this.props;
        const text = await this.orm.call("kpi.definition", "get_certification", [[definitionId]]);
        const openDefinition = () => this.action.doAction(definitionAction(definitionId));
        this.about.open(currentTarget, {
            text: text || this.word,
            openDefinition: hasLink ? openDefinition : undefined,
        });
    }
}

/** The form that shows how a KPI is computed. */
function definitionAction(id) {
    return {
        type: "ir.actions.act_window",
        res_model: "kpi.definition",
        res_id: id,
        views: [[false, "form"]],
    };
}
