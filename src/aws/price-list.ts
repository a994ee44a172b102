/** The parts of a product of AWS's Price List that a price is read from; everything may be missing. */
interface Product {
  readonly product?: { readonly attributes?: Readonly<Record<string, string>> };
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<string, { readonly priceDimensions?: Readonly<Record<string, Dimension>> }>
    >;
  };
}

interface Dimension {
  readonly unit?: string;
  readonly pricePerUnit?: { readonly USD?: string };
}

/**
 * US dollars of one hour of training on an instance type, on demand; undefined when the list does not say one
 * price clearly. Free tiers and reservations have prices of 0.
 *
 * @param list products as GetProducts gives them, each a JSON text
 */
export function trainingPrice(list: readonly string[], instanceType: string): number | undefined {
  const prices = list.flatMap((text) => {
    const product = parse(text);
    const attributes = product?.product?.attributes ?? {};
    if (attributes['instanceName'] !== instanceType || !isTraining(attributes, instanceType)) return [];
    return Object.values(product?.terms?.OnDemand ?? {})
      .flatMap(({ priceDimensions = {} }) => Object.values(priceDimensions))
      .filter(({ unit }) => /^(?:hrs|hours?)$/i.test(unit ?? ''))
      .map(({ pricePerUnit }) => Number(pricePerUnit?.USD))
      .filter((price) => Number.isFinite(price) && price > 0);
  });
  const [price] = prices;
  return prices.every((other) => other === price) ? price : undefined;
}

/** `component` is `Training`; the usage type, `USE1-Train:ml.m5.xlarge`, says the same where that is missing. */
function isTraining(attributes: Readonly<Record<string, string>>, instanceType: string): boolean {
  const { component, usagetype = '' } = attributes;
  return component === undefined
    ? usagetype === `Train:${instanceType}` || usagetype.endsWith(`-Train:${instanceType}`)
    : component.toLowerCase() === 'training';
}

function parse(text: string): Product | undefined {
  try {
    return JSON.parse(text) as Product;
  } catch {
    return undefined;
  }
}
