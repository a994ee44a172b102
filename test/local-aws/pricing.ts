import { AwsError, type ServiceHandler } from './service.js';

/** Region → instance type (`ml.m5.large`) → US dollars an hour. */
type Prices = Record<string, Record<string, number>>;

/** Two invented prices, so that a rehearsal shows a cost; `PUT /_local-aws/pricing/prices` replaces them. */
const SAMPLE: Prices = { '*': { 'ml.m5.large': 0.1, 'ml.m5.xlarge': 0.2 } };

const OFFER = 'AmazonSageMaker';

interface Filter {
  readonly Type: string;
  readonly Field: string;
  readonly Value: string;
}

/** AWS's Price List API, answering from scripted prices of training instances. */
export class Pricing implements ServiceHandler {
  private prices = SAMPLE;

  async handle(operation: string, input: unknown): Promise<unknown> {
    if (operation !== 'GetProducts') {
      throw new AwsError('UnknownOperationException', `local AWS's price list does not have ${operation}`);
    }
    const { ServiceCode, Filters = [] } = input as {
      readonly ServiceCode: string;
      readonly Filters?: readonly Filter[];
    };
    if (ServiceCode !== OFFER) return { FormatVersion: 'aws_v1', PriceList: [] };
    const wanted = Filters.find(({ Field }) => Field === 'regionCode')?.Value ?? 'us-east-1';
    const prices = { ...this.prices['*'], ...this.prices[wanted] };
    const products = Object.entries(prices).map(([type, price]) => product(wanted, type, price));
    return {
      FormatVersion: 'aws_v1',
      PriceList: products
        .filter(({ product: { attributes, productFamily } }) =>
          Filters.every((filter) => matches({ ...attributes, productFamily }[filter.Field], filter)),
        )
        .map((found) => JSON.stringify(found)),
    };
  }

  /** `PUT prices`: in place of all that were there. */
  async control(method: string, path: string, body: unknown): Promise<unknown> {
    if (method !== 'PUT' || path !== 'prices') throw new AwsError('NotFound', 'PUT pricing/prices', 404);
    if (typeof body !== 'object' || body === null) {
      throw new AwsError('BadScenario', 'prices are an object: region → instance type → US dollars an hour');
    }
    this.prices = body as Prices;
    return this.prices;
  }
}

function matches(actual: string | undefined, { Type, Value }: Filter): boolean {
  if (actual === undefined) return false;
  const [have, want] = [actual.toLowerCase(), Value.toLowerCase()];
  switch (Type) {
    case 'CONTAINS':
      return have.includes(want);
    case 'ANY_OF':
      return want.split(',').includes(have);
    case 'NONE_OF':
      return !want.split(',').includes(have);
    default:
      return have === want;
  }
}

/** A product as the list has it, with the attributes that its users filter by. */
function product(regionCode: string, type: string, price: number) {
  const sku = Buffer.from(`${regionCode}${type}`).toString('hex').toUpperCase().slice(0, 16);
  const usagetype = `${regionCode === 'us-east-1' ? 'USE1-' : ''}Train:${type}`;
  return {
    product: {
      productFamily: 'ML Instance',
      attributes: {
        servicecode: OFFER,
        servicename: 'Amazon SageMaker',
        regionCode,
        locationType: 'AWS Region',
        instanceName: type,
        instanceType: `${type}-Training`,
        component: 'Training',
        platoinstancename: type.replace(/^ml\./, ''),
        usagetype,
        operation: 'CreateTrainingJob',
      },
      sku,
    },
    serviceCode: OFFER,
    terms: {
      OnDemand: {
        [`${sku}.JRTCKXETXF`]: {
          priceDimensions: {
            [`${sku}.JRTCKXETXF.6YS6EN2CT7`]: {
              unit: 'Hrs',
              beginRange: '0',
              endRange: 'Inf',
              description: `$${price} per Training ${type} hour`,
              rateCode: `${sku}.JRTCKXETXF.6YS6EN2CT7`,
              pricePerUnit: { USD: price.toFixed(10) },
            },
          },
          sku,
          offerTermCode: 'JRTCKXETXF',
          effectiveDate: '2024-01-01T00:00:00Z',
          termAttributes: {},
        },
      },
    },
  };
}
