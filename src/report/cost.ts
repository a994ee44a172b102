import type { JobRecord } from '../plan.js';

export type Cost = NonNullable<JobRecord['cost']>;

/** Where a price comes from, as the record says it. */
export const PRICE_SOURCES = {
  given: 'the input `hourly-price`',
  asked: 'AWS’s Price List API, on demand',
} as const;

/**
 * What a job costs: an estimate, for it leaves out storage, data transfer and what a contract takes off. For a
 * running job take the seconds since its training started.
 *
 * @param seconds billable seconds of one instance (the API's BillableTimeInSeconds)
 */
export function costOf(
  seconds: number,
  instanceCount: number,
  hourlyPrice: number,
  source: string,
): Cost | undefined {
  const usd = (seconds / 3600) * instanceCount * hourlyPrice;
  return Number.isFinite(usd) && usd >= 0 ? { usd, hourlyPrice, source } : undefined;
}

/** How much of the price spot capacity took off, from 0 to 1; undefined when nothing can be said. */
export function spotSaving({ spot, trainingSeconds, billableSeconds }: JobRecord): number | undefined {
  if (!spot || trainingSeconds === undefined || billableSeconds === undefined) return undefined;
  if (!(trainingSeconds > 0) || billableSeconds > trainingSeconds) return undefined;
  return 1 - billableSeconds / trainingSeconds;
}

/**
 * `0.0042 USD`, `1.23 USD`, `12,345.00 USD`: two digits of a small sum, cents of a larger one. Without the dollar's
 * sign: between two of them GitHub sees a formula.
 */
export function dollars(usd: number): string {
  if (!Number.isFinite(usd) || usd < 0) return '–';
  if (usd === 0) return '0 USD';
  if (usd < 0.0001) return '< 0.0001 USD';
  if (usd < 0.095) return `${Number(usd.toPrecision(2))} USD`;
  return `${usd.toFixed(2).replace(/\B(?=(?:\d{3})+\.)/g, ',')} USD`;
}

/** What to do to see a cost, said when there is none. */
export const COST_HINT =
  'For an estimate of the cost, give `hourly-price`, or allow the workflow’s role `pricing:GetProducts`.';
