// @ts-check
// What stands around the panels: the language switch, the picture of the pieces, the message when the gateway is away, the footer.

import { announce } from "./announce.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { currentLanguage, languages, onLanguage, setLanguage, t } from "./i18n.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Knowledge} Knowledge */
/** @typedef {"connecting" | "connected" | "lost"} Status */
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
    for (const { code, button } of buttons)
      setAttributes(button, { "aria-pressed": String(code === currentLanguage()) });
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
    const { calls } = store.now;
    const status = /** @type {Record<string, string | undefined>} */ ({
      gateway: gatewayStatus(store.now),
      campaign: campaignStatus(store.now),
    });
    for (const { id, name, about, element } of hops) {
      setText(name, t(/** @type {Key} */ (`flow.${id}`)));
      setText(about, aboutHop(id, status[id], store.now));
      setAttributes(element, {
        "data-status": status[id],
        "data-busy": calls.some(({ outcome }) => outcome === "flight"),
      });
    }
  };
  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {string} id @param {string | undefined} status @param {Knowledge} now */
function aboutHop(id, status, { emulator }) {
  if (id === "gateway" && status === "lost") return t("flow.gateway.lost");
  if (id !== "campaign") return t(/** @type {Key} */ (`flow.${id}.about`));
  const about = t(/** @type {Key} */ (`flow.campaign.${status}`));
  return emulator ? t("flow.campaign.local", { about }) : about;
}

/** @param {Knowledge} now @returns {Status} one that refuses is connected */
function gatewayStatus({ gateway }) {
  return gateway === "refused" ? "connected" : gateway;
}

/** Told by what was read of the workflows, since nothing else is known of it. @param {Knowledge} now @returns {Status} */
function campaignStatus({ gateway, workflows }) {
  const read = workflows.filter(({ isRead }) => isRead);
  if (gateway !== "connected" || read.length === 0) return "connecting";
  return read.every(({ problem }) => problem !== null) ? "lost" : "connected";
}

/** @param {Store} store */
export function showFooter(store) {
  const footer = byId("footer");
  const render = () => setText(footer, t(store.now.emulator === false ? "page.footer.deployed" : "page.footer"));
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
    setAttributes(banner, { hidden: store.now.gateway !== "lost" });
  };
  store.onChange((now, before) => {
    render();
    if (now.gateway === before.gateway) return;
    if (now.gateway === "lost") announce(`${t("lost.title")} ${t("lost.about")}`);
    else if (before.gateway === "lost") announce(t("lost.back"));
  });
  onLanguage(render);
  render();
}
