// @ts-check
// English: header, sign-in, connection status, footer.

export default {
  "page.title": "campaign-workflow demo: control Adobe Campaign workflows",
  "page.skip": "Skip to the workflows",
  "page.language": "Language",
  "page.announcements": "Announcements",
  "page.demo": "demo",
  "page.heading": "Control Adobe Campaign workflows",
  "page.lead": "Press a button to send a command. The timeline shows each request and its result.",
  "page.footer":
    "Campaign is emulated on this machine. The gateway is the Worker that you would deploy, in Cloudflare’s runtime. Choosing a role replaces a real sign-in.",
  "page.footer.deployed":
    "The gateway is the Worker that serves this page. It sends the commands to your own Campaign.",

  "role.label": "Signed in as",
  "role.operator": "Operator",
  "role.viewer": "Viewer",
  "role.nobody": "Nobody",
  "role.about.operator": "Signed in as operator: you can view workflows, send commands and trigger signals.",
  "role.about.viewer": "Signed in as viewer: you can view workflows, but not send commands.",
  "role.about.nobody": "Signed out: the gateway refuses every request.",
  "role.failed": "The sign-in failed. Check that the gateway is running, then try again.",

  "flow.label": "The path of a command",
  "flow.page": "Page",
  "flow.page.about": "calls the npm package",
  "flow.client": "Client",
  "flow.client.about": "Rust compiled to WebAssembly",
  "flow.gateway": "Gateway",
  "flow.gateway.about": "holds credentials, checks permissions",
  "flow.gateway.unreachable": "not reachable",
  "flow.campaign": "Campaign",
  "flow.campaign.emulated": "local emulator, {status}",
  "flow.campaign.connecting": "not read yet",
  "flow.campaign.connected": "responds",
  "flow.campaign.unreachable": "does not respond",

  "offline.title": "The gateway can’t be reached.",
  "offline.about": "Check that it is running. This page keeps trying and reconnects by itself.",
  "offline.retry": "Try now",
  "offline.back": "The gateway responds again.",
};
