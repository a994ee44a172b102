/** What the docker command itself says, in the middle of the container's output, when a container cannot start. */
const DOCKERS_OWN =
  /^(?:Error response from daemon: |Error: failed to start containers|failed to start containers)/;

/** Holds back lines that may be docker's own, until it is known whether the container began. */
export class OwnWords {
  readonly #held = new Map<string, string[]>();

  constructor(private readonly onLine: (source: string, line: string) => void) {}

  push(source: string, line: string): void {
    if (DOCKERS_OWN.test(line)) {
      this.#held.set(source, [...(this.#held.get(source) ?? []), line]);
      return;
    }
    this.settle(source, true);
    this.onLine(source, line);
  }

  settle(source: string, began: boolean): void {
    const held = this.#held.get(source) ?? [];
    this.#held.delete(source);
    if (began) {
      for (const line of held) {
        this.onLine(source, line);
      }
    }
  }
}
