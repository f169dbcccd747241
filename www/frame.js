// @ts-check
// What stands around the panels: the language switch, the picture of the pieces, the message when Campaign is away.

import { announce } from "./announce.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { currentLanguage, languages, onLanguage, setLanguage, t } from "./i18n.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./i18n.js").Key} Key */

export function showLanguages() {
  const buttons = languages.map(({ code, name }) => {
    const button = el("button", { type: "button", lang: code }, name);
    button.addEventListener("click", () => setLanguage(code));
    return { code, button };
  });
  byId("languages").append(...buttons.map(({ button }) => button));
  const render = () => {
    document.title = t("page.title");
    for (const { code, button } of buttons) setAttributes(button, { "aria-pressed": String(code === currentLanguage()) });
  };
  onLanguage(render);
  render();
}

/** @param {Store} store */
export function showFlow(store) {
  const hops = ["page", "client", "gateway", "campaign"].map((id) => {
    const name = el("strong");
    const about = el("span");
    return { id, name, about, element: el("li", { "data-hop": id }, name, about) };
  });
  byId("flow").append(...hops.map(({ element }) => element));
  const render = () => {
    const { campaign, calls } = store.now;
    for (const { id, name, about, element } of hops) {
      setText(name, t(/** @type {Key} */ (`flow.${id}`)));
      setText(about, t(/** @type {Key} */ (id === "campaign" ? `flow.campaign.${campaign}` : `flow.${id}.about`)));
      setAttributes(element, {
        "data-status": id === "campaign" ? campaign : null,
        "data-busy": calls.some(({ outcome }) => outcome === "flight"),
      });
    }
  };
  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {Store} store @param {() => void} tryNow */
export function showBanner(store, tryNow) {
  const title = el("strong");
  const about = el("span");
  const button = el("button", { type: "button" });
  button.addEventListener("click", tryNow);
  const banner = byId("banner");
  setChildren(banner, [el("p", {}, title, " ", about), button]);
  const render = () => {
    setText(title, t("lost.title"));
    setText(about, t("lost.about"));
    setText(button, t("lost.now"));
    setAttributes(banner, { hidden: store.now.campaign !== "lost" });
  };
  store.onChange((now, before) => {
    render();
    if (now.campaign === before.campaign) return;
    if (now.campaign === "lost") announce(`${t("lost.title")} ${t("lost.about")}`);
    else if (before.campaign === "lost") announce(t("lost.back"));
  });
  onLanguage(render);
  render();
}
