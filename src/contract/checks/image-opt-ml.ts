import { type CheckDefinition, failed, passed } from './check.js';

export const imageOptMl: CheckDefinition = {
  id: 'image-opt-ml',
  group: 'image',
  severity: 'warning',
  title: 'The image holds nothing where SageMaker mounts its own folders',
  proves: 'Nothing is baked into /opt/ml/input, /opt/ml/model, /opt/ml/output or /opt/ml/checkpoints.',
  why: '/opt/ml is reserved. What the image holds at a path that SageMaker mounts can be hidden or make the job fail. Code in /opt/ml/code is fine: the platform does not make that folder.',
  fix: 'Copy those files to another folder, for example /opt/program, and read them from there.',
  source:
    '[doc] your-algorithms-training-algo-dockerfile.md; [code] sagemaker-training-toolkit for /opt/ml/code',
  judged: 'always',
  judge({ image }) {
    return image.bakedPaths.length === 0
      ? passed('Nothing is baked into the reserved folders.')
      : failed(`The image holds files in ${image.bakedPaths.join(', ')}.`);
  },
};
