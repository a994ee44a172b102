import { lossFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { seeInstead, tail } from './words.js';

export const serveMultiModel: CheckDefinition = {
  id: 'serve-multi-model',
  group: 'hosting',
  severity: 'error',
  title: 'The multi-model API loads, lists and unloads a model',
  proves:
    'POST /models, GET /models, GET /models/{name} and DELETE /models/{name} answer as SageMaker expects.',
  why: 'An image with the label multi-models=true is driven by these calls: SageMaker loads a model at its first request and unloads it when memory is short.',
  fix: 'Implement the multi-model container API, or remove the label com.amazonaws.sagemaker.capabilities.multi-models.',
  source: '[doc] mms-container-apis.md',
  judged: 'when the image has the label com.amazonaws.sagemaker.capabilities.multi-models=true',
  judge: (observations) =>
    judgeReadyServer(observations, (run) => {
      if (run.multiModel === undefined) {
        return skipped('The image is not labelled as a multi-model container.');
      }
      const show = ({ request, status, error }: (typeof run.multiModel.steps)[number]) =>
        `${request}: ${status ?? error ?? 'no answer'}`;
      const wrong = run.multiModel.steps.find(
        ({ status, wanted }) => status === undefined || !wanted.includes(status),
      );
      const loss = lossFault(run);
      if (wrong !== undefined && wrong.status === undefined && loss !== undefined) {
        return seeInstead(loss);
      }
      return wrong
        ? failed(`${show(wrong)}, expected ${wrong.wanted.join(' or ')}.`, { lines: tail(run.logTail) })
        : passed(`${run.multiModel.steps.map(show).join(', ')}.`);
    }),
};
