import { setOutput } from '@actions/core';
import { reasonOf } from './errno.js';

/** The step's outputs: set as soon as they are known, so that a step that was cancelled has them too. */
export class Outputs {
  readonly #env: NodeJS.ProcessEnv;
  readonly #warn: (message: string) => void;
  readonly #values = new Map<string, string>();
  #broken = false;

  /** @param warn is told, once, when the runner's file cannot be written */
  constructor(env: NodeJS.ProcessEnv, warn: (message: string) => void) {
    this.#env = env;
    this.#warn = warn;
  }

  /** Sets what is new or has another value than before. The runner keeps the last one. */
  set(values: Readonly<Record<string, string>>): void {
    // Outside of Actions nobody reads outputs, and setOutput would print a command into the log instead.
    if (!this.#env['GITHUB_OUTPUT'] || this.#broken) return;
    for (const [name, value] of Object.entries(values)) {
      if (this.#values.get(name) === value) continue;
      try {
        setOutput(name, value);
        this.#values.set(name, value);
      } catch (error) {
        this.#broken = true;
        this.#warn(
          `The step's outputs could not be set: ${this.#env['GITHUB_OUTPUT']}: ${reasonOf(error)}. ` +
            'Later steps see them empty.',
        );
        return;
      }
    }
  }
}
