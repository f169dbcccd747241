// @ts-check
// The path of a command with the status of gateway and Campaign, the banner when the gateway can't be reached, and the footer.

import { announce } from "./announce.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").AppState} AppState */
/** @typedef {"connecting" | "connected" | "unreachable"} Status */

const stations = /** @type {const} */ (["page", "client", "gateway", "campaign"]);

/** @param {Store} store */
export function showFlow(store) {
  const items = stations.map((id) => {
    const name = el("strong");
    const about = el("span");
    return { id, name, about, element: el("li", { "data-station": id }, name, about) };
  });
  byId("flow").append(...items.map(({ element }) => element));
  const render = () => {
    const { state } = store;
    const isBusy = state.calls.some(({ outcome }) => outcome === "in-flight");
    for (const { id, name, about, element } of items) {
      const status = id === "gateway" ? gatewayStatus(state) : id === "campaign" ? campaignStatus(state) : null;
      setText(name, t(`flow.${id}`));
      setText(about, stationText(id, status, state));
      setAttributes(element, { "data-status": status, "data-busy": isBusy });
    }
  };
  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {typeof stations[number]} id @param {Status | null} status @param {AppState} state */
function stationText(id, status, { emulator }) {
  if (id === "gateway" && status === "unreachable") return t("flow.gateway.unreachable");
  if (id !== "campaign") return t(`flow.${id}.about`);
  const text = t(`flow.campaign.${status ?? "connecting"}`);
  return emulator ? t("flow.campaign.emulated", { status: text }) : text;
}

/** @param {AppState} state @returns {Status} a gateway that denies access is connected */
function gatewayStatus({ gateway }) {
  return gateway === "denied" ? "connected" : gateway;
}

/** Derived from the reads of the workflows: the page has no other contact with Campaign. @param {AppState} state @returns {Status} */
function campaignStatus({ gateway, workflows }) {
  const read = workflows.filter(({ isRead }) => isRead);
  if (gateway !== "connected" || read.length === 0) return "connecting";
  return read.every(({ problem }) => problem !== null) ? "unreachable" : "connected";
}

/** @param {Store} store */
export function showFooter(store) {
  const footer = byId("footer");
  const render = () => setText(footer, t(store.state.emulator === false ? "page.footer.deployed" : "page.footer"));
  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {Store} store @param {() => void} retry */
export function showBanner(store, retry) {
  const title = el("strong");
  const about = el("span");
  const button = el("button", { type: "button" });
  button.addEventListener("click", retry);
  const banner = byId("banner");
  setChildren(banner, [el("p", {}, title, " ", about), button]);
  const render = () => {
    setText(title, t("offline.title"));
    setText(about, t("offline.about"));
    setText(button, t("offline.retry"));
    setAttributes(banner, { hidden: store.state.gateway !== "unreachable" });
  };
  store.onChange(({ gateway }, before) => {
    render();
    if (gateway === before.gateway) return;
    if (gateway === "unreachable") announce(`${t("offline.title")} ${t("offline.about")}`);
    else if (before.gateway === "unreachable") announce(t("offline.back"));
  });
  onLanguage(render);
  render();
}
