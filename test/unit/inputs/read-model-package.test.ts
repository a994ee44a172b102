import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { DEPLOY_ONLY, workspace } from './workspace.js';

const ARN = 'arn:aws:sagemaker:eu-central-1:123456789012:model-package/forecast/7';

describe('model-package', () => {
  test.each([
    [ARN, { kind: 'arn', arn: ARN }],
    ['latest-approved', { kind: 'latest-approved', group: 'forecast' }],
    ['latest', { kind: 'latest', group: 'forecast' }],
    ['3', { kind: 'version', group: 'forecast', version: 3 }],
  ])('%s', (text, reference) => {
    const plan = workspace().plan({ ...DEPLOY_ONLY, 'model-package': text });
    expect(plan.endpoint?.variants[0]?.model).toEqual({ kind: 'package', package: reference });
  });

  test('as an ARN needs no group', () => {
    const plan = workspace().plan({ ...DEPLOY_ONLY, 'model-package-group': '', 'model-package': ARN });
    expect(plan.endpoint?.variants[0]?.model).toMatchObject({ package: { arn: ARN } });
  });

  test.each([
    [{ 'model-package': 'lastest' }, /^Did you mean `latest`\?/],
    [{ 'model-package': '0' }, /^Write `latest-approved`/],
    [{ 'model-package': '1.2' }, /^Write `latest-approved`/],
    [{ 'model-package': '7', 'model-package-group': '' }, /^Set `model-package-group`/],
    [{ 'model-package-group': '' }, /^Set `model-package-group`/],
    [{ 'model-package': ARN.replace('/7', '') }, /^Copy it from the output/],
    [
      { 'model-package': ARN.replace('model-package/forecast/7', 'model-package-group/forecast') },
      /^This is the ARN of a group\./,
    ],
    [{ 'model-package': ARN.replace('eu-central-1', 'us-east-1') }, /^Name one in eu-central-1/],
    [{ 'model-package': ARN.replace('arn:aws:', 'arn:aws-cn:') }, /^Name one that begins with `arn:aws:`/],
  ])('is none: %j', (inputs, fix) => {
    const problem = toldOf(inputs as Record<string, string>, DEPLOY_ONLY);
    expect(problem).toMatchObject({ input: 'model-package', fix: expect.stringMatching(fix) });
  });
});
