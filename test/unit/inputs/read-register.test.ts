import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { ALL_STAGES, DEPLOY, workspace } from './workspace.js';

const registerOf = (inputs: Record<string, string> = {}) =>
  workspace().plan({ ...DEPLOY, ...inputs }).register;

describe('a version of the registry', () => {
  test('is planned with what is said', () => {
    expect(
      registerOf({
        'create-model-package-group': 'true',
        'approval-status': 'Approved',
        'model-description': 'Trained on all of 2026,\n  and proven.',
        'model-metadata': 'dataset=2026-11',
        'model-content-types': 'text/csv, application/json',
        'model-response-types': 'application/json; verbose=true',
        'model-instance-types': 'ml.c5.large',
      }),
    ).toEqual({
      group: 'forecast',
      createGroup: true,
      approvalStatus: 'Approved',
      description: 'Trained on all of 2026, and proven.',
      metadata: new Map([['dataset', '2026-11']]),
      contentTypes: ['text/csv', 'application/json'],
      responseTypes: ['application/json; verbose=true'],
      instanceTypes: ['ml.c5.large'],
    });
  });

  test('has its report beside the model, or in the output path of a given one', () => {
    expect(registerOf()).not.toHaveProperty('reportPath');
    const given = {
      stages: 'build, push, register',
      'model-artifacts': 's3://models/a/model.tar.gz',
      'output-path': 's3://results/all',
    };
    expect(registerOf(given)?.reportPath).toBe('s3://results/all');
    expect(registerOf({ ...given, 'output-path': '' })).not.toHaveProperty('reportPath');
  });

  test('is planned for its stage alone; what is given is checked anyway', () => {
    expect(workspace().plan({ ...ALL_STAGES, 'model-package-group': 'forecast' })).not.toHaveProperty(
      'register',
    );
    expect(toldOf({ 'approval-status': 'approved' }).fix).toMatch(/^Did you mean `Approved`\?/);
  });

  test('needs a group', () => {
    expect(toldOf({ 'model-package-group': '' }, DEPLOY)).toMatchObject({
      input: 'model-package-group',
      rule: 'The stage `register` needs a group of the model registry.',
    });
  });

  test.each([
    [{ 'model-package-group': 'fore_cast' }, 'Write for example `fore-cast`.'],
    [{ 'model-package-group': '-' }, 'Write for example `forecast`.'],
    [{ 'model-package-group': 'x'.repeat(64) }, `Write for example \`${'x'.repeat(63)}\`.`],
    [{ 'model-description': 'x'.repeat(1025) }, 'Shorten it; what is long belongs into `model-card`.'],
    [{ 'model-description': 'a\u0007b' }, 'Remove them.'],
    [{ 'model-metadata': 'a=' }, 'Write a value, or remove the entry.'],
    [{ 'model-metadata': `a=${'x'.repeat(257)}` }, 'Shorten it.'],
    [{ 'model-metadata': `${'x'.repeat(129)}=a` }, 'Shorten it.'],
    [{ 'model-metadata': 'a=b;c' }, 'Remove the other characters.'],
    [
      { 'model-metadata': Array.from({ length: 31 }, (_, index) => `k${index}=v`).join('\n') },
      'Keep 30 or fewer.',
    ],
    [{ 'model-content-types': 'csv' }, 'Write for example `application/json`.'],
    [{ 'model-content-types': 'text/csv, text/csv' }, 'Name it once.'],
    [{ 'model-content-types': `text/${'x'.repeat(252)}` }, 'Write for example `application/json`.'],
    [{ 'model-response-types': 'json' }, 'Write for example `application/json`.'],
    [{ 'model-instance-types': 'ml.m5.large, ml.m5.large' }, 'Name it once.'],
    [{ 'model-instance-types': 'ml.p3dn.24xlarge' }, 'Name an endpoint type such as `ml.m5.xlarge`.'],
  ])('refuses %j', (inputs, fix) => {
    const [input = ''] = Object.keys(inputs);
    expect(toldOf(inputs as Record<string, string>, DEPLOY)).toMatchObject({ input, fix });
  });
});

describe('an approval', () => {
  const APPROVE = {
    stages: 'approve',
    'aws-region': 'eu-central-1',
    'model-package-group': 'forecast',
    'model-package': 'latest',
  };

  test('is planned with its reason', () => {
    const plan = workspace().plan({
      ...APPROVE,
      'approval-status': 'Rejected',
      'approval-description': 'Biased.',
    });
    expect(plan.approve).toEqual({
      package: { kind: 'latest', group: 'forecast' },
      status: 'Rejected',
      description: 'Biased.',
    });
  });

  test.each([
    [{ 'model-package': '' }, 'model-package', 'The stage `approve` needs the version of the model.'],
    [{ 'model-package': 'latest-approved' }, 'model-package', 'Names a version that is approved already.'],
    [{ 'approval-description': 'x'.repeat(1025) }, 'approval-description', /1024/],
    [{ 'approval-status': 'ok' }, 'approval-status', /^Must be one of/],
  ])('refuses %j', (inputs, input, rule) => {
    const problem = toldOf(inputs as Record<string, string>, APPROVE);
    expect(problem.input).toBe(input);
    expect(problem.rule).toMatch(rule);
  });

  test('is not of a version that the run itself makes', () => {
    expect(toldOf({ stages: `${DEPLOY.stages}, approve` }, DEPLOY)).toMatchObject({
      input: 'stages',
      fix: expect.stringContaining('Set `approval-status: Approved`'),
    });
  });
});
