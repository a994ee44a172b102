import { type CheckDefinition, failed, passed } from './check.js';
import { judgeFinishedTraining } from './judge-finished-training.js';
import { bytes, seeInstead } from './words.js';

export const trainModel: CheckDefinition = {
  id: 'train-model',
  group: 'training',
  severity: 'error',
  title: 'Training writes a model to /opt/ml/model',
  proves: 'At least one file is in /opt/ml/model when the program ends, and it is not empty.',
  why: 'model.tar.gz is made of /opt/ml/model and of nothing else. A job that saves elsewhere is Completed, and its model is gone with the instance.',
  fix: 'Save to /opt/ml/model: not to ./model, and not to SM_MODEL_DIR, which the platform does not set (`toolkit-environment: true` does).',
  source: '[doc] your-algorithms-training-algo-output.md; [obs] failure T33',
  judged: 'with every training run that ends with 0',
  judge: (observations) =>
    judgeFinishedTraining(observations, (run) => {
      const { files = 0, bytes: size = 0, unarchivable = [] } = run.model ?? {};
      if (files === 0 && unarchivable.length > 0) {
        // Not empty: it holds only what the archive cannot carry.
        return seeInstead('train-model-archive');
      }
      if (files > 0 && size === 0) {
        return failed(
          `/opt/ml/model holds ${files === 1 ? 'one file' : `${files} files`}, with nothing in them.`,
        );
      }
      return files > 0
        ? passed(`${files} ${files === 1 ? 'file' : 'files'}, ${bytes(size)}.`)
        : failed('/opt/ml/model is empty: the job would be Completed without a model.');
    }),
};
