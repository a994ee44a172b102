import { describe, expect, test } from '@jest/globals';
import type { Diagnosis, EndpointRecord, RemovedResource, RunRecord } from '../../../src/plan.js';
import { outputsOf } from '../../../src/report/outputs.js';
import { verdictOf } from '../../../src/report/verdict.js';
import {
  badProof,
  cleanUp,
  crashLoop,
  deployed,
  dryRun,
  endpoint,
  firstWasBad,
  proof,
  rolledBack,
  runOf,
  shifted,
  shiftTakenBack,
  takenBack,
} from './endpoint-samples.js';

const { proof: _, ...unproven } = endpoint;
const passedWith = (change: Partial<EndpointRecord>, of: EndpointRecord = endpoint): RunRecord => ({
  ...deployed,
  endpoint: { ...of, ...change },
});
const failure = { message: 'It went wrong.', fix: 'Mend it.' };
const failedWith = (change: Partial<EndpointRecord>, of: EndpointRecord = endpoint): RunRecord =>
  runOf('deploy', 'failed', { endpoint: { ...of, ...change }, failure });
const { action: _action, ...undecided } = unproven;

describe('a green verdict', () => {
  const gone = (result: RemovedResource['result']): RemovedResource => ({
    kind: 'model',
    name: 'm',
    why: 'w',
    result,
  });
  test.each<[string, RunRecord]>([
    ['The model is live and answers: the endpoint was updated', deployed],
    ['The model is live and answers: the endpoint was created', passedWith({ action: 'created' })],
    [
      'The model is live and answers: the endpoint was deleted and created anew',
      passedWith({ action: 'replaced' }),
    ],
    ['Nothing is new: the model is live and answers', passedWith({ action: 'unchanged' })],
    [
      'Nothing was changed, and whether the model is new is not known: the model is live and answers',
      passedWith({ action: 'unchanged', modelUnread: true }),
    ],
    ['The model is live, unproven: the endpoint was updated', passedWith({}, unproven)],
    ['The traffic is shifted', shifted],
    [
      'Nothing was to be done: the traffic is split as asked for',
      runOf('shift', 'passed', { endpoint: { ...unproven, action: 'unchanged' } }),
    ],
    [
      'The endpoint is deleted, with 1 more',
      runOf('undeploy', 'passed', {
        endpoint: { ...unproven, action: 'deleted', removed: [gone('removed'), gone('removed')] },
      }),
    ],
    [
      'Dry run: 1 resource would be removed',
      runOf('undeploy', 'passed', {
        endpoint: { ...unproven, action: 'none', removed: [gone('would-be-removed'), gone('kept')] },
      }),
    ],
    [
      'The endpoint was gone; 1 resource of it was removed',
      runOf('undeploy', 'passed', { endpoint: { ...unproven, action: 'none', removed: [gone('removed')] } }),
    ],
    [
      'Nothing was to be removed: the endpoint is gone',
      runOf('undeploy', 'passed', { endpoint: { ...unproven, action: 'none', removed: [] } }),
    ],
    ['Dry run: 1 unused resource would be removed, 1 job would be stopped', dryRun],
    [
      '2 unused resources were removed, 1 job was stopped',
      runOf('clean-up', 'passed', {
        cleanUp: { dryRun: false, resources: [gone('removed'), gone('removed'), gone('stopped')] },
      }),
    ],
    ['Nothing was to be cleaned up', runOf('clean-up', 'passed', { cleanUp: { ...cleanUp, resources: [] } })],
    [
      'The model is live and answers: the endpoint was updated; nothing was to be cleaned up',
      {
        ...deployed,
        stages: [...deployed.stages, { stage: 'clean-up', status: 'passed', seconds: 1, detail: '' }],
        cleanUp: { ...cleanUp, resources: [] },
      },
    ],
  ])('%s', (headline, record) => {
    expect(verdictOf(record)).toMatchObject({ icon: '✅', headline });
    expect(outputsOf(record)['failure-class']).toBe('');
  });

  test('asks for a proof when there is none', () => {
    expect(verdictOf(passedWith({}, unproven)).next?.text).toMatch(/^Set `endpoint-payload`/);
    expect(verdictOf({ ...deployed, checks: [] }).next).toBeUndefined();
  });
});

