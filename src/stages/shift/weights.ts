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

/** The weights after each of so many equal steps; the last are the wanted ones. */
export const stepsBetween = (start: Weights, end: Weights, steps: number): readonly Weights[] =>
  Array.from({ length: steps }, (_, index) => {
    const part = (index + 1) / steps;
    return new Map(
      [...end].map(([variant, weight]) => {
        const from = start.get(variant) ?? 0;
        return [variant, part === 1 ? weight : Number((from + (weight - from) * part).toPrecision(6))];
      }),
    );
  });

/** Variants whose share of the traffic is larger in the end. */
export function gaining(start: Weights, end: Weights): readonly string[] {
  const all = new Map([...start, ...end]);
  const share = (weights: Weights, variant: string) => (weights.get(variant) ?? 0) / sum(weights);
  return [...all.keys()].filter((variant) => share(all, variant) > share(start, variant) + PRECISION);
}

/** An endpoint whose weights are all 0 gives none of them a share. */
const sum = (weights: Weights): number => [...weights.values()].reduce((a, b) => a + b, 0) || 1;

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
