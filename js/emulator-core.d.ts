// The glue that the build makes of the emulator's crate, as far as the hand-written code uses it.

/** One instance of the module. */
export interface EmulatorCore {
  Emulator: new (optionsJson: string) => CoreEmulator;
}

/** The crate's campaign; `now` is the caller's clock in milliseconds. */
export interface CoreEmulator {
  handle(method: string, url: string, headers: string[], body: Uint8Array, now: number): CoreReply;
  log(): import("./emulator.js").LoggedRequest[];
  clearLog(): void;
  workflows(now: number): import("./emulator.js").EmulatedWorkflow[];
  addFault(faultJson: string): number;
  faults(): import("./emulator.js").ActiveFault[];
  clearFaults(): void;
  advance(ms: number, now: number): void;
  reset(): void;
}

/** What the crate decided about a request. */
export type CoreReply = { delayMs: number } & (
  | { plan: "respond"; response: CoreResponse }
  | { plan: "truncate"; response: CoreResponse; bytesSent: number }
  | { plan: "disconnect" }
  | { plan: "hang" }
);

export interface CoreResponse {
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module): EmulatorCore;
