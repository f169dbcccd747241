// @ts-check
// English: one command for several workflows.

export default {
  "bulk.title": "Send to several workflows",
  "bulk.about": "One sendAll() call sends the command to each selected workflow. A failure does not stop the others.",
  "bulk.concurrency": "In parallel",
  "bulk.send.one": "Send {command} to {count} workflow",
  "bulk.send.other": "Send {command} to {count} workflows",
  "bulk.none": "Select at least one workflow.",
  "bulk.none-allowed": "No workflow allows this command now.",
  "bulk.progress": "{done} of {count}",
  "bulk.progress.label": "Progress",
  "bulk.results": "Results",
  "bulk.outcome": "Outcome",
  "bulk.code": "Error code",
  "bulk.state": "Current state",
  "bulk.waiting": "waiting",
  "bulk.unsent": "not sent",
  "bulk.done": "Done: {accepted} accepted, {notExecuted} not executed, {unknown} unknown.",
  "bulk.cancelled": "Cancelled: {accepted} accepted, {notExecuted} not executed, {unknown} unknown, {unsent} not sent.",
  "bulk.failed": "Sending stopped because of an error. See the browser’s console for details.",
};
