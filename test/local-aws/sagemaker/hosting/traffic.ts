import type { VariantFleet } from './variant-fleet.js';

/**
 * Splits requests between variants by their weights, and between the old and the new ones while a deployment shifts
 * traffic. Exactly, not by chance: of 10 requests, a share of 0.1 gets one.
 */
export class Traffic {
  #blue: readonly VariantFleet[] = [];
  #green: readonly VariantFleet[] = [];
  #share = 0;
  /** How much each has waited for: the one that has waited most is next (smooth weighted round robin). */
  #credit = new Map<VariantFleet, number>();

  /** From now on these alone take requests. */
  set(fleets: readonly VariantFleet[]): void {
    this.shift(fleets, [], 0);
  }

  /** @param share of the requests that the green ones take, 0 to 1 */
  shift(blue: readonly VariantFleet[], green: readonly VariantFleet[], share: number): void {
    this.#blue = blue;
    this.#green = green;
    this.#share = share;
    this.#credit.clear();
  }

  /**
   * Who takes the next request.
   *
   * @param target only a variant of this name, whatever its weight
   * @returns undefined when there is none
   */
  next(target?: string): VariantFleet | undefined {
    const candidates = [
      ...part(this.#blue, 1 - this.#share, target),
      ...part(this.#green, this.#share, target),
    ];
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    let best: VariantFleet | undefined;
    for (const { fleet, weight } of candidates) {
      const credit = (this.#credit.get(fleet) ?? 0) + weight;
      this.#credit.set(fleet, credit);
      if (best === undefined || credit > (this.#credit.get(best) ?? 0) + 1e-9) best = fleet;
    }
    if (best !== undefined) this.#credit.set(best, (this.#credit.get(best) ?? 0) - total);
    return best;
  }
}

function part(
  fleets: readonly VariantFleet[],
  share: number,
  target: string | undefined,
): readonly { readonly fleet: VariantFleet; readonly weight: number }[] {
  if (share <= 0) return [];
  const all = target === undefined ? fleets : fleets.filter(({ name }) => name === target);
  const sum = all.reduce((total, { currentWeight }) => total + currentWeight, 0);
  return all.flatMap((fleet) => {
    if (target !== undefined) return [{ fleet, weight: share }];
    return fleet.currentWeight > 0 ? [{ fleet, weight: (share * fleet.currentWeight) / sum }] : [];
  });
}
