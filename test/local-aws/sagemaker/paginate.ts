import { AwsError } from '../service.js';

const DEFAULT_PAGE = 10;

/**
 * A page of a list; NextToken is the number of items before the page.
 *
 * @throws AwsError ValidationException for a token that is none of ours
 */
export function paginate<Item>(
  items: readonly Item[],
  {
    NextToken,
    MaxResults = DEFAULT_PAGE,
  }: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
): { readonly items: readonly Item[]; readonly next: string | undefined } {
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64').toString());
  if (!Number.isInteger(from)) {
    throw new AwsError('ValidationException', 'Invalid NextToken');
  }
  const to = from + MaxResults;
  return {
    items: items.slice(from, to),
    next: to < items.length ? Buffer.from(String(to)).toString('base64') : undefined,
  };
}
