// @ts-check
// The buttons that choose the page's language.

import { byId, el, setAttributes } from "./dom.js";
import { currentLanguage, languages, onLanguage, setLanguage, t } from "./i18n.js";

export function showLanguageSwitch() {
  const buttons = languages.map(({ code, name }) => {
    const button = el("button", { type: "button", lang: code }, name);
    button.addEventListener("click", () => setLanguage(code));
    return { code, button };
  });
  byId("languages").append(...buttons.map(({ button }) => button));
  const render = () => {
    document.title = t("page.title");
    for (const { code, button } of buttons)
      setAttributes(button, { "aria-pressed": String(code === currentLanguage()) });
  };
  onLanguage(render);
  render();
}
