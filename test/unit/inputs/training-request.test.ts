import { CreateTrainingJobRequest$ } from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { TRAINING_REQUEST } from '../../../src/inputs/training-request.js';
import { pathsOfOurs, pathsOfSdk, type Schema } from './sdk-schema.js';

describe('the request of CreateTrainingJob', () => {
  test("has no field that AWS's SDK does not have, of the same kind", () => {
    // The SDK may be newer: fields that are not known here pass.
    const sdk = new Set(pathsOfSdk(CreateTrainingJobRequest$ as unknown as Schema, ''));
    const ours = pathsOfOurs(TRAINING_REQUEST, '');
    expect(ours.filter((path) => !sdk.has(path))).toEqual([]);
    expect(ours.length).toBeGreaterThan(150);
  });
});
