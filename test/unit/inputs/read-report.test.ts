import { describe, expect, test } from '@jest/globals';
import { only, workspace } from './workspace.js';

describe('the comment on a pull request', () => {
  test('needs a token', () => {
    expect(only(workspace().problems({ comment: 'true' }))).toEqual({
      input: 'github-token',
      value: '***',
      rule: 'A comment is written with a token of GitHub, and none is given.',
      fix: 'Set it to `github.token`, and give the job `permissions: pull-requests: write`.',
    });
  });

  test('is written with the token of the input, whatever the environment holds', () => {
    const { report } = workspace().plan(
      { comment: 'true', 'github-token': ' ghs_a\n' },
      { GITHUB_TOKEN: 'ghs_b' },
    );
    expect(report.comment?.token).toBe('ghs_a');
  });

  test('is about what the step makes, without what changes from run to run', () => {
    const subjectOf = (inputs: Readonly<Record<string, string>>) =>
      workspace().plan({ stages: 'smoke-test', 'github-token': 'ghs_a', comment: 'true', ...inputs }).report
        .comment?.subject;
    const digest = `sha256:${'0'.repeat(64)}`;
    const image = subjectOf({ 'image-uri': 'localhost:5000/churn' });
    expect(subjectOf({ 'image-uri': 'localhost:5000/churn:1.4' })).toEqual(image);
    expect(subjectOf({ 'image-uri': `localhost:5000/churn:1.4@${digest}` })).toEqual(image);
    expect(subjectOf({ 'image-uri': 'localhost:5000/forecast:1.4' })).not.toEqual(image);
    expect(subjectOf({ 'image-uri': 'localhost:5000/churn', 'comment-key': 'cuda' })).not.toEqual(image);
  });

  test('is not written because there is a token', () => {
    expect(workspace().plan({ 'github-token': 'ghs_a' }).report).not.toHaveProperty('comment');
  });

  test('shows no token that is mistaken, or that stands under a mistyped name', () => {
    const problems = workspace().problems({
      comment: 'true',
      'github-token': 'ghs_a ghs_b',
      'gihub-token': 'ghs_c',
    });
    expect(problems.map(({ input }) => input).sort()).toEqual(['gihub-token', 'github-token']);
    expect(JSON.stringify(problems)).not.toMatch(/ghs_/);
  });
});

describe('the baseline', () => {
  test.each(['main', 'release/1.4', 'v1.4', 'refs/heads/main', 'refs/tags/v1'])('may be %s', (ref) => {
    expect(workspace().plan({ 'baseline-ref': ` ${ref}\n` }).report.baselineRef).toBe(ref);
  });

  test.each([
    'two words',
    'main..next',
    'main~1',
    'refs/pull/7/merge',
    'refs/heads/',
    'origin:main',
    '-d',
    'x'.repeat(240),
  ])('may not be %s', (ref) => {
    expect(only(workspace().problems({ 'baseline-ref': ref }))).toMatchObject({
      input: 'baseline-ref',
      rule: 'Is not the name of a branch or a tag.',
    });
  });
});
