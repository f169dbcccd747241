// @ts-check
// The panel of a workflow's commands: one for later, those that wait, those that need attention, and those that have ended.

import { isWorkflowCommandError } from "/pkg/client.js";
import { announce } from "./announce.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { QueueError } from "./queue-api.js";
import { QueueForm } from "./queue-form.js";
import { QueueGroup } from "./queue-group.js";
import { pendingOf } from "./queue-poller.js";
import { reasonAgainstQueued } from "./disabled-reasons.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 * @typedef {import("./queue-actions.js").Action} Action
 */

const tickMs = 1000;

/**
 * @param {Store} store @param {import("./emulator-api.js").LocalCampaign} campaign
 * @param {import("./queue-api.js").QueueApi} api @param {import("./queue-poller.js").QueueWatch} watch
 */
export function showQueue(store, campaign, api, watch) {
  const panel = byId("queue-panel");
  const about = el("p", { class: "about" });
  const label = el("label", { for: "queue-workflow" });
  const choice = el("select", { id: "queue-workflow" });
  const news = el("p", { class: "news", hidden: true });
  const lost = el("p", { class: "problem", hidden: true });
  const form = new QueueForm(enqueue, render);
  const waiting = new QueueGroup("waiting", act, render);
  const dead = new QueueGroup("dead", act, render);
  const history = new QueueGroup("history", null, render);
  const groups = [waiting, dead, history];
  byId("queue").append(
    about,
    el("div", { class: "choice" }, label, choice),
    form.element,
    news,
    lost,
    ...groups.map(({ element }) => element),
  );

  /** The commands with which something is being done. @type {Set<number>} */
  const busy = new Set();
  /** @type {(() => import("./dom.js").Child[]) | null} */
  let said = null;
  let shownOf = "";

  /** @param {import("./queue-form.js").Later} later */
  function enqueue({ command, delaySeconds, fault }) {
    const { workflow } = watch;
    if (!workflow) return;
    run(async () => {
      if (fault) await campaign.addFault({ ...fault, workflowId: workflow.id });
      const { number } = await api.enqueue(workflow.id, command, delaySeconds);
      return () => t("queue.done.queued", { command, number, label: workflow.label });
    });
  }

  /** @param {Action} action @param {CommandEntry} entry */
  async function act(action, { number, id, command }) {
    const { workflow } = watch;
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

  /** Says what came of it, and reads the lists. @param {() => Promise<() => string>} perform */
  async function run(perform) {
    try {
      const sentence = await perform();
      said = () => [sentence()];
    } catch (error) {
      said = () => problemText(error);
    }
    render();
    announce(news.textContent ?? "");
    await watch.look();
  }

  function render() {
    const { lists, workflows, emulator } = store.now;
    const workflow = lists && store.workflow(lists.workflowId);
    setAttributes(panel, { hidden: !workflow, "data-shown": workflow?.id });
    if (!lists || !workflow) return;
    setText(about, t("queue.about"));
    setText(label, t("trials.workflow"));
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
    const chosen = watch.workflow?.id ?? workflow.id;
    if (choice.value !== chosen) choice.value = chosen;
    form.update(reasonAgainstQueued(store, form.command, workflow), emulator === true);
    setChildren(news, said?.() ?? []);
    setAttributes(news, { hidden: said === null });
    setText(lost, lists.isLost ? t("queue.lost") : "");
    setAttributes(lost, { hidden: !lists.isLost });
    if (shownOf !== workflow.id) for (const group of groups) group.forget();
    shownOf = workflow.id;
    const pending = pendingOf(lists);
    const above = new Set([...pending, ...lists.dead].map(({ number }) => number));
    waiting.update(store, workflow, pending, busy);
    dead.update(store, workflow, lists.dead, busy);
    history.update(
      store,
      workflow,
      lists.history.filter(({ number }) => !above.has(number)),
      busy,
    );
  }

  choice.addEventListener("change", () => {
    said = null;
    watch.choose(choice.value);
  });
  setInterval(() => document.hidden || waiting.tick(), tickMs);
  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {unknown} error @returns {import("./dom.js").Child[]} */
function problemText(error) {
  const isKnown = isWorkflowCommandError(error) || error instanceof QueueError;
  // The client promises to reject with nothing else: what breaks that promise is left to the console.
  if (!isKnown) reportError(error);
  if (!isKnown || !error.message) return [t("queue.no-answer")];
  const words = [error.message, error.hint].filter((text) => text);
  return [
    el("code", { class: "code", translate: "no", lang: "en" }, error.code ?? ""),
    " ",
    el("span", { lang: "en" }, words.join(" ")),
  ];
}
