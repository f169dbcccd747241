// @ts-check
// The timeline panel: all calls, newest first. On wide screens the newest is unfolded, unless the person folded it.

import { announce } from "./announce.js";
import { callView } from "./call-view.js";
import { byId, el, hasFocus, setChildren } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./dom.js").Child} Child
 */
/** @typedef {{ item: HTMLLIElement, drawn: string, folds: Map<string, boolean>, isAnnounced: boolean }} Entry */

const openByDefault = ["request", "result", "campaign-log"];
/** In one column, unfolded details would push the next panels far down. */
const twoColumns = matchMedia("(min-width: 62rem)");

/** @param {Store} store */
export function showTimeline(store) {
  const list = byId("calls");
  /** @type {Map<number, Entry>} */
  const entries = new Map();

  function render() {
    const { calls } = store.state;
    for (const id of entries.keys()) if (!calls.some((call) => call.id === id)) entries.delete(id);
    const isNew = calls[0] !== undefined && !entries.has(calls[0].id);
    setChildren(
      list,
      calls.map((call, index) => draw(call, index === 0)),
    );
    // A new call is shown wherever the person had scrolled to.
    if (isNew) list.scrollTop = 0;
    byId("no-calls").hidden = calls.length > 0;
    byId("clear").hidden = calls.length === 0;
  }

  /** @param {Call} call @param {boolean} isNewest */
  function draw(call, isNewest) {
    const entry = entries.get(call.id) ?? { item: el("li"), drawn: "", folds: new Map(), isAnnounced: false };
    entries.set(call.id, entry);
    const drawn = `${call.revision} ${isNewest} ${document.documentElement.lang}`;
    if (entry.drawn === drawn) return entry.item;
    entry.drawn = drawn;
    const hadFocus = hasFocus(entry.item);
    entry.item.replaceChildren(callView(call, foldOf(entry, isNewest)));
    if (hadFocus) /** @type {HTMLElement} */ (entry.item.firstElementChild).focus();
    if (call.outcome !== "in-flight" && !entry.isAnnounced && !call.isBulk) announceResult(call);
    entry.isAnnounced = call.outcome !== "in-flight";
    return entry.item;
  }

  byId("clear").addEventListener("click", () => {
    store.clearCalls();
    announce(t("timeline.cleared"));
    byId("timeline-title").focus();
  });
  store.onChange(({ calls }, before) => {
    if (calls !== before.calls || calls.some(isOutdated)) render();
  });
  onLanguage(render);
  render();

  /** @param {Call} call */
  function isOutdated(call) {
    return !entries.get(call.id)?.drawn.startsWith(`${call.revision} `);
  }
}

/** @param {Entry} entry @param {boolean} isNewest @returns {import("./call-view.js").Fold} */
function foldOf({ folds }, isNewest) {
  return (name, title, ...content) => {
    const open = folds.get(name) ?? (isNewest && twoColumns.matches && openByDefault.includes(name));
    const summary = el("summary", {}, ...title.flatMap((part, index) => (index > 0 ? [" ", part] : [part])));
    const details = el("details", { open, "data-part": name }, summary, el("div", { class: "fold" }, ...content));
    summary.addEventListener("click", () => folds.set(name, !details.open));
    return details;
  };
}

/** @param {Call} call */
function announceResult({ command, workflow: { label }, error, outcome }) {
  const values = { command, label, outcome: t(`outcome.${outcome}`) };
  announce(
    error ? t("timeline.announce.failed", { ...values, code: error.code }) : t("timeline.announce.ended", values),
  );
}
