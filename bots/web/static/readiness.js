/** Whether the service can answer yet: asks until it can, and tells the page calmly while it cannot. */

import { fetchReadiness } from "./api.js";

const STARTING_MS = 1500;
const UNREACHABLE_MS = 4000;

export class Readiness {
  #onChange;
  #waiting = [];
  /** unknown, starting, unreachable or ready. */
  state = "unknown";

  /** `onChange(state, problem)` is called whenever there is something new to show. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Ask until the service is ready. */
  async watch() {
    while (this.state !== "ready") {
      try {
        await fetchReadiness();
        this.#set("ready", null);
      } catch (error) {
        this.#set(error.status === 503 ? "starting" : "unreachable", error);
        await new Promise((resolve) => setTimeout(resolve, error.status === 503 ? STARTING_MS : UNREACHABLE_MS));
      }
    }
  }

  /** Resolves when a question can be sent: at once, unless the service is known to be starting. */
  untilStarted(signal) {
    if (this.state !== "starting") {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", resolve, { once: true });
    });
  }

  #set(state, problem) {
    this.state = state;
    this.#onChange(state, problem);
    if (state !== "starting") {
      this.#waiting.splice(0).forEach((resolve) => resolve());
    }
  }
}
