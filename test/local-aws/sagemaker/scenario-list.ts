/**
 * Reads scenarios as they come: one, or a list.
 *
 * @param members what a scenario may have, and below `name` what its part of that name may have
 * @throws Error that names a member which is none: a script that scripts nothing would pass for one that works
 */
export function readScenarioList<Scenario>(
  given: unknown,
  members: Readonly<Record<string, readonly string[]>>,
): readonly Scenario[] {
  return [given].flat().map((scenario: unknown) => {
    for (const [path, known] of Object.entries(members)) {
      const part = path === '' ? scenario : (scenario as Record<string, unknown>)[path];
      if (path !== '' && part === undefined) {
        continue;
      }
      if (typeof part !== 'object' || part === null) {
        throw new Error(`A scenario${path && `’s ${path}`} must be an object, not ${JSON.stringify(part)}.`);
      }
      const unknown = Object.keys(part).filter((name) => !known.includes(name));
      if (unknown.length > 0) {
        throw new Error(
          `A scenario${path && `’s ${path}`} has no ${unknown.join(', ')}. It has: ${known.join(', ')}.`,
        );
      }
    }
    return scenario as Scenario;
  });
}

/** The scenarios in force, in their order. */
export class ScenarioList<Scenario extends { readonly times?: number }> {
  #entries: { readonly scenario: Scenario; left: number }[] = [];

  set(scenarios: readonly Scenario[]): void {
    this.#entries = scenarios.map((scenario) => ({
      scenario,
      left: scenario.times ?? Number.POSITIVE_INFINITY,
    }));
  }

  /** In front of those that are there. */
  add(scenarios: readonly Scenario[]): void {
    const before = this.#entries;
    this.set(scenarios);
    this.#entries.push(...before);
  }

  get all(): readonly Scenario[] {
    return this.#entries.map(({ scenario }) => scenario);
  }

  /** The first scenario that fits, looked up once: it counts as used. */
  protected takeFirst(fits: (scenario: Scenario) => boolean): Scenario | undefined {
    const entry = this.#entries.find(({ scenario, left }) => left > 0 && fits(scenario));
    if (entry !== undefined) {
      entry.left -= 1;
    }
    return entry?.scenario;
  }
}