describe('a red verdict says what is live', () => {
  test.each<[string, string, RunRecord]>([
    ['The update failed: the previous model is live and answers', 'endpoint-rolled-back', rolledBack],
    [
      'The new model was bad and was taken back: the previous one is live and answers',
      'proof-failed',
      takenBack,
    ],
    [
      'The new model was bad and was taken back: the previous one is live, and does not answer as it should either',
      'proof-failed',
      failedWith({ action: 'restored', proof: badProof, restoredProof: badProof }),
    ],
    [
      'The update failed: the previous model is live',
      'endpoint-rolled-back',
      failedWith({ action: 'restored' }, unproven),
    ],
    ['The first deployment was bad: the endpoint was deleted', 'module-missing', firstWasBad],
    [
      'The endpoint is as it should be, but it does not answer as it should',
      'proof-failed',
      failedWith({ action: 'unchanged', proof: badProof }),
    ],
    [
      'The new model is live, but it does not answer as it should',
      'proof-failed',
      failedWith({ proof: badProof }),
    ],
    ['The new model is live, but not all is done', 'deploy-failed', failedWith({ proof })],
    [
      'The endpoint did not come into service: it is still being created',
      'deploy-failed',
      failedWith({ status: 'Creating' }, undecided),
    ],
    [
      'The update did not come to its end: the previous model takes requests meanwhile',
      'deploy-failed',
      failedWith({ status: 'Updating', configName: 'churn-4d1f7a6b2c3e' }, undecided),
    ],
    ['The endpoint failed: nothing is live', 'deploy-failed', failedWith({ status: 'Failed' }, undecided)],
    [
      'The update failed, and so did going back: old and new serve side by side',
      'deploy-failed',
      failedWith({ status: 'UpdateRollbackFailed' }, undecided),
    ],
    [
      'The model is not live: the endpoint is on another configuration',
      'deploy-failed',
      failedWith({ configName: 'somebody-elses' }, undecided),
    ],
    [
      'The model was not deployed: the endpoint is as it was',
      'deploy-failed',
      failedWith({ configName: 'churn-4d1f7a6b2c3e' }, undecided),
    ],
    [
      'The model was not deployed: nothing was changed at the endpoint',
      'deploy-failed',
      failedWith({ requests: {} }, undecided),
    ],
    [
      'The model was not deployed: nothing was changed at the endpoint',
      'deploy-failed',
      failedWith({ requests: {}, status: 'Updating' }, undecided),
    ],
    [
      'Others changed the endpoint during the deployment: it was left as it is',
      'deploy-failed',
      failedWith({ changedByOthers: true, configName: 'churn-theirs' }),
    ],
    [
      'Others changed the endpoint during the deployment: it was left as it is',
      'proof-failed',
      failedWith({ changedByOthers: true, action: 'created', proof: badProof, status: 'Updating' }),
    ],
    ['The model was not deployed', 'deploy-failed', runOf('deploy', 'failed', { failure })],
    ['The shift was taken back: the weights are as before', 'shift-taken-back', shiftTakenBack],
    [
      'The shift failed: the weights are those below',
      'shift-failed',
      runOf('shift', 'failed', { endpoint: undecided, failure }),
    ],
    ['The traffic was not shifted', 'shift-failed', runOf('shift', 'failed', { failure })],
    ['The endpoint could not be removed', 'undeploy-failed', runOf('undeploy', 'failed', { failure })],
    [
      'The endpoint is gone, but not all that went with it',
      'undeploy-failed',
      runOf('undeploy', 'failed', { endpoint: { ...undecided, status: 'Deleted' }, failure }),
    ],
    ['Not all that is unused could be removed', 'clean-up-failed', runOf('clean-up', 'failed', { failure })],
  ])('%s', (headline, failureClass, record) => {
    expect(verdictOf(record)).toMatchObject({ icon: '❌', headline });
    expect(outputsOf(record)['failure-class']).toBe(failureClass);
  });

  test('leads to the line of the program when the endpoint is safe, else to what must be done about it', () => {
    expect(verdictOf(firstWasBad).next).toEqual({ text: crashLoop.fix, location: crashLoop.location });
    const kept = { ...failedWith({ status: 'Creating' }, undecided), diagnosis: crashLoop };
    expect(verdictOf(kept).next?.text).toBe('Mend it.');
    // What was answered tells more than the log of a server that runs.
    expect(verdictOf({ ...takenBack, diagnosis: crashLoop }).next?.text).toBe(takenBack.failure?.fix);
  });

  test('names the class of the catalogue, unless that only says where the endpoint is', () => {
    const rolled: Diagnosis = { ...crashLoop, id: 'E09', class: 'endpoint-rolled-back' };
    expect(outputsOf({ ...takenBack, diagnosis: rolled })['failure-class']).toBe('proof-failed');
    expect(outputsOf({ ...takenBack, diagnosis: crashLoop })['failure-class']).toBe('module-missing');
    expect(outputsOf({ ...rolledBack, diagnosis: crashLoop })['failure-class']).toBe('module-missing');
  });

  test('is not about the job, which is done', () => {
    const record: RunRecord = { ...deployed, ...rolledBack, job: deployed.job ?? never() };
    expect(verdictOf(record).headline).toBe('The update failed: the previous model is live and answers');
    expect(verdictOf(record).next?.text).toBe('Install `torch` in the image.');
  });
});

