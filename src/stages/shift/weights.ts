import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import { figure } from '../train/words.js';

/** Weights of variants, by name. What matters is their share of the sum. */
export type Weights = ReadonlyMap<string, number>;

/** SageMaker keeps weights as single-precision numbers: 0.3 comes back as 0.30000001192092896. */
const PRECISION = 1e-5;

/** Those that the endpoint has or is on its way to. */
export const weightsOf = ({
  ProductionVariants = [],
}: Pick<DescribeEndpointOutput, 'ProductionVariants'>): Weights =>
  new Map(
    ProductionVariants.map(({ VariantName = '', DesiredWeight, CurrentWeight }) => [
      VariantName,
      DesiredWeight ?? CurrentWeight ?? 0,
    ]),
  );

/** Whether each of the wanted ones is as wanted. */
export const hasWeights = (now: Weights, wanted: Weights): boolean =>
  [...wanted].every(([variant, weight]) => sameWeight(now.get(variant), weight));

const sameWeight = (a: number | undefined, b: number): boolean =>
  a !== undefined && Math.abs(a - b) <= PRECISION * Math.max(1, Math.abs(a), Math.abs(b));

/**
 * The weights after each of so many steps, which are equal in the shares of the traffic, not in the weights: what the
 * weights add up to may be another in the end. The last are the wanted ones.
 *
 * @param now of all variants; those that `end` does not name keep theirs
 */
export function stepsBetween(now: Weights, end: Weights, steps: number): readonly Weights[] {
  const rest = total([...now].flatMap(([variant, weight]) => (end.has(variant) ? [] : weight)));
  const before = total(now.values());
  const after = rest + total(end.values());
  return Array.from({ length: steps }, (_, index) => {
    if (index + 1 === steps) return new Map(end);
    const part = (index + 1) / steps;
    const between = (from: number, to: number) => from + (to - from) * part;
    // Where nothing has a share, the weights themselves are all there is.
    if (before === 0 || after === 0) {
      return new Map([...end].map(([variant, to]) => [variant, rounded(between(now.get(variant) ?? 0, to))]));
    }
    const sum = rest === 0 ? before : rest / between(rest / before, rest / after);
    return new Map(
      [...end].map(([variant, to]) => [
        variant,
        rounded(sum * between((now.get(variant) ?? 0) / before, to / after)),
      ]),
    );
  });
}

const rounded = (weight: number): number => Number(weight.toPrecision(6));

const total = (weights: Iterable<number>): number => [...weights].reduce((a, b) => a + b, 0);

/** Variants whose share of the traffic is larger in the end. */
export function gaining(start: Weights, end: Weights): readonly string[] {
  const all = new Map([...start, ...end]);
  const share = (weights: Weights, variant: string) => (weights.get(variant) ?? 0) / sum(weights);
  return [...all.keys()].filter((variant) => share(all, variant) > share(start, variant) + PRECISION);
}

/** An endpoint whose weights are all 0 gives none of them a share. */
const sum = (weights: Weights): number => total(weights.values()) || 1;

/** `blue 0.25, green 0.75` */
export const weightsText = (weights: Weights): string =>
  [...weights].map(([variant, weight]) => `${variant} ${figure(weight)}`).join(', ');

/** How to set weights by hand. */
export const shiftByHand = (endpointName: string, weights: Weights, region: string): string =>
  `aws sagemaker update-endpoint-weights-and-capacities --endpoint-name ${endpointName} --desired-weights-and-capacities ${[
    ...weights,
  ]
    .map(([variant, weight]) => `VariantName=${variant},DesiredWeight=${weight}`)
    .join(' ')} --region ${region}`;
