import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { trainingPrice } from './price-list.js';
import { type Pace, RetryPolicy, systemPace } from './retry-policy.js';

/** A number that is nice to have is not worth a minute of retries. */
const ATTEMPTS = 3;

/** The Price List API has few endpoints; each knows the prices of all Regions. */
function endpointRegion(region: string): string | undefined {
  // GovCloud's credentials are of no use outside of it, and it has no endpoint of its own; China's list is in yuan.
  if (/^(?:us-gov|cn|us-iso)/.test(region)) return undefined;
  if (region.startsWith('eu-')) return 'eu-central-1';
  return region.startsWith('ap-') ? 'ap-south-1' : 'us-east-1';
}

/**
 * Asks AWS what an hour of training on one instance costs, in US dollars, on demand. Needs `pricing:GetProducts`.
 *
 * @returns undefined when AWS does not say: another partition, or no such product
 * @throws AwsError when the call failed for good (most often: it is not allowed)
 */
export async function askHourlyPrice(
  { region, instanceType }: { readonly region: string; readonly instanceType: string },
  signal: AbortSignal,
  pace: Pace = systemPace,
): Promise<number | undefined> {
  const endpoint = endpointRegion(region);
  if (endpoint === undefined) return undefined;
  const sdk = await import('@aws-sdk/client-pricing');
  const client = new sdk.PricingClient({
    ...clientOptions({ region: endpoint, tags: new Map() }, pace),
    maxAttempts: ATTEMPTS,
    retryStrategy: new RetryPolicy(ATTEMPTS, pace),
  });
  try {
    const { PriceList = [] } = await call('pricing:GetProducts', signal, (options) =>
      client.send(
        new sdk.GetProductsCommand({
          ServiceCode: 'AmazonSageMaker',
          Filters: [
            { Type: 'TERM_MATCH', Field: 'regionCode', Value: region },
            { Type: 'TERM_MATCH', Field: 'instanceName', Value: instanceType },
          ],
        }),
        options,
      ),
    );
    return trainingPrice(PriceList.map(String), instanceType);
  } finally {
    client.destroy();
  }
}