function never(): never {
  throw new Error('There is a job.');
}

describe('what is not known', () => {
  test.each(['deploy', 'shift', 'undeploy', 'clean-up'] as const)(
    'in %s is not said to have failed',
    (stage) => {
      const record = runOf(stage, 'unknown', { endpoint: { ...undecided, status: 'Unknown' }, failure });
      const { icon, headline, next } = verdictOf(record);
      expect({ icon, next }).toEqual({ icon: '⚠️', next: { text: 'Mend it.' } });
      expect(headline).toMatch(/not known/);
      expect(outputsOf(record)['failure-class']).toBe('outcome-unknown');
    },
  );
});

describe('a cancel', () => {
  const at = (change: Partial<EndpointRecord>, of: EndpointRecord = undecided): RunRecord =>
    runOf('deploy', 'canceled', { endpoint: { ...of, ...change }, seconds: 51 });
  test.each<[string, RunRecord]>([
    ['nothing was changed at the endpoint', runOf('deploy', 'canceled', { seconds: 51 })],
    ['nothing was changed at the endpoint', at({ status: 'Updating', requests: {} })],
    ['the update goes on and cannot be stopped', at({ status: 'Updating' })],
    ['the endpoint is still being created', at({ status: 'Creating' })],
    [
      'the new model was not proven; the previous one is being put back',
      at({ status: 'Updating', action: 'restored' }),
    ],
    [
      'the new model was bad; the previous one is being put back',
      at({ status: 'Updating', action: 'restored', proof: badProof }),
    ],
    [
      'the previous model is live again',
      at({ action: 'restored', configName: 'churn-4d1f7a6b2c3e', proof: badProof }),
    ],
    ['others have changed the endpoint, and it was left alone', at({ changedByOthers: true })],
    ['the endpoint is being deleted', at({ status: 'Deleting' })],
    ['the endpoint is deleted', at({ status: 'Deleted' })],
    ['how the endpoint is could not be asked', at({ status: 'Unknown' })],
    ['the endpoint is not in service', at({ status: 'Failed' })],
    ['the endpoint is as it was, and live', at({ configName: 'churn-4d1f7a6b2c3e' })],
    ['the endpoint is as it was', at({ action: 'unchanged' })],
    ['the new model is live, unproven', at({ action: 'updated' })],
    ['the new model is live and answers', at({ action: 'updated' }, endpoint)],
  ])('of a deployment: %s', (how, record) => {
    expect(verdictOf(record)).toMatchObject({
      icon: '⏹️',
      headline: `Canceled during deploy after 51 s: ${how}`,
    });
    expect(outputsOf(record)['failure-class']).toBe('canceled');
  });

  test.each<[string, RunRecord]>([
    ['the weights go back', runOf('shift', 'canceled', { endpoint: { ...undecided, action: 'restored' } })],
    ['the weights are those below', runOf('shift', 'canceled', { endpoint: undecided })],
    ['the weights are as before', runOf('shift', 'canceled', {})],
    ['nothing was removed', runOf('clean-up', 'canceled', { cleanUp })],
    [
      'the endpoint is being deleted, 2 resources removed',
      runOf('undeploy', 'canceled', { endpoint: { ...undecided, status: 'Deleting' } }),
    ],
  ])('of another stage: %s', (how, record) => {
    expect(verdictOf(record).headline.split(': ')[1]).toBe(how);
  });
});
