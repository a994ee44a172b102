import {
  CreateEndpointConfigInput$,
  CreateEndpointInput$,
  CreateModelInput$,
  UpdateEndpointInput$,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { ENDPOINT_REQUESTS } from '../../../src/inputs/endpoint-requests.js';
import { Field, Problems } from '../../../src/inputs/problems.js';
import { readEndpointOverrides } from '../../../src/inputs/read-endpoint-overrides.js';
import { pathsOfOurs, pathsOfSdk, type Schema } from './sdk-schema.js';
import { workspace } from './workspace.js';

function read(text: string, path = '/nowhere') {
  const problems = new Problems();
  const field = new Field('endpoint-overrides', text, problems);
  return { overrides: readEndpointOverrides(field, path, ['blue', 'green']), problems: problems.found };
}

describe('endpoint-overrides', () => {
  const FIELDS = {
    CreateModel: { PrimaryContainer: { ContainerHostname: 'main' } },
    CreateEndpointConfig: { ProductionVariants: [{ VariantName: 'blue', InitialVariantWeight: 0.5 }] },
    UpdateEndpoint: { RetainDeploymentConfig: true, Newer: { Than: 'this' } },
  };

  test('are fields of the requests, inline or in a file', () => {
    expect(read(JSON.stringify(FIELDS))).toEqual({ overrides: FIELDS, problems: [] });
    const repository = workspace();
    repository.file('endpoint.yml', JSON.stringify(FIELDS));
    expect(read('endpoint.yml', repository.path)).toEqual({ overrides: FIELDS, problems: [] });
  });

  test.each([
    [
      'ProductionVariants: []',
      'ProductionVariants',
      'Write `CreateEndpointConfig: {ProductionVariants: …}`.',
    ],
    ['createModel: {}', 'createModel', 'Did you mean `CreateModel`?'],
    ['DeleteEndpoint: {}', 'DeleteEndpoint', /Known: `CreateModel`/],
    [
      'CreateModel: {primaryContainer: {}}',
      'CreateModel.primaryContainer',
      'Did you mean `PrimaryContainer`?',
    ],
    [
      'CreateEndpointConfig: {ProductionVariants: [{InitialInstanceCount: 1}]}',
      'CreateEndpointConfig.ProductionVariants[0]',
      'Add `VariantName`.',
    ],
    [
      'CreateEndpointConfig: {DataCaptureConfig: {InitialSamplingPercentage: 101}}',
      'CreateEndpointConfig.DataCaptureConfig.InitialSamplingPercentage: 101',
      'Correct the number.',
    ],
    [
      'CreateEndpoint: {DeploymentConfig: {BlueGreenUpdatePolicy: {TrafficRoutingConfiguration: {Type: CANARI}}}}',
      'CreateEndpoint.DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type: CANARI',
      'Did you mean `CANARY`?',
    ],
    [
      'UpdateEndpoint: {RetainAllVariantProperties: 1}',
      'UpdateEndpoint.RetainAllVariantProperties: 1',
      /API reference/,
    ],
    ['CreateModel: {ModelName: forecast}', 'CreateModel.ModelName', 'Remove `ModelName`.'],
    [
      'CreateEndpointConfig: {EndpointConfigName: forecast}',
      'CreateEndpointConfig.EndpointConfigName',
      'Remove `EndpointConfigName`.',
    ],
    ['CreateEndpoint: {EndpointName: forecast}', 'CreateEndpoint.EndpointName', 'Remove `EndpointName`.'],
    [
      'UpdateEndpoint: {EndpointConfigName: forecast}',
      'UpdateEndpoint.EndpointConfigName',
      'Remove `EndpointConfigName`.',
    ],
    [
      'CreateEndpointConfig: {ProductionVariants: [{VariantName: blue}, {VariantName: gren}]}',
      'CreateEndpointConfig.ProductionVariants[1].VariantName: gren',
      'Did you mean `green`? Known: `blue`, `green`. Add a variant with the input `variants`.',
    ],
    [
      'CreateEndpointConfig: {ProductionVariants: [{VariantName: blue, ModelName: forecast}]}',
      'CreateEndpointConfig.ProductionVariants[0].ModelName',
      /^Remove `ModelName`/,
    ],
    [
      'CreateEndpointConfig: {ProductionVariants: [{VariantName: blue}, {VariantName: green}, {InitialInstanceCount: 1}]}',
      'CreateEndpointConfig.ProductionVariants[2]',
      'Add `VariantName`.',
    ],
    ['a\nb', 'a\nb', /a path such as `endpoint\.yml`/],
  ])('%s is wrong', (text, value, fix) => {
    const [problem] = read(text).problems;
    expect(problem?.value).toBe(value);
    expect(problem?.fix).toMatch(fix);
  });

  test('have no more tags than AWS takes with those of `tags` and of the action', () => {
    const tagged = (own: number) => {
      const Tags = Array.from({ length: own }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
      const problems = new Problems();
      const field = new Field('endpoint-overrides', JSON.stringify({ CreateModel: { Tags } }), problems);
      readEndpointOverrides(
        field,
        '/nowhere',
        undefined,
        new Map([
          ['team', 'a'],
          ['k0', 'b'],
        ]),
      );
      return problems.found;
    };
    expect(tagged(39)).toEqual([]);
    expect(tagged(40)).toMatchObject([
      { value: 'CreateModel.Tags', rule: expect.stringContaining('these are 41, with those of `tags`') },
    ]);
  });

  test("have no field that AWS's SDK does not have, of the same kind", () => {
    const sdk = {
      CreateModel: CreateModelInput$,
      CreateEndpointConfig: CreateEndpointConfigInput$,
      CreateEndpoint: CreateEndpointInput$,
      UpdateEndpoint: UpdateEndpointInput$,
    };
    expect(Object.keys(ENDPOINT_REQUESTS.fields)).toEqual(Object.keys(sdk));
    let count = 0;
    for (const [operation, schema] of Object.entries(sdk)) {
      const known = new Set(pathsOfSdk(schema as unknown as Schema, ''));
      const ours = pathsOfOurs(ENDPOINT_REQUESTS.fields[operation as keyof typeof sdk], '');
      expect(ours.filter((path) => !known.has(path))).toEqual([]);
      count += ours.length;
    }
    expect(count).toBeGreaterThan(300);
  });
});
