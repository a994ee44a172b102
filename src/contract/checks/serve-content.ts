import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeInvocations } from './judge-invocations.js';
import { shortest } from './words.js';

export const serveContent: CheckDefinition = {
  id: 'serve-content',
  group: 'hosting',
  severity: 'error',
  title: 'Each answer holds what is expected',
  proves: 'The answers to the samples contain the text, or equal the JSON, of `smoke-expect`.',
  why: 'A server can answer 200 with the wrong model, an empty list or an error message. Only the content shows it.',
  fix: 'Compare the answer with `smoke-expect`; a model that was trained on the sample may need a looser expectation.',
  source: '[inf] no platform rule: the user’s own expectation',
  judged: 'when `smoke-expect` is given and a sample is answered with 2xx',
  judge: (observations) =>
    judgeInvocations(observations, (run) => {
      const judged = run.invocations.filter(
        ({ asExpected, status }) =>
          asExpected !== undefined && status !== undefined && status >= 200 && status < 300,
      );
      if (judged.length === 0) {
        return skipped('No `smoke-expect` is given, or no sample was answered.');
      }
      const wrong = judged.find(({ asExpected }) => asExpected === false);
      return wrong
        ? failed(
            `${wrong.payload}: expected “${shortest(wrong.expect ?? '', 200)}”, got “${shortest(wrong.answer ?? '', 200)}”.`,
          )
        : passed(
            `${judged.map(({ payload, answer }) => `${payload}: ${shortest(answer ?? '', 120)}`).join(', ')}`,
          );
    }),
};
