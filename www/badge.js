// @ts-check
// Badges with text, colour and icon: the state of a workflow, the outcome of a call.

import { el, setAttributes, setChildren } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** @typedef {import("./store.js").Call["outcome"]} Outcome */
/** @typedef {import("./store.js").WorkflowState | "unknown" | "reading"} DisplayedState */

/** @param {Outcome} outcome */
export function outcomeBadge(outcome) {
  const badge = el("span", { class: "badge", "data-outcome": outcome }, icon(outcome), t(`outcome.${outcome}`));
  if (outcome !== "in-flight") badge.title = t(`outcome.about.${outcome}`);
  return badge;
}

/** @param {HTMLElement} badge @param {DisplayedState} state */
export function updateStateBadge(badge, state) {
  if (badge.dataset.state !== state) badge.replaceChildren(icon(state), "");
  setAttributes(badge, { "data-state": state });
  setChildren(badge, [badge.firstChild, t(`state.${state}`)]);
}
