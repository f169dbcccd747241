// @ts-check
// English: the calls in the timeline, their outcomes, and what to do next.

export default {
  "outcome.in-flight": "in flight",
  "outcome.accepted": "accepted",
  "outcome.not-executed": "not executed",
  "outcome.unknown": "unknown",
  "outcome.about.accepted": "Campaign accepted the command and will apply it.",
  "outcome.about.not-executed": "Campaign certainly did not execute the command.",
  "outcome.about.unknown": "It is not known whether Campaign executed the command.",

  "timeline.title": "Timeline",
  "timeline.clear": "Clear",
  "timeline.cleared": "The timeline is empty.",
  "timeline.empty": "No calls yet. Press Start to send the first command.",
  "timeline.show": "Show",
  "timeline.show.label": "Show in the timeline: {title}",
  "timeline.call": "{command} {workflow}",
  "timeline.failure-case": "Failure case: {title}",
  "timeline.waiting": "Waiting for the response.",
  "timeline.retrying": "The response proves that nothing was executed. The client waits, then sends the command again.",
  "timeline.repeating":
    "The response is missing or unclear. The client waits, then repeats the command with the same Idempotency-Key.",
  "timeline.announce.ended": "{command} for {label}: {outcome}.",
  "timeline.announce.failed": "{command} for {label}: {code}, {outcome}.",
  "timeline.next": "Next step:",

  "trace.label": "The path of this call",
  "trace.to.gateway": "Page to gateway:",
  "trace.to.campaign": "Gateway to Campaign:",
  "trace.count.one": "{count} request",
  "trace.count.other": "{count} requests",
  "trace.none": "nothing sent",
  "trace.waiting": "waiting",
  "trace.no-response": "no response",
  "trace.unknown": "not known",
  "trace.why.client": "The client ended the call before it sent a request.",
  "trace.why.refused": "The gateway refused the request and sent nothing to Campaign.",
  "trace.why.stored": "The gateway knows this Idempotency-Key: it returned the stored response and sent nothing again.",
  "trace.why.early": "The call ended before the gateway sent anything to Campaign. It may still send the command.",
  "trace.why.lost":
    "A response was lost, so the client repeated the command with the same Idempotency-Key. Campaign executed it once.",
  "trace.why.repeated-with-key":
    "A response was missing or unclear, so the client repeated the command with the same Idempotency-Key. The gateway executes it at most once.",
  "trace.why.repeated": "The request was repeated only because each earlier response proved that nothing was executed.",
  "trace.why.signal":
    "The client reads the workflow to find the signal’s address, then triggers it. On the way to Campaign, only the trigger is shown.",

  "request.none": "No request was sent",
  "request.none.about": "The client ended the call before it sent a request. These were its arguments:",
  "request.title.one": "From page to gateway: {count} request",
  "request.title.other": "From page to gateway: {count} requests",
  "request.session":
    "The browser adds the sign-in cookie, which scripts can’t read. The request contains no Campaign credentials.",
  "request.session.none": "The sign-in cookie is left out.",
  "request.key": "The gateway executes a command with this Idempotency-Key at most once, however often it arrives.",
  "request.key.none": "Without an Idempotency-Key, the client does not repeat a command that may have been executed.",
  "request.key.signal":
    "Signals have no Idempotency-Key, so the client does not repeat one that may have been executed.",
  "request.first": "Request {number}",
  "request.repeated": "Request {number}, {after} later",
  "request.waiting": "no response yet",
  "request.responded": "response: {status}",
  "request.redirect": "response: a redirect; browsers hide its status",
  "request.failed": "no response",
  "request.curl": "The same request with curl",
  "request.curl.about": "Set SESSION to the sign-in cookie, as name=value.",
  "request.curl.key": "It has the same Idempotency-Key, so the command is not executed twice.",
  "request.copy": "Copy",
  "request.copied": "Copied.",
  "request.copy.failed": "The browser refused to copy. Select the text and copy it yourself.",

  "result.receipt": "Receipt",
  "result.error": "Error",
  "result.took": "after {duration}",

  "log.title": "From gateway to Campaign",
  "log.title.one": "From gateway to Campaign: {count} request",
  "log.title.other": "From gateway to Campaign: {count} requests",
  "log.title.none": "From gateway to Campaign: nothing sent",
  "log.executed": "Campaign executed the command.",
  "log.executed.signal": "Campaign triggered the signal.",
  "log.not-executed": "Campaign did not execute the command.",
  "log.not-executed.signal": "Campaign did not trigger the signal.",
  "log.key": "The gateway does not forward the Idempotency-Key, because Adobe documents none.",
  "log.unavailable": "What reached Campaign is only known with the emulator, which is not available here.",
  "log.emulator-only": "This is from the emulator’s log. With the real Campaign, check the workflow itself.",

  "next.accepted": "None. Campaign applies the command shortly, and the page waits for the new state.",
  "next.accepted.signal": "None. The workflow continues at this activity.",
  "next.too-soon":
    "Wait, then send it again. Campaign accepts a signal once every ten minutes and did not trigger this one.",
  "next.invalid-argument": "Correct the field named in the message. No request was sent.",
  "next.token-unavailable": "Make the token function return a valid token in time, then try again.",
  "next.unauthenticated": "Renew the gateway’s credentials, then send the command again. It was not executed.",
  "next.forbidden":
    "Check the product profiles of the gateway’s credentials: its token must include this organization.",
  "next.forbidden.refused": "Sign in with a role that may send commands, then try again.",
  "next.not-found": "Look up the workflow’s id in Campaign. It may have changed.",
  "next.not-found.refused": "Add the workflow to the gateway’s list if this page should control it.",
  "next.rate-limited": "Wait {wait}, then send the command again. It was not executed.",
  "next.rejected": "Read the message for the reason. The command was not executed.",
  "next.redirected":
    "Set the gateway’s Campaign URL to the final address. Redirects are never followed, so no credentials were sent elsewhere.",
  "next.unreachable":
    "Check the gateway’s Campaign URL and its network, then send the command again. It was not executed.",
  "next.server-error.not-executed":
    "Check the organization and the Campaign URL. If both are right, try again later. The command was not executed.",
  "next.bad-response.not-executed":
    "Look for a proxy that changes responses. The response was unreadable; the command was not executed.",
  "next.timeout.not-executed": "Allow the call more time, then send the command again. It was not sent.",
  "next.aborted.not-executed": "None. You cancelled before a request was sent.",
  "next.unknown": "Wait for the state. Send the command again only if the state shows that it had no effect.",
  "next.unknown.signal": "Check the workflow. Send the signal again only if it had no effect.",
  "next.not-executed": "Send the command again if you still want it. It was not executed.",
  "next.not-executed.signal": "Send the signal again if you still want it. It was not triggered.",
};
