import { localization } from "@web/core/l10n/localization";

const Recognition = () => window.SpeechRecognition || window.webkitSpeechRecognition;

/** Whether this browser can write down what is said. */
export function canListen() {
    return Boolean(Recognition());
}

/**
 * Write down one sentence.
 *
 * @returns {Promise<string>}
 * @raises Error: nothing was heard, or not allowed
 */
export function listen() {
    return new Promise((resolve, reject) => {
        const recognition = new (Recognition())();
        recognition.lang = language();
        recognition.onresult = ({ results }) => resolve(results[0][0].transcript);
        recognition.onerror = ({ error }) => reject(new Error(error));
        recognition.onend = () => reject(new Error("no-speech"));
        recognition.start();
    });
}

/** Say an answer aloud, where there is a voice. */
export function speak(text) {
    const voices = window.speechSynthesis?.getVoices() || [];
    if (voices.length) {
        const said = new SpeechSynthesisUtterance(text);
        said.lang = language();
        window.speechSynthesis.speak(said);
    }
}

const language = () => localization.code.replace("_", "-");
