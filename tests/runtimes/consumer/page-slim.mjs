// @ts-check
// The script of a page with the slim entry.

import { use } from "./use-slim.mjs";
import { tell } from "./send-report.mjs";

tell(use(`${location.origin}/campaign`));
