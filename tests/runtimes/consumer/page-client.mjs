// @ts-check
// The script of a page with the client.

import { use } from "./use-client.mjs";
import { sendReport } from "./send-report.mjs";

sendReport(use(`${location.origin}/campaign`));
