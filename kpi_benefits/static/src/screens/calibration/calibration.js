import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { percent } from "@kpi_base/eager/formatting/formatting";

/** How good confidence scores were, of benefits that came to an end. */
export class Calibration extends Component {
    static template = "kpi_benefits.Calibration";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ found: null });
        onWillStart(async () => {
            this.state.found = await this.orm.call(
                "kpi.benefit.calibration",
                "get_calibration",
                [],
            );
        });
    }

    share(value) {
        return percent(value, 0);
    }

    score(value) {
        return formatFloat(value, { digits: [16, 3] });
    }

    get isKnown() {
        return this.state.found.total.brier !== undefined;
    }

    get headline() {
        const { count, given, came } = this.state.found.total;
        return _t("%(count)s scores averaged %(given)s; %(came)s of the benefits were realized.", {
            came: this.share(came),
            count,
            given: this.share(given),
        });
    }

    get comparison() {
        const { brier, naive } = this.state.found.total;
        const words = { brier: this.score(brier), naive: this.score(naive) };
        return brier < naive
            ? _t("Brier score %(brier)s: better than a constant forecast (%(naive)s).", words)
            : _t("Brier score %(brier)s: no better than a constant forecast (%(naive)s).", words);
    }

    get missing() {
        const { minimum, total } = this.state.found;
        return _t("Scores of completed benefits: %(count)s. The comparison needs %(minimum)s.", {
            count: total.count,
            minimum,
        });
    }

    range(band) {
        return `${this.share(band.low)} – ${this.share(band.high)}`;
    }

    interval(band) {
        return `${this.share(band.came_low)} – ${this.share(band.came_high)}`;
    }

    openScores() {
        return this.action.doAction("kpi_benefits.kpi_benefit_confidence_action");
    }
}

registry.category("lazy_components").add("kpi_benefits.Calibration", Calibration);
