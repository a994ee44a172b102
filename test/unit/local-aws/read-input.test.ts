import { describe, expect, test } from '@jest/globals';
import { compile, coralWording, ecrWording, readInput } from '../../local-aws/read-input.js';
import { AwsError } from '../../local-aws/service.js';
import { type ServiceModel, writeOutput } from '../../local-aws/service-model.js';

const shape = (name: string) => ({ shape: name });

const MODEL: ServiceModel = {
  operations: {
    Make: { input: shape('Request'), output: shape('Answer') },
    Ping: {},
  },
  shapes: {
    Request: {
      type: 'structure',
      required: ['Name'],
      members: {
        Name: shape('Name'),
        Secret: shape('Secret'),
        Kind: shape('Kind'),
        Count: shape('Count'),
        Parts: shape('Parts'),
        Names: shape('Names'),
        Labels: shape('Labels'),
        At: shape('Time'),
        Content: shape('Blob'),
        On: shape('Flag'),
      },
    },
    Answer: {
      type: 'structure',
      members: { Made: shape('Time'), Parts: shape('Parts'), Labels: shape('Labels') },
    },
    Name: { type: 'string', min: 2, max: 5, pattern: '[a-z]+' },
    Secret: { type: 'string', max: 3, sensitive: true },
    Kind: { type: 'string', enum: ['A', 'B'] },
    Count: { type: 'integer', min: 1, max: 9 },
    Part: { type: 'structure', required: ['Size'], members: { Size: shape('Count') } },
    Parts: { type: 'list', member: shape('Part'), max: 2 },
    Names: { type: 'list', member: shape('Name'), min: 1 },
    Labels: { type: 'map', key: shape('Name'), value: shape('Kind') },
    Time: { type: 'timestamp' },
    Blob: { type: 'blob' },
    Flag: { type: 'boolean' },
  },
};

const dropped: string[] = [];
const read = (json: unknown, wording = coralWording): unknown => {
  dropped.length = 0;
  return readInput(MODEL, 'Make', json, wording, (path) => dropped.push(path));
};
const errorOf = (json: unknown, wording = coralWording): AwsError => {
  try {
    read(json, wording);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};
const one = '1 validation error detected: Value';
const rule = 'failed to satisfy constraint: Member must';

describe('readInput', () => {
  test('gives timestamps as dates and blobs as bytes, and drops what the model lacks', () => {
    expect(read({ Name: 'abc', At: 1.5, Content: 'aGk=', On: false, Kind: null, More: 1 })).toEqual({
      Name: 'abc',
      At: new Date(1500),
      Content: Buffer.from('hi'),
      On: false,
    });
    expect(dropped).toEqual(['more']);
  });

  test.each([
    [{}, `${one} null at 'name' ${rule} not be null`],
    [{ Name: 'a' }, `${one} 'a' at 'name' ${rule} have length greater than or equal to 2`],
    [{ Name: 'abcabc' }, `${one} 'abcabc' at 'name' ${rule} have length less than or equal to 5`],
    [{ Name: 'a1' }, `${one} 'a1' at 'name' ${rule} satisfy regular expression pattern: [a-z]+`],
    [{ Name: 'ab', Kind: 'C' }, `${one} 'C' at 'kind' ${rule} satisfy enum value set: [A, B]`],
    [{ Name: 'ab', Count: 10 }, `${one} '10' at 'count' ${rule} have value less than or equal to 9`],
    [{ Name: 'ab', Secret: 'abcd' }, `${one} at 'secret' ${rule} have length less than or equal to 3`],
    [{ Name: 'ab', Parts: [{ Size: 1 }, {}] }, `${one} null at 'parts.2.member.size' ${rule} not be null`],
    [
      { Name: 'ab', Parts: [{ Size: 1 }, { Size: 1 }, { Size: 1 }] },
      `${one} '[{Size=1}, {Size=1}, {Size=1}]' at 'parts' ${rule} have length less than or equal to 2`,
    ],
    [
      { Name: 'ab', Labels: { ab: 'C' } },
      `${one} '{ab=C}' at 'labels' failed to satisfy constraint: Map value must satisfy constraint: [Member must satisfy enum value set: [A, B]]`,
    ],
    [
      { Name: 'a', Count: 0 },
      `2 validation errors detected: Value 'a' at 'name' ${rule} have length greater than or equal to 2; Value '0' at 'count' ${rule} have value greater than or equal to 1`,
    ],
  ])('says which rule is broken: %j', (json, message) => {
    expect(errorOf(json)).toMatchObject({ code: 'ValidationException', message, status: 400 });
  });

  test.each([
    [
      { Name: 'a1' },
      "Invalid parameter at 'name' failed to satisfy constraint: 'must satisfy regular expression '[a-z]+''",
    ],
    [
      { Name: 'a' },
      "Invalid parameter at 'name' failed to satisfy constraint: 'must have length greater than or equal to 2'",
    ],
    [
      { Name: 'ab', Names: ['A'] },
      "Invalid parameter at 'names' failed to satisfy constraint: 'Member must satisfy constraint: [Member must have length less than or equal to 5, Member must have length greater than or equal to 2, Member must satisfy regular expression pattern: [a-z]+]'",
    ],
  ])('says it in the words of ECR: %j', (json, message) => {
    expect(errorOf(json, ecrWording)).toMatchObject({ code: 'InvalidParameterException', message });
  });

  test.each([
    [{ Name: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    [{ Name: 'ab', Count: 'x' }, 'STRING_VALUE can not be converted to an Integer'],
    [{ Name: 'ab', Count: 1.5 }, 'DECIMAL_VALUE can not be converted to an Integer'],
    [{ Name: 'ab', On: 'true' }, 'STRING_VALUE can not be converted to a Boolean'],
    [{ Name: {} }, 'Start of structure or map found where not expected.'],
    [{ Name: 'ab', Parts: {} }, 'Start of structure or map found where not expected'],
  ])('takes no wrong type: %j', (json, message) => {
    expect(errorOf(json)).toMatchObject({ code: 'SerializationException', message });
  });

  test('knows only the operations of the model', () => {
    expect(() => readInput(MODEL, 'Unmake', {}, coralWording, () => undefined)).toThrow(AwsError);
    expect(readInput(MODEL, 'Ping', undefined, coralWording, () => undefined)).toEqual({});
  });
});

describe('writeOutput', () => {
  test('writes dates as seconds and leaves out what is undefined', () => {
    expect(
      writeOutput(MODEL, 'Make', { Made: new Date(1500), Parts: [{ Size: 1 }], Labels: undefined }),
    ).toEqual({ Made: 1.5, Parts: [{ Size: 1 }] });
    expect(writeOutput(MODEL, 'Ping', undefined)).toEqual({});
  });

  test('refuses a member that the model lacks', () => {
    expect(() => writeOutput(MODEL, 'Make', { Parts: [{ Width: 1 }] })).toThrow('Make.Parts[0].Width');
  });
});

test.each([
  ['\\p{Print}+', 'a policy: 1', true],
  ['\\p{Print}+', 'zwei\nZeilen', false],
  ['\\A\\S[\\p{Print}]*\\z', 'an id', true],
  ['\\A\\S[\\p{Print}]*\\z', ' id', false],
  ['[\\p{Alnum}-]+', 'a-1', true],
  ['[\\p{Alnum}-]+', 'a_1', false],
])("Java's pattern %s of %j", (pattern, value, matches) => {
  expect(compile(pattern).test(value)).toBe(matches);
});
