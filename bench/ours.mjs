export { sendWorkflowCommand as send } from "campaign-workflow";
