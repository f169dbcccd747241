// @ts-check
// The panel of trials: tells the local Campaign to fail, calls the client, and compares what came with what was promised.

import { announce } from "./announce.js";
import { fittingCommand } from "./commands.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { loseAnswer, loseNothing } from "./lost-answers.js";
import { TrialRow } from "./trial-row.js";
import { groups } from "./trials-list.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./trials-list.js").Trial} Trial
 */

/**
 * @param {Store} store
 * @param {import("./campaign.js").LocalCampaign} campaign
 * @param {(order: import("./calls.js").Order) => Promise<Call>} send
 */
export function showTrials(store, campaign, send) {
  const about = el("p", { class: "about" });
  const label = el("label", { for: "trial-workflow" });
  const choice = el("select", { id: "trial-workflow" });
  const sends = el("p", { class: "faint sends" });
  const rows = groups.flatMap(({ trials }) => trials.map((trial) => new TrialRow(trial, () => press(trial))));
  const sections = groups.map(({ id, trials }, index) => {
    const title = el("h3");
    const list = el("ul", { role: "list" }, ...rows.filter((row) => trials.includes(row.trial)).map((row) => row.element));
    const element = el("details", { class: "group", "data-group": id, open: index === 0 }, el("summary", {}, title), list);
    return { id, title, element };
  });
  byId("trials").append(about, el("div", { class: "choice" }, label, choice, sends), ...sections.map(({ element }) => element));

  /** @type {Trial | null} */
  let running = null;
  /** @type {Map<string, Call>} */
  const last = new Map();

  function target() {
    const free = store.now.workflows.filter(({ id }) => !store.flightOf(id));
    return choice.value ? free.find(({ id }) => id === choice.value) : free[0];
  }

  /** @param {Trial} trial */
  async function press(trial) {
    if (running === trial) return store.now.calls.find((call) => call.trial === trial.id)?.cancel();
    if (running) return announce(t("trials.busy"));
    const workflow = target();
    const command = workflow && fittingCommand(workflow);
    if (!workflow || !command) return announce(t("trials.none"));
    running = trial;
    render();
    try {
      if (trial.fault) await campaign.addFault({ ...trial.fault, workflowId: workflow.id });
      if (trial.lostAnswer) await loseAnswer(workflow.id);
      const { id, cancelled = false, signedOut = false } = trial;
      const order = { workflow, command, trial: id, changes: trial.changes?.(workflow) ?? {}, cancelled, signedOut };
      const first = await send(order);
      last.set(id, trial.twice && first.receipt ? await send(order) : first);
    } catch {
      announce(t("trials.failed"));
    } finally {
      if (trial.fault) await campaign.clearFaults().catch(() => announce(t("trials.failed")));
      if (trial.lostAnswer) await loseNothing().catch(() => announce(t("trials.failed")));
      running = null;
      render();
    }
  }

  function render() {
    setText(about, t("trials.about"));
    setText(label, t("trials.workflow"));
    for (const { id, title } of sections) setText(title, t(/** @type {any} */ (`trials.group.${id}`)));
    renderChoice();
    for (const row of rows) {
      const kept = last.get(row.trial.id);
      row.update(running, kept && store.now.calls.includes(kept) ? kept : undefined);
    }
  }

  function renderChoice() {
    const { workflows } = store.now;
    const wanted = ["", ...workflows.map(({ id }) => id)];
    if (choice.options.length !== wanted.length) setChildren(choice, wanted.map((value) => el("option", { value })));
    for (const option of choice.options) {
      const workflow = workflows.find(({ id }) => id === option.value);
      setText(option, workflow ? `${workflow.id} ${workflow.label}` : t("trials.any"));
    }
    const workflow = target();
    const command = workflow && fittingCommand(workflow);
    if (running) return;
    setAttributes(sends, { hidden: workflows.length === 0 });
    setText(sends, command && workflow ? t("trials.sends", { command, workflow: workflow.label }) : t("trials.none"));
  }

  choice.addEventListener("change", render);
  store.onChange(render);
  onLanguage(render);
  render();
}
