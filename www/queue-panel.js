// @ts-check
// The queue panel: the form that schedules a command, and the lists of waiting, dead and ended commands.

import { isWorkflowCommandError } from "/pkg/client.js";
import { announce } from "./announce.js";
import { queueDisabledReason } from "./disabled-reasons.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { QueueError } from "./queue-api.js";
import { QueueForm } from "./queue-form.js";
import { QueueGroup } from "./queue-group.js";
import { pendingOf } from "./queue-poller.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 * @typedef {import("./queue-actions.js").Action} Action
 */

const tickMs = 1000;

/**
 * @param {Store} store @param {import("./emulator-api.js").EmulatorApi} emulator
 * @param {import("./queue-api.js").QueueApi} api @param {import("./queue-poller.js").QueuePoller} poller
 */
export function showQueue(store, emulator, api, poller) {
  const panel = byId("queue-panel");
  const about = el("p", { class: "about" });
  const label = el("label", { for: "queue-workflow" });
  const choice = el("select", { id: "queue-workflow" });
  const result = el("p", { class: "result", hidden: true });
  const outdated = el("p", { class: "problem", hidden: true });
  const form = new QueueForm(enqueue, render);
  const waiting = new QueueGroup("waiting", act, render);
  const dead = new QueueGroup("dead", act, render);
  const history = new QueueGroup("history", null, render);
  const groups = [waiting, dead, history];
  byId("queue").append(
    about,
    el("div", { class: "choice" }, label, choice),
    form.element,
    result,
    outdated,
    ...groups.map(({ element }) => element),
  );

  /** The numbers of the commands with a running action. @type {Set<number>} */
  const busy = new Set();
  /** @type {(() => import("./dom.js").Child[]) | null} */
  let lastResult = null;
  let shownWorkflow = "";

  /** @param {import("./queue-form.js").ScheduledCommand} scheduled */
  function enqueue({ command, delaySeconds, fault }) {
    const { workflow } = poller;
    if (!workflow) return;
    run(async () => {
      if (fault) await emulator.addFault({ ...fault, workflowId: workflow.id });
      const { number } = await api.enqueue(workflow.id, command, delaySeconds);
      return () => t("queue.done.queued", { command, number, label: workflow.label });
    });
  }

  /** @param {Action} action @param {CommandEntry} entry */
  async function act(action, { number, id, command }) {
    const { workflow } = poller;
    if (!workflow || busy.has(number)) return;
    busy.add(number);
    render();
    await run(async () => {
      const values = { command, number, label: workflow.label };
      if (action === "again") {
        const again = (await api.sendAgain(workflow.id, number)).number;
        return () => t("queue.done.again", { ...values, again });
      }
      if (action === "dismiss") {
        await api.dismiss(workflow.id, number);
        return () => t("queue.done.dismissed", values);
      }
      const { state } = await api.cancel(id ?? "");
      return () => t(state === "cancelled" ? "queue.done.cancelled" : "queue.done.late", values);
    });
    busy.delete(number);
    render();
  }

  /** Runs an action, shows its result and reads the lists. @param {() => Promise<() => string>} perform */
  async function run(perform) {
    try {
      const sentence = await perform();
      lastResult = () => [sentence()];
    } catch (error) {
      lastResult = () => problemText(error);
    }
    render();
    announce(result.textContent ?? "");
    await poller.poll();
  }

  function render() {
    const { lists, workflows } = store.state;
    const workflow = lists && store.workflow(lists.workflowId);
    setAttributes(panel, { hidden: !workflow, "data-shown": workflow?.id });
    if (!lists || !workflow) return;
    setText(about, t("queue.about"));
    setText(label, t("workflows.workflow"));
    if (choice.options.length !== workflows.length)
      setChildren(
        choice,
        workflows.map(() => el("option")),
      );
    workflows.forEach(({ id, label }, index) => {
      const option = /** @type {HTMLOptionElement} */ (choice.options[index]);
      setAttributes(option, { value: id });
      setText(option, `${id} ${label}`);
    });
    const chosen = poller.workflow?.id ?? workflow.id;
    if (choice.value !== chosen) choice.value = chosen;
    form.update(queueDisabledReason(store, form.command, workflow), store.state.emulator === true);
    setChildren(result, lastResult?.() ?? []);
    setAttributes(result, { hidden: lastResult === null });
    setText(outdated, lists.isOutdated ? t("queue.outdated") : "");
    setAttributes(outdated, { hidden: !lists.isOutdated });
    if (shownWorkflow !== workflow.id) for (const group of groups) group.clear();
    shownWorkflow = workflow.id;
    const pending = pendingOf(lists);
    const listed = new Set([...pending, ...lists.dead].map(({ number }) => number));
    waiting.update(store, workflow, pending, busy);
    dead.update(store, workflow, lists.dead, busy);
    history.update(
      store,
      workflow,
      lists.history.filter(({ number }) => !listed.has(number)),
      busy,
    );
  }

  choice.addEventListener("change", () => {
    lastResult = null;
    poller.choose(choice.value);
  });
  setInterval(() => document.hidden || waiting.tick(), tickMs);
  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {unknown} error @returns {import("./dom.js").Child[]} */
function problemText(error) {
  const isKnown = isWorkflowCommandError(error) || error instanceof QueueError;
  // The client promises to reject only with its own error; anything else is a defect and goes to the console.
  if (!isKnown) reportError(error);
  if (!isKnown || !error.message) return [t("queue.no-response")];
  const texts = [error.message, error.hint].filter((text) => text);
  return [
    el("code", { class: "code", translate: "no", lang: "en" }, error.code ?? ""),
    " ",
    el("span", { lang: "en" }, texts.join(" ")),
  ];
}
