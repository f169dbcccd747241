// By require, which Node lets a CommonJS file do with an ES module.

import clientEntry = require("campaign-workflow/client");
import slim = require("campaign-workflow/client/slim");

const { WorkflowClient, hasState } = clientEntry;
new WorkflowClient({ organization: "acme" }).waitFor("WKF42", hasState("Started"));
export const { WorkflowClient: SlimClient } = slim.withModule({});
