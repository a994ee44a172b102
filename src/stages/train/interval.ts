/**
 * The milliseconds between two looks at something that changes now and then: short after a change, longer with
 * each look that brought nothing, up to a limit that the caller knows.
 */
export class Interval {
  #milliseconds: number;

  /** @param first after a change */
  constructor(
    private readonly first: number,
    private readonly random: () => number,
  ) {
    this.#milliseconds = first;
  }

  /** Something changed: what comes next may come soon. */
  wake(): void {
    this.#milliseconds = this.first;
  }

  /** Many runs that began together drift apart: a fifth more or less is chance. */
  next(longest: number): number {
    const chosen = Math.min(this.#milliseconds, longest);
    this.#milliseconds = Math.min(chosen * 1.5, longest);
    return chosen * (0.8 + 0.4 * this.random());
  }
}

/**
 * The limit grows with what is waited for: who has waited for minutes does not mind some seconds, and a job that
 * has run for hours will not end just now. A twentieth of the time, within bounds.
 */
export function limitAfter(waited: number, shortest: number, longest: number): number {
  return Math.min(Math.max(waited / 20, shortest), longest);
}
