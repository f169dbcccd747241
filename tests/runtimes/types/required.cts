// A CommonJS file, as Node 20.19 and newer run it.

import { expectTypeOf } from "expect-type";
import campaign = require("campaign-workflow");
import emulator = require("campaign-workflow/emulator");

expectTypeOf(campaign.sendWorkflowCommand).returns.resolves.toEqualTypeOf<campaign.WorkflowCommandReceipt>();
expectTypeOf(new emulator.CampaignEmulator().log()).resolves.toEqualTypeOf<emulator.LoggedRequest[]>();
