import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeFinishedTraining } from './judge-finished-training.js';
import { shortest } from './words.js';

export const trainMetrics: CheckDefinition = {
  id: 'train-metrics',
  group: 'training',
  severity: 'warning',
  title: 'Every metric definition finds its numbers in the log',
  proves: 'Each regular expression of `metric-definitions` matches a line and captures a number.',
  why: 'SageMaker applies the expressions to the log and stays silent when one never matches: the job has no metrics, and nothing says why.',
  fix: 'Compare the expression with a line of the log; put the number into the one capture group, for example `train_loss: ([0-9.eE+-]+)`.',
  source: '[doc] MetricDefinitions of the service model; [obs] sdk#2275, sdk#1031',
  judged: 'when `metric-definitions` is given and the training run ends with 0',
  judge: (observations) =>
    judgeFinishedTraining(observations, (run) => {
      if (run.metrics.length === 0) {
        return skipped('No `metric-definitions` are given.');
      }
      const wrong = run.metrics.flatMap((metric) => {
        if (metric.matches === 0) {
          return [`${metric.name}: no line matches ${metric.regex}`];
        }
        return metric.notANumber === undefined
          ? []
          : [`${metric.name}: captured “${shortest(metric.notANumber, 60)}”, which is not a number`];
      });
      return wrong.length > 0
        ? failed(`${wrong.join('; ')}.`, { lines: run.hosts[0]?.logTail.slice(-30) ?? [] })
        : passed(
            `${run.metrics.map(({ name, values }) => `${name} = ${values.at(-1)} (${values.length}×)`).join(', ')}.`,
          );
    }),
};
