import { describe, expect, test } from '@jest/globals';
import { runtimeWording } from '../../local-aws/read-input.js';
import { matchRest, readRestInput } from '../../local-aws/rest.js';
import type { ServiceModel } from '../../local-aws/service-model.js';

const shape = (name: string) => ({ shape: name });

const MODEL: ServiceModel = {
  operations: {
    Ask: { http: { method: 'POST', requestUri: '/things/{Name}/ask' }, input: shape('Request') },
    AskLater: { http: { method: 'POST', requestUri: '/things/{Name}/ask-later' }, input: shape('Request') },
  },
  shapes: {
    Request: {
      type: 'structure',
      required: ['Name', 'Body'],
      members: {
        Name: { shape: 'Name', location: 'uri', locationName: 'Name' },
        Limit: { shape: 'Limit', location: 'header', locationName: 'X-Limit' },
        Kind: { shape: 'Text', location: 'header', locationName: 'Content-Type' },
        Body: shape('Body'),
      },
      payload: 'Body',
    },
    Name: { type: 'string', pattern: '[a-z ]+' },
    Limit: { type: 'integer', max: 9 },
    Text: { type: 'string' },
    Body: { type: 'blob', max: 4, sensitive: true },
  },
};

describe('A REST request', () => {
  test('is the operation whose path it has', () => {
    expect(matchRest(MODEL, 'POST', '/things/a%20b/ask')).toEqual({
      operation: 'Ask',
      parts: { Name: 'a b' },
      text: '{"Name":"a b"}',
    });
    expect(matchRest(MODEL, 'POST', '/things/a/ask-later')?.operation).toBe('AskLater');
    expect(matchRest(MODEL, 'GET', '/things/a/ask')).toBeUndefined();
    expect(matchRest(MODEL, 'POST', '/things/a/b/ask')).toBeUndefined();
    expect(matchRest(MODEL, 'POST', '/things/a/asking')).toBeUndefined();
  });

  const read = (headers: Record<string, string>, body: string, Name = 'a') =>
    readRestInput(
      MODEL,
      { operation: 'Ask', parts: { Name }, text: '' },
      headers,
      Buffer.from(body),
      runtimeWording,
    );

  test('is read from path, headers and body', () => {
    expect(read({ 'x-limit': '7', 'content-type': 'text/csv', host: 'h' }, '1,2')).toEqual({
      Name: 'a',
      Limit: 7,
      Kind: 'text/csv',
      Body: Buffer.from('1,2'),
    });
    // A body that is required may be empty.
    expect(read({}, '')).toEqual({ Name: 'a', Body: Buffer.alloc(0) });
  });

  test('that breaks the model is a ValidationError, which does not repeat the body', () => {
    const broken = () => read({ 'x-limit': '10' }, '12345', 'A');
    expect(broken).toThrow(
      "Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 4",
    );
    expect(broken).toThrow("Value '10' at 'limit'");
    expect(broken).toThrow("Value 'A' at 'name'");
    expect(broken).toThrow(expect.objectContaining({ code: 'ValidationError' }));
    expect(() => read({ 'x-limit': 'many' }, '')).toThrow(
      expect.objectContaining({ code: 'SerializationException' }),
    );
  });
});
