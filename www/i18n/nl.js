// @ts-check
// All Dutch texts.

import bulk from "./nl/bulk.js";
import failures from "./nl/failures.js";
import page from "./nl/page.js";
import queue from "./nl/queue.js";
import timeline from "./nl/timeline.js";
import workflows from "./nl/workflows.js";

export default { ...page, ...workflows, ...timeline, ...queue, ...failures, ...bulk };
