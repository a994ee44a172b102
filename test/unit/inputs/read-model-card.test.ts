import { describe, expect, test } from '@jest/globals';
import { only, workspace } from './workspace.js';

function read(name: string, content: string) {
  const repository = workspace();
  repository.file(name, content);
  const run = {
    stages: 'build, push, register',
    'aws-region': 'eu-central-1',
    repository: 'forecast',
    'model-package-group': 'forecast',
    'model-artifacts': 's3://models/a/model.tar.gz',
    'model-card': name,
  };
  return {
    card: () => repository.plan(run).register?.card,
    told: () => only(repository.problems(run)),
  };
}

const MARKDOWN = `---
name: forecast
status: PendingReview
---
<!-- Fill this in.
## Not a heading
-->
# Forecast

Predicts demand.

## Intended uses

Weekly planning.

### Purpose of model
Less waste.

### Risk rating
Low

## Business details
### Line of business
Retail

## Evaluation
### Holdout 2026
Good enough.

\`\`\`text
## A comment in code
\`\`\`

## Ethical considerations
None known.

## Limitations
Not for new shops.

## Additional information
### Contact point
The forecasting team
`;

const CONTENT = {
  model_overview: { model_name: 'Forecast', model_description: 'Predicts demand.' },
  intended_uses: {
    intended_uses: 'Weekly planning.',
    purpose_of_model: 'Less waste.',
    risk_rating: 'Low',
  },
  business_details: { line_of_business: 'Retail' },
  evaluation_details: [
    {
      name: 'Holdout 2026',
      evaluation_observation: 'Good enough.\n\n```text\n## A comment in code\n```',
    },
  ],
  additional_information: {
    ethical_considerations: 'None known.',
    caveats_and_recommendations: 'Not for new shops.',
    custom_details: { contact_point: 'The forecasting team' },
  },
};

describe('a model card', () => {
  test('in Markdown has its sections by their headings', () => {
    expect(read('docs/card.md', MARKDOWN).card()).toEqual({
      path: expect.stringMatching(/\/docs\/card\.md$/),
      name: 'forecast',
      status: 'PendingReview',
      content: CONTENT,
    });
  });

  test('reads the same with line ends of Windows and a byte order mark', () => {
    expect(read('card.md', `\uFEFF${MARKDOWN.replaceAll('\n', '\r\n')}`).card()?.content).toEqual(CONTENT);
  });

  test('in Markdown needs no head, and may be short', () => {
    expect(read('card.md', 'Predicts demand.\n\n## Training\nOn 2026.\n').card()).toMatchObject({
      status: 'Draft',
      content: {
        model_overview: { model_description: 'Predicts demand.' },
        training_details: { training_observations: 'On 2026.' },
      },
    });
    expect(read('card.md', '## Model overview\n### Model version\n3\n').card()?.content).toEqual({
      model_overview: { model_version: 3 },
    });
  });

  test.each(['card.yml', 'card.yaml', 'card.json'])('as %s has the fields of the schema', (name) => {
    const card = { name: 'forecast', status: 'PendingReview', ...CONTENT };
    expect(read(name, JSON.stringify(card)).card()).toMatchObject({ name: 'forecast', content: CONTENT });
  });

  test('in YAML may say a section in one text, and leave others to be filled in', () => {
    const yaml =
      'intended_uses: Weekly planning.\nevaluation_details: Good.\nbusiness_details:\ntraining_details:\n  training_observations:\n';
    expect(read('card.yml', yaml).card()?.content).toEqual({
      intended_uses: { intended_uses: 'Weekly planning.' },
      evaluation_details: [{ name: 'Evaluation', evaluation_observation: 'Good.' }],
      training_details: {},
    });
    expect(read('card.yml', 'evaluation_details: {name: a}').card()?.content).toEqual({
      evaluation_details: [{ name: 'a' }],
    });
    expect(read('card.yml', '').card()?.content).toEqual({});
  });

  test.each([
    ['card.md', '## Intented uses\nx', 'Intented uses', /^Did you mean `intended_uses`\?/],
    ['card.md', '# A\n\n## Licence\nMIT', 'Licence', /^Sections: `model_overview`/],
    [
      'card.md',
      '## Intended uses\n### Purposes of model\nx',
      'Purposes of model',
      /^Did you mean `purpose_of_model`\?/,
    ],
    ['card.md', '## Limitations\na\n## Caveats\nb', 'Caveats', /under one heading/],
    ['card.md', '### Alone\nx', 'Alone', /^Put it below/],
    ['card.md', '---\ntitle: x\n---\n', 'title', /^Known: `name`, `status`/],
    ['card.md', '---\nstatus: draft\n---\n', 'status: draft', /^Did you mean `Draft`\?/],
    ['card.md', '---\nname: my card\n---\n', 'name: my card', /^Write for example `my-card`/],
    [
      'card.md',
      '## Intended uses\n### Risk rating\nhigh',
      'intended_uses.risk_rating: high',
      /^Did you mean `High`\?/,
    ],
    ['card.yml', 'intended_use: {}', 'intended_use', /^Did you mean `intended_uses`\?/],
    ['card.yml', 'licence: MIT', 'licence', /^Known: `model_overview`/],
    [
      'card.yml',
      'intended_uses: {purpose: x}',
      'intended_uses.purpose',
      /^Did you mean `purpose_of_model`\?/,
    ],
    ['card.yml', 'evaluation_details: [{metric_groups: []}]', 'evaluation_details[0]', /^Add `name`/],
    ['card.yml', `intended_uses: ${'x'.repeat(2049)}`, 'intended_uses.intended_uses', /^Correct its length/],
    [
      'card.yml',
      'model_overview: {model_version: one}',
      'model_overview.model_version: "one"',
      /API reference/,
    ],
    ['card.yml', '- a', 'card.yml', /^Write its sections as keys/],
    ['card.txt', 'x', 'card.txt', /^Name it `model-card\.md`/],
    ['card.md', 'x'.repeat(800_001), 'card.md', /^Link to what is long/],
  ])('%s: %.60j is wrong', (name, content, value, fix) => {
    const told = read(name, content).told();
    expect(told).toMatchObject({ input: 'model-card', value });
    expect(told.fix).toMatch(fix);
  });

  test('says the line of a heading in its file', () => {
    const told = read('card.md', '---\nname: a\n---\n\n## Intented uses\nx').told();
    expect(told.rule).toBe('Line 5: a model card has no such section.');
  });

  test('is not longer than SageMaker takes', () => {
    const jobs = Array.from({ length: 60 }, (_, index) => ({
      name: `job ${index}`,
      evaluation_observation: 'x'.repeat(2000),
    }));
    const told = read('card.json', JSON.stringify({ evaluation_details: jobs })).told();
    expect(told.rule).toMatch(/takes at most 100000\.$/);
  });

  test('must be there', () => {
    const repository = workspace();
    expect(only(repository.problems({ 'model-card': 'nowhere.md' })).input).toBe('model-card');
  });
});
