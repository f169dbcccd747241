// @ts-check
// Every call, the newest first. Only the newest is unfolded, unless the person has folded things otherwise.

import { announce } from "./announce.js";
import { callView } from "./call-view.js";
import { byId, el, hasFocus, setChildren } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./dom.js").Child} Child
 */
/** @typedef {{ item: HTMLLIElement, drawn: string, folds: Map<string, boolean>, told: boolean }} Entry */

const opened = ["request", "answer", "witness"];

/** @param {Store} store */
export function showTimeline(store) {
  const list = byId("calls");
  /** @type {Map<number, Entry>} */
  const entries = new Map();

  function render() {
    const { calls } = store.now;
    for (const id of entries.keys()) if (!calls.some((call) => call.id === id)) entries.delete(id);
    const isNew = calls[0] !== undefined && !entries.has(calls[0].id);
    setChildren(
      list,
      calls.map((call, index) => draw(call, index === 0)),
    );
    // What was just asked for is seen, wherever the person had scrolled to.
    if (isNew) list.scrollTop = 0;
    byId("no-calls").hidden = calls.length > 0;
    byId("clear").hidden = calls.length === 0;
  }

  /** @param {Call} call @param {boolean} newest */
  function draw(call, newest) {
    const entry = entries.get(call.id) ?? { item: el("li"), drawn: "", folds: new Map(), told: false };
    entries.set(call.id, entry);
    const drawn = `${call.revision} ${newest} ${document.documentElement.lang}`;
    if (entry.drawn === drawn) return entry.item;
    entry.drawn = drawn;
    const hadFocus = hasFocus(entry.item);
    entry.item.replaceChildren(callView(call, folding(entry, newest)));
    if (hadFocus) /** @type {HTMLElement} */ (entry.item.firstElementChild).focus();
    if (call.outcome !== "flight" && !entry.told && !call.many) tell(call);
    entry.told = call.outcome !== "flight";
    return entry.item;
  }

  byId("clear").addEventListener("click", () => {
    store.clearCalls();
    announce(t("timeline.cleared"));
    byId("timeline-title").focus();
  });
  store.onChange((now, before) => (now.calls !== before.calls || now.calls.some(isStale) ? render() : undefined));
  onLanguage(render);
  render();

  /** @param {Call} call */
  function isStale(call) {
    return !entries.get(call.id)?.drawn.startsWith(`${call.revision} `);
  }
}

/** @param {Entry} entry @param {boolean} newest @returns {import("./call-view.js").Fold} */
function folding({ folds }, newest) {
  return (name, title, ...content) => {
    const open = folds.get(name) ?? (newest && opened.includes(name));
    const summary = el("summary", {}, ...title.flatMap((part, index) => (index > 0 ? [" ", part] : [part])));
    const details = el("details", { open, "data-part": name }, summary, el("div", { class: "fold" }, ...content));
    summary.addEventListener("click", () => folds.set(name, !details.open));
    return details;
  };
}

/** @param {Call} call */
function tell({ command, workflow: { label }, error, outcome }) {
  if (!error) return announce(t("timeline.news.ended", { command, label, outcome: t(`outcome.${outcome}`) }));
  announce(t("timeline.news.failed", { command, label, code: error.code, outcome: t(`outcome.${error.outcome}`) }));
}
