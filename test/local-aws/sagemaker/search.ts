import type { Filter, SearchExpression, SearchRequest, Tag } from '@aws-sdk/client-sagemaker';

type Searchable = { readonly Tags: readonly Tag[] } & object;

/** The items that a search expression finds, sorted as the request says. */
export function search<Item extends Searchable>(
  items: readonly Item[],
  request: SearchRequest,
): readonly Item[] {
  const { SearchExpression, SortBy = 'LastModifiedTime', SortOrder = 'Descending' } = request;
  const found = SearchExpression ? items.filter((item) => matches(item, SearchExpression)) : items;
  const key = (item: Item) => comparable(memberOf(item, SortBy));
  const sorted = found.toSorted((a, b) => compare(key(a), key(b)));
  return SortOrder === 'Descending' ? sorted.reverse() : sorted;
}

function matches(item: Searchable, expression: SearchExpression): boolean {
  const results = [
    ...(expression.Filters ?? []).map((filter) => fits(memberOf(item, filter.Name ?? ''), filter)),
    ...(expression.SubExpressions ?? []).map((sub) => matches(item, sub)),
  ];
  return expression.Operator === 'Or' ? results.some(Boolean) : results.every(Boolean);
}

function fits(actual: unknown, { Operator = 'Equals', Value = '' }: Filter): boolean {
  const order = () =>
    compare(comparable(actual), comparable(Number.isNaN(Date.parse(Value)) ? Value : new Date(Value)));
  switch (Operator) {
    case 'Equals':
      return String(actual) === Value;
    case 'NotEquals':
      return String(actual) !== Value;
    case 'Contains':
      return actual !== undefined && String(actual).includes(Value);
    case 'Exists':
      return actual !== undefined;
    case 'NotExists':
      return actual === undefined;
    case 'In':
      return Value.split(',').includes(String(actual));
    case 'GreaterThan':
      return actual !== undefined && order() > 0;
    case 'GreaterThanOrEqualTo':
      return actual !== undefined && order() >= 0;
    case 'LessThan':
      return actual !== undefined && order() < 0;
    case 'LessThanOrEqualTo':
      return actual !== undefined && order() <= 0;
    default:
      return false;
  }
}

/** `Tags.<key>`, or a path of members such as `ResourceConfig.InstanceType`. */
function memberOf(item: Searchable, name: string): unknown {
  if (name.startsWith('Tags.')) {
    return item.Tags.find(({ Key }) => Key === name.slice('Tags.'.length))?.Value;
  }
  return name
    .split('.')
    .reduce<unknown>((value, member) => (value as Record<string, unknown> | undefined)?.[member], item);
}

function comparable(value: unknown): number | string {
  if (value instanceof Date) {
    return value.getTime();
  }
  return typeof value === 'number' ? value : String(value ?? '');
}

const compare = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);
