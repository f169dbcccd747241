// @ts-check
// The script of a page with the slim entry.

import { use } from "./use-slim.mjs";
import { sendReport } from "./send-report.mjs";

sendReport(use(`${location.origin}/campaign`));
