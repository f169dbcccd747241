// @ts-check
// The script of a page.

import { use } from "./use.mjs";
import { sendReport } from "./send-report.mjs";

sendReport(use(`${location.origin}/campaign`));
