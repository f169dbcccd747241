// What the files here read of the Worker's variables and secrets. What a command needs, the package reads: see README.md.
interface Env {
  CAMPAIGN_ORGANIZATION: string;
  /** Secret: what a caller sends as a bearer. */
  CALLER_KEY?: string;
  /** For the demo on one's own machine: whoever asks chooses a role. */
  DEMO_SIGN_IN?: boolean | string;
}
