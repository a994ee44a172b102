import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeFinishedTraining } from './judge-finished-training.js';

export const trainModelArchive: CheckDefinition = {
  id: 'train-model-archive',
  group: 'training',
  severity: 'error',
  title: 'The model holds only what model.tar.gz can carry to an endpoint',
  proves: 'Everything in /opt/ml/model is a regular file or folder.',
  why: 'Hosting refuses an archive with links; sockets and FIFOs cannot be archived. “Failed to extract model data archive” is what the endpoint says, long after training.',
  fix: 'Save real files: copy what a link points to (`cp -L`), and keep sockets, locks and caches out of /opt/ml/model.',
  source: '[doc] deploy-model-troubleshoot.md; [obs] failure E04',
  judged: 'with every training run that wrote a model',
  judge: (observations) =>
    judgeFinishedTraining(observations, (run) => {
      const { unarchivable = [], files = 0 } = run.model ?? {};
      if (unarchivable.length > 0) {
        const shown = unarchivable.slice(0, 10).map(({ path, type }) => `${path} (${type})`);
        const more =
          unarchivable.length > shown.length ? ` and ${unarchivable.length - shown.length} more` : '';
        return failed(`/opt/ml/model holds ${shown.join(', ')}${more}.`);
      }
      return files > 0 ? passed('Only files and folders.') : skipped('There is no model: see train-model.');
    }),
};
