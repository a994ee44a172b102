import type { ModelServer } from './model-server.js';
import { DeploymentFailure, REASONS } from './words.js';

/** A serverless container that does not start leaves no log, and no other reason than this. [obs] E06 */
export async function startServerless(
  variant: string,
  server: ModelServer,
  lines: EarlyLines,
): Promise<void> {
  try {
    await server.start();
  } catch (error) {
    const hidden = [REASONS.ping(variant), REASONS.start(variant)];
    throw error instanceof DeploymentFailure && hidden.includes(error.message)
      ? new DeploymentFailure(REASONS.service)
      : error;
  }
  lines.open();
}

/** Lines that are written once it is known that there is a log. */
export class EarlyLines {
  #held: string[] | undefined = [];

  constructor(private readonly write: (line: string) => void) {}

  push(line: string): void {
    if (this.#held === undefined) this.write(line);
    else this.#held.push(line);
  }

  open(): void {
    for (const line of this.#held ?? []) this.write(line);
    this.#held = undefined;
  }
}
