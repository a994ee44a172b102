import { trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { failingLog, isObserved, notObserved, seeInstead } from './words.js';

export const trainEnvironment: CheckDefinition = {
  id: 'train-environment',
  group: 'training',
  severity: 'error',
  title: 'The program needs only the environment that the platform sets',
  proves: 'Training does not fail for lack of SM_* variables, which SageMaker does not set.',
  why: 'The platform sets TRAINING_JOB_NAME, TRAINING_JOB_ARN and the request’s Environment. SM_MODEL_DIR, SM_CHANNEL_* and the other SM_* variables come from sagemaker-training-toolkit, inside the images that have it. Local tests that set them by hand hide this.',
  fix: 'Set `toolkit-environment: true`, install sagemaker-training in the image, or read the paths under /opt/ml directly.',
  source: '[doc] model-train-storage.md; [obs] sdk#2521, sdk#2418, training-toolkit#107; failure T27',
  judged: 'with every training run',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    const fault = trainingFault(run);
    if (fault === 'train-environment') {
      return failed(run.diagnosis?.cause ?? 'An SM_* variable is missing.', {
        lines: failingLog(run),
        ...(run.diagnosis && { fix: run.diagnosis.fix }),
      });
    }
    if (fault !== undefined) {
      return seeInstead(fault);
    }
    return run.toolkitEnvironment
      ? passed('The action gave the container the toolkit’s environment (`toolkit-environment: true`).')
      : passed('The program asked for no variable that the platform does not set.');
  },
};
