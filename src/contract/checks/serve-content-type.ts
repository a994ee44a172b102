import { isAccepted } from '../media-type.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeInvocations } from './judge-invocations.js';

export const serveContentType: CheckDefinition = {
  id: 'serve-content-type',
  group: 'hosting',
  severity: 'error',
  title: 'Each answer has the content type that was asked for',
  proves: 'The answer’s Content-Type is the one of the request’s Accept header.',
  why: 'Clients choose their parser by it; batch transform and the SDK’s deserializers fail on another type than the one they asked for.',
  fix: 'Set the response’s Content-Type, for example `Response(body, mimetype="application/json")`, or change `smoke-accept`.',
  source: '[doc] InvokeEndpoint, Accept and ContentType',
  judged: 'when `smoke-accept` is given and a sample is answered with 2xx',
  judge: (observations) =>
    judgeInvocations(observations, (run) => {
      const judged = run.invocations.filter(
        ({ accept, status }) => accept !== undefined && status !== undefined && status >= 200 && status < 300,
      );
      if (judged.length === 0) {
        return skipped('No `smoke-accept` is given, or no sample was answered.');
      }
      const wrong = judged.find(({ accept, answerType }) => !isAccepted(accept ?? '', answerType));
      return wrong
        ? failed(
            `${wrong.payload} was answered as “${wrong.answerType ?? 'no Content-Type'}”; “${wrong.accept}” was asked for.`,
          )
        : passed(`Answers are ${[...new Set(judged.map(({ answerType }) => answerType))].join(', ')}.`);
    }),
};
