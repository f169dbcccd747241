// @ts-check
// The panel of trials: tells the local Campaign to fail, calls the client, and compares what came with what was promised. Without
// the emulator there are only those trials that need no help from it.

import { announce } from "./announce.js";
import { fittingCommand, runningWait } from "./workflow-states.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { loseAnswer, loseNothing } from "./lost-responses.js";
import { commandsRefused } from "./disabled-reasons.js";
import { signInFor } from "./sign-in.js";
import { TrialRow } from "./failure-row.js";
import { groups, needsEmulator } from "./failure-cases.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./failure-cases.js").Trial} Trial
 */

/**
 * @param {Store} store
 * @param {import("./emulator-api.js").LocalCampaign} campaign
 * @param {import("./calls.js").Caller} caller @param {import("./workflow-poller.js").Reading} reading
 */
export function showTrials(store, campaign, caller, reading) {
  const about = el("p", { class: "about" });
  const deployed = el("p", { class: "about" });
  const label = el("label", { for: "trial-workflow" });
  const choice = el("select", { id: "trial-workflow" });
  const sends = el("p", { class: "faint sends" });
  const rows = groups.flatMap(({ trials }) => trials.map((trial) => new TrialRow(trial, () => press(trial))));
  const sections = groups.map(({ id, trials }, index) => {
    const title = el("h3");
    const list = el(
      "ul",
      { role: "list" },
      ...rows.filter((row) => trials.includes(row.trial)).map((row) => row.element),
    );
    const element = el(
      "details",
      { class: "group", "data-group": id, open: index === 0 },
      el("summary", {}, title),
      list,
    );
    return { id, trials, title, element };
  });
  byId("trials").append(
    about,
    deployed,
    el("div", { class: "choice" }, label, choice, sends),
    ...sections.map(({ element }) => element),
  );

  /** @type {Trial | null} */
  let running = null;
  /** @type {Map<string, Call>} */
  const last = new Map();

  function target() {
    const free = store.now.workflows.filter(({ id }) => !store.flightOf(id));
    const certain = free.filter((workflow) => runningWait(workflow)?.isAccepted !== false);
    if (choice.value) return free.find(({ id }) => id === choice.value);
    return certain.find((workflow) => workflow.may.some((word) => word === fittingCommand(workflow))) ?? free[0];
  }

  /** @param {Trial} trial */
  async function press(trial) {
    if (running === trial) return store.now.calls.find((call) => call.trial === trial.id)?.cancel();
    const reason = reasonAgainst(trial);
    if (reason) return announce(reason);
    const workflow = target();
    const command = workflow && fittingCommand(workflow);
    if (!workflow || !command) return announce(t("trials.none"));
    running = trial;
    render();
    try {
      if (trial.fault) await campaign.addFault({ ...trial.fault, workflowId: workflow.id });
      if (trial.lostAnswer) await loseAnswer(workflow.id);
      const { id, role, cancelled = false, signedOut = false } = trial;
      const order = { workflow, command, trial: id, changes: trial.changes?.(workflow) ?? {}, cancelled, signedOut };
      const send = () => caller.send(order);
      const first = await (role ? signInFor(store, role, send) : send());
      last.set(id, trial.twice && first.receipt ? await send() : first);
    } catch {
      announce(t("trials.failed"));
    } finally {
      if (trial.fault) await campaign.clearFaults().catch(() => announce(t("trials.failed")));
      if (trial.lostAnswer) await loseNothing().catch(() => announce(t("trials.failed")));
      // What the other may was perhaps read in between.
      if (trial.role) reading.all();
      running = null;
      render();
    }
  }

  /** @param {Trial} trial */
  function isShown(trial) {
    const { emulator, role } = store.now;
    return !(emulator === false && needsEmulator(trial)) && !(role === null && trial.role);
  }

  /** Why it can't be tried now; empty: it can. @param {Trial} trial */
  function reasonAgainst({ anyone, role, signedOut }) {
    if (running) return t("trials.busy");
    if (store.now.workflows.length === 0)
      return t(store.now.gateway === "refused" ? "workflows.refused" : "workflows.none");
    return anyone || role || signedOut ? "" : commandsRefused(store);
  }

  function render() {
    setText(about, t("trials.about"));
    setText(deployed, store.now.emulator === false ? t("trials.deployed") : "");
    deployed.hidden = store.now.emulator !== false;
    setText(label, t("trials.workflow"));
    for (const { id, trials, title, element } of sections) {
      setText(title, t(/** @type {any} */ (`trials.group.${id}`)));
      element.hidden = !trials.some(isShown);
    }
    renderChoice();
    for (const row of rows) {
      const kept = last.get(row.trial.id);
      row.element.hidden = !isShown(row.trial);
      row.update(
        running === row.trial,
        running === row.trial ? "" : reasonAgainst(row.trial),
        kept && store.now.calls.includes(kept) ? kept : undefined,
      );
    }
  }

  function renderChoice() {
    const { workflows } = store.now;
    const wanted = ["", ...workflows.map(({ id }) => id)];
    if (choice.options.length !== wanted.length)
      setChildren(
        choice,
        wanted.map((value) => el("option", { value })),
      );
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
