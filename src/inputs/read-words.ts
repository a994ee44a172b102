import { suggestion } from './did-you-mean.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';

/**
 * A list of words that each stand for something known, each at most once.
 *
 * @param what what the words name, for messages: `stage`
 */
export function readWords<Word extends string>(
  field: Field,
  words: readonly Word[],
  what: string,
): readonly Word[] {
  const found: Word[] = [];
  for (const item of parseList(field, { commas: true }).items) {
    const word = words.find((candidate) => candidate === item);
    if (word === undefined) {
      field.problem(
        `There is no ${what} of this name.`,
        `${suggestion(item, words)}Known: ${words.map((name) => `\`${name}\``).join(', ')}.`,
        item,
      );
    } else if (found.includes(word)) {
      field.problem(`The ${what} is named twice.`, 'Name it once.', item);
    } else {
      found.push(word);
    }
  }
  return found;
}
