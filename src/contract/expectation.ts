import { isDeepStrictEqual } from 'node:util';

/**
 * Whether an answer holds what is expected. An expectation that is a JSON object or array must be equal to
 * the answer as JSON, whatever its blanks and the order of its keys; any other is text that the answer
 * contains.
 */
export function isExpected(answer: string, expected: string): boolean {
  const wanted = parseStructure(expected);
  return wanted === undefined ? answer.includes(expected) : isDeepStrictEqual(parseJson(answer), wanted);
}

function parseStructure(text: string): object | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
