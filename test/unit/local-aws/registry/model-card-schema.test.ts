import { describe, expect, test } from '@jest/globals';
import {
  cardSchema,
  packageCardSchema,
  validateCard,
} from '../../../local-aws/sagemaker/registry/model-card-schema.js';

const FULL = {
  intended_uses: {
    purpose_of_model: 'p',
    intended_uses: 'i',
    factors_affecting_model_efficiency: 'f',
    risk_rating: 'Medium',
    explanations_for_risk_rating: 'e',
  },
  business_details: { business_problem: 'b', business_stakeholders: 's', line_of_business: 'l' },
  training_details: {
    objective_function: { function: { function: 'Minimize', facet: 'Loss', condition: 'c' }, notes: 'n' },
    training_observations: 'o',
    training_job_details: {
      training_arn: 'arn',
      training_datasets: ['s3://bucket/train'],
      training_environment: { container_image: ['image'] },
      training_metrics: [{ name: 'loss', value: 0.1 }],
      hyper_parameters: [{ name: 'rounds', value: '7' }],
    },
  },
  evaluation_details: [
    {
      name: 'evaluation',
      datasets: ['s3://bucket/test'],
      metadata: { key: 'value' },
      metric_groups: [
        {
          name: 'group',
          metric_data: [
            { name: 'accuracy', type: 'number', value: 0.9 },
            { name: 'verdict', type: 'string', value: 'good' },
            { name: 'fair', type: 'boolean', value: true },
            { name: 'roc', type: 'linear_graph', value: [[0, 1]], x_axis_name: 'x' },
            { name: 'bars', type: 'bar_chart', value: [1, 2], x_axis_name: ['a', 'b'] },
            { name: 'confusion', type: 'matrix', value: [[1, 0]], y_axis_name: ['a'] },
          ],
        },
      ],
    },
  ],
  additional_information: {
    ethical_considerations: 'e',
    caveats_and_recommendations: 'c',
    custom_details: { commit: 'abc' },
  },
};

const refusal = (card: unknown, schema = cardSchema): string => {
  try {
    validateCard(JSON.stringify(card), schema);
    return '';
  } catch (error) {
    return (error as Error).message.replace(/^.*JSON schema: /, '');
  }
};

describe('A model card', () => {
  test('may have every member that is published', () => {
    expect(
      refusal({
        ...FULL,
        model_overview: {
          model_id: 'id',
          model_version: 2,
          model_owner: 'o',
          inference_environment: { container_image: ['image'] },
        },
        model_package_details: {
          model_package_arn: 'arn',
          model_package_version: 3,
          model_approval_status: 'Approved',
          inference_specification: { containers: [{ image: 'i' }] },
        },
      }),
    ).toBe('');
    expect(refusal({ ...FULL, model_overview: { model_creator: 'me' } }, packageCardSchema)).toBe('');
  });

  test.each([
    ['not an object', [], '/: must be an object'],
    ['an unknown member', { intended_use: {} }, /^\/: has no member intended_use; it has: model_overview, /],
    [
      'an unknown risk',
      { intended_uses: { risk_rating: 'low' } },
      '/intended_uses/risk_rating: must be one of High, Medium, Low, Unknown, not "low"',
    ],
    [
      'a long text and a number for a text, both told',
      { intended_uses: { intended_uses: 'x'.repeat(2049) }, business_details: { line_of_business: 1 } },
      '/intended_uses/intended_uses: has 2049 characters, at most 2048 are allowed; /business_details/line_of_business: must be a string',
    ],
    ['an evaluation without a name', { evaluation_details: [{}] }, '/evaluation_details/0: lacks name'],
    [
      'a metric with a value of another type',
      {
        evaluation_details: [
          {
            name: 'e',
            metric_groups: [{ name: 'g', metric_data: [{ name: 'm', type: 'matrix', value: 1 }] }],
          },
        ],
      },
      '/evaluation_details/0/metric_groups/0/metric_data/0/value: must be a list',
    ],
    [
      'a training metric that is a text',
      { training_details: { training_job_details: { training_metrics: [{ name: 'm', value: '1' }] } } },
      '/training_details/training_job_details/training_metrics/0/value: must be a number',
    ],
    [
      'a hyperparameter that is a number',
      { training_details: { training_job_details: { hyper_parameters: [{ name: 'm', value: 1 }] } } },
      '/training_details/training_job_details/hyper_parameters/0/value: must be a string',
    ],
    [
      'a detail that is no text',
      { additional_information: { custom_details: { run: 1 } } },
      '/additional_information/custom_details/run: must be a string',
    ],
  ])('is refused: %s', (_, card, problem) => {
    expect(refusal(card)).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  test('inside a package has no owner and no package details', () => {
    expect(refusal({ model_overview: { model_owner: 'me' } }, packageCardSchema)).toContain('model_owner');
    expect(refusal({ model_package_details: {} }, packageCardSchema)).toContain('model_package_details');
  });

  test('may have a hyperparameter without a value, but not inside a package', () => {
    const card = { training_details: { training_job_details: { hyper_parameters: [{ name: 'rounds' }] } } };
    expect(refusal(card)).toBe('');
    expect(refusal(card, packageCardSchema)).toBe(
      '/training_details/training_job_details/hyper_parameters/0: lacks value',
    );
  });

  test('must be JSON', () => {
    expect(() => validateCard('# A card', cardSchema)).toThrow('The content of the model card is not JSON.');
  });
});
