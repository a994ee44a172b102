import { describe, expect, test } from '@jest/globals';
import { trainingPrice } from '../../../src/aws/price-list.js';

const product = (attributes: Record<string, string>, usd: string, unit = 'Hrs'): string =>
  JSON.stringify({
    product: {
      productFamily: 'ML Instance',
      attributes: { regionCode: 'eu-west-1', instanceName: 'ml.m5.xlarge', ...attributes },
    },
    terms: { OnDemand: { A: { priceDimensions: { B: { unit, pricePerUnit: { USD: usd } } } } } },
  });
const training = product({ component: 'Training', usagetype: 'EU-Train:ml.m5.xlarge' }, '0.2570000000');

describe('the price of an hour of training', () => {
  test('is that of training, among those of hosting, notebooks and other types', () => {
    const list = [
      product({ component: 'Hosting', usagetype: 'EU-Host:ml.m5.xlarge' }, '0.2690000000'),
      product({ component: 'Training', instanceName: 'ml.m5.2xlarge' }, '0.5140000000'),
      product({ component: 'Notebook', usagetype: 'EU-Notebk:ml.m5.xlarge' }, '0.2580000000'),
      training,
    ];
    expect(trainingPrice(list, 'ml.m5.xlarge')).toBe(0.257);
  });

  test('is found by the usage type where the component is missing', () => {
    expect(trainingPrice([product({ usagetype: 'EU-Train:ml.m5.xlarge' }, '0.3')], 'ml.m5.xlarge')).toBe(0.3);
    expect(trainingPrice([product({ usagetype: 'Train:ml.m5.xlarge' }, '0.3')], 'ml.m5.xlarge')).toBe(0.3);
    expect(trainingPrice([product({ usagetype: 'EU-Host:ml.m5.xlarge' }, '0.3')], 'ml.m5.xlarge')).toBe(
      undefined,
    );
  });

  test('is said twice by two products that agree', () => {
    expect(trainingPrice([training, training], 'ml.m5.xlarge')).toBe(0.257);
  });

  test.each<[string, readonly string[]]>([
    ['there is none', []],
    ['two disagree', [training, product({ component: 'Training' }, '0.9')]],
    ['it is nothing', [product({ component: 'Training' }, '0.0000000000')]],
    ['it is not of an hour', [product({ component: 'Training' }, '0.3', 'GB-Mo')]],
    ['it is in another currency', [training.replace('"USD"', '"CNY"')]],
    ['it is no JSON', ['<html>']],
    [
      'it has no terms',
      ['{}', 'null', '{"product":{"attributes":{"instanceName":"ml.m5.xlarge","component":"Training"}}}'],
    ],
  ])('is not known when %s', (_why, list) => {
    expect(trainingPrice(list, 'ml.m5.xlarge')).toBeUndefined();
  });
});
