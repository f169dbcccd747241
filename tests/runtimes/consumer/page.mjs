// @ts-check
// The script of a page.

import { use } from "./use.mjs";
import { tell } from "./send-report.mjs";

tell(use(`${location.origin}/campaign`));
