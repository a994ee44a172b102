import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EventsAnswer, readEventsAnswer } from '../../../src/aws/events-answer.js';

type Event = Record<string, unknown>;

/** The text in chunks of a size that cuts characters in two. */
async function* body(text: string, size = 1_001): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const read = (text: string) => readEventsAnswer(body(text));
const eventsOf = ({ pieces }: EventsAnswer) => [...pieces].flat();
const answerOf = (events: readonly Event[]) =>
  JSON.stringify({ events, nextForwardToken: 'f/1', nextBackwardToken: 'b/1' });
/** Enough of them for many pieces. */
const many = (messages: readonly string[]): Event[] =>
  Array.from({ length: 2_000 }, (_, n) => ({
    timestamp: n,
    message: `${n} ${messages[n % messages.length]}`,
    ingestionTime: n + 1,
  }));

const MISLEADING = [
  '},{',
  '},{"timestamp":1,"message":"x',
  '}],"nextForwardToken":"f/2"}',
  '{"events":[{"message":"x"}],"nextForwardToken":"f/3"}',
  '}],',
  '}]}',
  '\\',
  '\\"},{\\"timestamp',
  '"',
  '',
  'Verlust: ½ → λ 🎉',
];

describe('an answer with events', () => {
  test.each([
    ['first', (events: Event[]) => answerOf(events)],
    [
      'last',
      (events: Event[]) => JSON.stringify({ nextForwardToken: 'f/1', nextBackwardToken: 'b/1', events }),
    ],
    ['with blanks', (events: Event[]) => JSON.stringify({ events, nextForwardToken: 'f/1' }, null, 1)],
  ])('has each once and in order, whatever their text is like: %s', async (_, write) => {
    const events = many(MISLEADING);
    const answer = await read(write(events));
    expect(eventsOf(answer)).toEqual(events);
    expect(JSON.parse(answer.rest)).toMatchObject({ nextForwardToken: 'f/1' });
  });

  test('whose text is at random has it unchanged', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc
        .array(fc.constantFrom('}', ',', '{', '"', ']', '[', '\\', ':', 'a', '\n'), { maxLength: 40 })
        .map((c) => c.join('')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 30 }), async (messages) => {
        const events = many(messages);
        expect(eventsOf(await read(answerOf(events)))).toEqual(events);
      }),
      { numRuns: 25 },
    );
  });

  test('keeps them apart from those of answers that are read at the same time', async () => {
    const all = Array.from({ length: 6 }, (_, n) => many([`of the answer ${n}`]));
    const iterators = (await Promise.all(all.map((events) => read(answerOf(events))))).map(({ pieces }) =>
      pieces[Symbol.iterator](),
    );
    const found = all.map((): unknown[] => []);
    let rounds = 0;
    for (let open = iterators.length; open > 0; rounds += 1) {
      open = 0;
      for (const [index, iterator] of iterators.entries()) {
        const { done, value } = iterator.next();
        if (done === true) continue;
        open += 1;
        found[index]?.push(...value);
      }
    }
    expect(found).toEqual(all);
    expect(rounds).toBeGreaterThan(2);
    // What comes next has the memory of those, which are done with.
    const next = many(['of a further one']);
    expect(eventsOf(await read(answerOf(next)))).toEqual(next);
  });

  test('may be larger than any that AWS sends', async () => {
    const events = [
      { timestamp: 1, message: 'x'.repeat(5_000_000) },
      { timestamp: 2, message: 'y' },
    ];
    expect(eventsOf(await read(answerOf(events)))).toEqual(events);
  });

  test('may have objects in them', async () => {
    const events = many(['x']).map((event) => ({
      ...event,
      parts: [{ a: 1 }, { b: 2 }, { c: 'z'.repeat(90) }],
    }));
    expect(eventsOf(await read(answerOf(events)))).toEqual(events);
  });

  test('gives those without a text or a time an empty one', async () => {
    const answer = await read(
      '{"events":[{"message":"x"},{"timestamp":5},{"ingestionTime":5}],"nextForwardToken":"f"}',
    );
    expect(eventsOf(answer)).toMatchObject([
      { message: 'x', timestamp: 0 },
      { message: '', timestamp: 5 },
      { message: '', timestamp: 0 },
    ]);
  });
});

test.each(['{"events":[],"nextForwardToken":"f/1"}', '{"nextForwardToken":"f/1"}'])(
  'an answer without events has none: %s',
  async (text) => {
    const answer = await read(text);
    expect(eventsOf(answer)).toEqual([]);
    expect(JSON.parse(answer.rest)).toEqual({ nextForwardToken: 'f/1' });
  },
);

test('what is no JSON is an error at once, and within the events when they come to it', async () => {
  await expect(read('{"events":[{"message":"x"}')).rejects.toThrow(SyntaxError);
  await expect(read('<html>')).rejects.toThrow(SyntaxError);
  const answer = await read(answerOf(many(['x'])).replace('"1999 x"', '"1999 x'));
  const found: number[] = [];
  expect(() => {
    for (const piece of answer.pieces) found.push(...piece.map(({ timestamp }) => timestamp));
  }).toThrow(SyntaxError);
  expect(found.length).toBeGreaterThan(0);
  expect(found).toEqual(found.map((_, n) => n));
});
