import { type CheckDefinition, failed, passed } from './check.js';

const PREFIX = 'com.amazonaws.sagemaker.capabilities.';
const KNOWN = ['accept-bind-to-port', 'multi-models', 'bidirectional-streaming'];
/**
 * A capability, well or badly spelt. Others of SageMaker's labels are none of this check's business: AWS's own
 * images have `com.amazonaws.sagemaker.inference.cuda.verified_versions=12.2` [obs].
 */
const MEANT = new RegExp(`^com\\.amazonaws\\.sagemaker\\.(?:capa|.*\\b(?:${KNOWN.join('|')})$)`, 'i');

export const imageLabels: CheckDefinition = {
  id: 'image-labels',
  group: 'image',
  severity: 'warning',
  title: 'The image’s SageMaker capability labels are ones that SageMaker knows',
  proves: 'Each label below com.amazonaws.sagemaker.capabilities has a known name and the value true.',
  why: 'CreateModel refuses a multi-container or multi-model image whose label is missing, and a misspelt one counts as missing.',
  fix: 'Write for example `LABEL com.amazonaws.sagemaker.capabilities.multi-models=true`.',
  source: '[doc] inference pipelines, mms-container-apis.md; [obs] failure A29',
  judged: 'always',
  judge({ image }) {
    const labels = [...image.labels].filter(([name]) => MEANT.test(name));
    const wrong = labels.filter(
      ([name, value]) =>
        !name.startsWith(PREFIX) || !KNOWN.includes(name.slice(PREFIX.length)) || value !== 'true',
    );
    const show = (list: typeof labels) => list.map(([name, value]) => `${name}=${value}`).join(', ');
    if (wrong.length > 0) {
      return failed(`SageMaker does not know ${show(wrong)}.`, {
        fix: `The known labels are ${KNOWN.map((name) => `${PREFIX}${name}=true`).join(', ')}.`,
      });
    }
    return passed(labels.length > 0 ? `Labels: ${show(labels)}.` : 'The image has no capability labels.');
  },
};
