import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { ALL_STAGES, workspace } from './workspace.js';

const REMOVE = {
  stages: 'undeploy, clean-up',
  'aws-region': 'eu-central-1',
  'endpoint-name': 'forecast',
  repository: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/forecast',
} as const;

describe('an undeployment and a clean-up', () => {
  test('are planned with what is said', () => {
    const plan = workspace().plan({
      ...REMOVE,
      'delete-repository': 'true',
      'delete-artifacts': 'true',
      'clean-up-ref': 'refs/tags/v1',
      'keep-models': '0',
      'dry-run': 'true',
      'endpoint-timeout': '10m',
    });
    expect(plan.undeploy).toEqual({
      endpointName: 'forecast',
      repository: 'team/forecast',
      artifacts: true,
      dryRun: true,
      timeoutSeconds: 600,
    });
    expect(plan.cleanUp).toEqual({ ref: 'refs/tags/v1', keep: 0, repository: 'team/forecast', dryRun: true });
  });

  test('say where the deployments are shown that are no more', () => {
    const shown = { ...REMOVE, 'github-environment': 'production', 'github-token': 'ghs_x' };
    expect(workspace().plan(shown).undeploy?.github).toEqual({ environment: 'production', token: 'ghs_x' });
    expect(workspace().plan({ ...shown, 'dry-run': 'true' }).undeploy).not.toHaveProperty('github');
    expect(toldOf({ 'github-token': '', 'github-environment': 'production' }, REMOVE).input).toBe(
      'github-token',
    );
    expect(toldOf({ 'github-environment': 'a\nb' }, REMOVE).input).toBe('github-environment');
  });

  test.each([
    ['feature/x', 'refs/heads/feature/x'],
    ['refs/heads/feature/x', 'refs/heads/feature/x'],
    ['refs/pull/7/merge', 'refs/pull/7/merge'],
  ])('of %s', (text, ref) => {
    expect(workspace().plan({ ...REMOVE, 'clean-up-ref': text }).cleanUp?.ref).toBe(ref);
  });

  test('leave the images alone without a repository', () => {
    expect(workspace().plan({ ...REMOVE, repository: '' }).cleanUp).not.toHaveProperty('repository');
  });

  test.each([
    [{ 'endpoint-name': '' }, 'endpoint-name', /The stage `undeploy` needs the name/],
    [{ 'delete-repository': 'true', repository: '' }, 'delete-repository', /not said which/],
    [
      { ...ALL_STAGES, stages: `${ALL_STAGES.stages}, undeploy`, 'delete-repository': 'true' },
      'delete-repository',
      /the stage `push` brings an image to/,
    ],
    [{ 'clean-up-ref': 'a..b' }, 'clean-up-ref', /Is not the name of a branch/],
    [{ 'clean-up-ref': 'refs/remotes/x' }, 'clean-up-ref', /Is not the name of a branch/],
    [{ 'keep-models': '1001' }, 'keep-models', /from 0 to 1000/],
    [{ 'dry-run': 'yes' }, 'dry-run', /Must be `true` or `false`/],
  ])('refuse %j', (inputs, input, rule) => {
    const problem = toldOf(inputs as Record<string, string>, REMOVE);
    expect(problem.input).toBe(input);
    expect(problem.rule).toMatch(rule);
  });

  test('are planned for their stages alone; what is given is checked anyway', () => {
    const plan = workspace().plan({ 'delete-repository': 'true', 'dry-run': 'true' });
    expect(plan).not.toHaveProperty('undeploy');
    expect(plan).not.toHaveProperty('cleanUp');
    expect(toldOf({ 'keep-models': 'all' }).input).toBe('keep-models');
  });
});
