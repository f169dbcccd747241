// @ts-check
// The failures panel: sets up a failure, makes the call, and compares the client's report with the expected one. Without the
// emulator it only offers the cases that don't need it.

import { announce } from "./announce.js";
import { permissionReason } from "./disabled-reasons.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { groups, needsEmulator } from "./failure-cases.js";
import { FailureRow } from "./failure-row.js";
import { onLanguage, t } from "./i18n.js";
import { cancelLostResponses, loseResponse } from "./lost-responses.js";
import { withRole } from "./sign-in.js";
import { openWait, suggestedCommand } from "./workflow-states.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./failure-cases.js").FailureCase} FailureCase
 */

/**
 * @param {Store} store
 * @param {import("./emulator-api.js").EmulatorApi} emulator
 * @param {import("./calls.js").Caller} caller @param {import("./workflow-poller.js").WorkflowPoller} poller
 */
export function showFailures(store, emulator, caller, poller) {
  const about = el("p", { class: "about" });
  const deployed = el("p", { class: "about" });
  const label = el("label", { for: "failure-workflow" });
  const choice = el("select", { id: "failure-workflow" });
  const sends = el("p", { class: "faint sends" });
  const rows = groups.flatMap(({ cases }) => cases.map((each) => new FailureRow(each, () => press(each))));
  const sections = groups.map(({ id, cases }, index) => {
    const title = el("h3");
    const items = rows.filter((row) => cases.includes(row.failureCase)).map((row) => row.element);
    const list = el("ul", { role: "list" }, ...items);
    const element = el(
      "details",
      { class: "group", "data-group": id, open: index === 0 },
      el("summary", {}, title),
      list,
    );
    return { id, cases, title, element };
  });
  byId("failures").append(
    about,
    deployed,
    el("div", { class: "choice" }, label, choice, sends),
    ...sections.map(({ element }) => element),
  );

  /** @type {FailureCase | null} */
  let running = null;
  /** The last call of each case, by id. @type {Map<string, Call>} */
  const lastCalls = new Map();

  /** The workflow that the next case uses. */
  function target() {
    const idle = store.state.workflows.filter(({ id }) => !store.callInFlight(id));
    if (choice.value) return idle.find(({ id }) => id === choice.value);
    const known = idle.filter((workflow) => openWait(workflow)?.isAccepted !== false);
    return known.find((workflow) => workflow.may.some((name) => name === suggestedCommand(workflow))) ?? idle[0];
  }

  /** @param {FailureCase} failureCase */
  async function press(failureCase) {
    if (running === failureCase) return store.state.calls.find((call) => call.failureCase === failureCase.id)?.cancel();
    const reason = disabledReason(failureCase);
    if (reason) return announce(reason);
    const workflow = target();
    const command = workflow && suggestedCommand(workflow);
    if (!workflow || !command) return announce(t("failures.none"));
    running = failureCase;
    render();
    try {
      await setUp(failureCase, workflow);
      lastCalls.set(failureCase.id, await run(failureCase, workflow, command));
    } catch {
      announce(t("failures.failed"));
    } finally {
      await tearDown(failureCase).catch(() => announce(t("failures.failed")));
      running = null;
      render();
    }
  }

  /** @param {FailureCase} failureCase @param {Workflow} workflow */
  async function setUp({ fault, lostResponse }, { id }) {
    if (fault) await emulator.addFault({ ...fault, workflowId: id });
    if (lostResponse) await loseResponse(id);
  }

  /** @param {FailureCase} failureCase @param {Workflow} workflow @param {WorkflowCommand} command @returns {Promise<Call>} */
  async function run({ id, role, changes, twice, cancelled = false, signedOut = false }, workflow, command) {
    const options = { workflow, command, failureCase: id, changes: changes?.(workflow) ?? {}, cancelled, signedOut };
    const send = () => caller.send(options);
    const first = await (role ? withRole(store, role, send) : send());
    return twice && first.receipt ? send() : first;
  }

  /** @param {FailureCase} failureCase */
  async function tearDown({ fault, lostResponse, role }) {
    // In the meantime, the workflows may have been read in the other role.
    if (role) poller.readAll();
    if (fault) await emulator.clearFaults();
    if (lostResponse) await cancelLostResponses();
  }

  /** @param {FailureCase} failureCase */
  function isShown(failureCase) {
    const { emulator, role } = store.state;
    return !(emulator === false && needsEmulator(failureCase)) && !(role === null && failureCase.role);
  }

  /** Why the case can't be tried now; empty: it can. @param {FailureCase} failureCase */
  function disabledReason({ anyone, role, signedOut }) {
    if (running) return t("failures.busy");
    const needsPermission = !(anyone || role || signedOut);
    return needsPermission || store.state.workflows.length === 0 ? permissionReason(store) : "";
  }

  function render() {
    setText(about, t("failures.about"));
    setText(deployed, store.state.emulator === false ? t("failures.deployed") : "");
    deployed.hidden = store.state.emulator !== false;
    setText(label, t("workflows.workflow"));
    for (const { id, cases, title, element } of sections) {
      setText(title, t(`failures.group.${id}`));
      element.hidden = !cases.some(isShown);
    }
    renderChoice();
    for (const row of rows) {
      const { failureCase } = row;
      const isRunning = running === failureCase;
      const call = lastCalls.get(failureCase.id);
      const isListed = call !== undefined && store.state.calls.includes(call);
      row.element.hidden = !isShown(failureCase);
      row.update(isRunning, isRunning ? "" : disabledReason(failureCase), isListed ? call : undefined);
    }
  }

  function renderChoice() {
    const { workflows } = store.state;
    const values = ["", ...workflows.map(({ id }) => id)];
    if (choice.options.length !== values.length)
      setChildren(
        choice,
        values.map((value) => el("option", { value })),
      );
    for (const option of choice.options) {
      const workflow = workflows.find(({ id }) => id === option.value);
      setText(option, workflow ? `${workflow.id} ${workflow.label}` : t("failures.any"));
    }
    // While a case runs, its own workflow has a call in flight.
    if (running) return;
    const workflow = target();
    const command = workflow && suggestedCommand(workflow);
    setAttributes(sends, { hidden: workflows.length === 0 });
    setText(sends, command ? t("failures.sends", { command, workflow: workflow.label }) : t("failures.none"));
  }

  choice.addEventListener("change", render);
  store.onChange(render);
  onLanguage(render);
  render();
}
