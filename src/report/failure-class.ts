import type { RunRecord } from '../plan.js';
import { endpointClass } from './endpoint-verdict.js';
import { failedGates } from './gate.js';
import { goesOn } from './job-verdict.js';
import { lateStage } from './late-stage.js';
import { failedErrors } from './verdict.js';

/** What a failure is called when no row of the failure catalogue names it. Stable; docs/failures.md has them. */
export const OTHER_CLASSES: Readonly<Record<string, string>> = {
  'invalid-input': 'An input is wrong, and nothing was run.',
  canceled: 'The run was canceled.',
  'runner-not-supported': 'The runner’s system is not Linux, and nothing was run.',
  'docker-unavailable': 'There is no program `docker` on this runner, or its engine does not answer.',
  'outcome-unknown': 'A job or an endpoint could no longer be asked. It may be well.',
  'job-left-running':
    'The training job goes on, and this run follows it no longer: it may not stop the job, or is not to.',
  'checks-failed': 'A check of the smoke test failed, and no row says why.',
  'build-failed': 'The image could not be built.',
  'smoke-test-failed': 'The smoke test could not be made.',
  'push-failed': 'The image could not be pushed.',
  'train-failed': 'The training job could not be started, or failed.',
  'job-stopped': 'This run stopped the training job: by a time-out, a stall or a cancel.',
  'metric-gate-failed': 'A final metric does not hold what `metric-gates` asks for.',
  'register-failed': 'The model could not be registered.',
  'approve-failed': 'The approval status could not be changed.',
  'deploy-failed': 'The model is not live as asked for.',
  'proof-failed':
    'The endpoint came into service, and does not answer as it should. The configuration before is live again, where there is one.',
  'endpoint-rolled-back': 'The update failed, and the configuration before is live.',
  'shift-failed': 'The traffic is not split as asked for.',
  'shift-taken-back': 'An alarm or a gate stopped the shift, and the weights are as before.',
  'undeploy-failed': 'The endpoint, or something that goes with it, could not be removed.',
  'clean-up-failed': 'Something that is not used could not be removed.',
  'run-failed': 'The run failed before its first stage.',
};

/** The diagnosis’s class, or one of {@link OTHER_CLASSES}; empty when the run passed. */
export function failureClass(record: RunRecord): string {
  const { outcome, diagnosis, job, stages } = record;
  if (outcome === 'passed') return '';
  if (outcome === 'invalid-input' || outcome === 'canceled') return outcome;
  const ofEndpoint = outcome === 'failed' ? endpointClass(record) : undefined;
  if (ofEndpoint !== undefined) return ofEndpoint;
  if (diagnosis !== undefined) return diagnosis.class;
  if (record.failure?.class !== undefined) return record.failure.class;
  if (outcome === 'unknown') {
    const isLeft = job !== undefined && lateStage(record) === undefined && goesOn(job);
    return isLeft ? 'job-left-running' : 'outcome-unknown';
  }
  if (failedErrors(record).length > 0) return 'checks-failed';
  if (job !== undefined && lateStage(record) === undefined) {
    if (job.stoppedBecause !== undefined) return 'job-stopped';
    if (failedGates(job).length > 0) return 'metric-gate-failed';
  }
  return `${stages.find(({ status }) => status === 'failed')?.stage ?? 'run'}-failed`;
}
