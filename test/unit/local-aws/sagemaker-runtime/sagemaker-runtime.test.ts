import { describe, expect, test } from '@jest/globals';
import { world } from '../hosting/world.js';

const GROUP = '/aws/sagemaker/Endpoints/live';

describe('InvokeEndpoint', () => {
  test('answers with what the container answers, and who it was', async () => {
    const { live, invoke, script } = world();
    script({ script: { body: '{"y": 1}', contentType: 'application/json' } });
    await live();
    expect(await invoke({ ContentType: 'text/csv' })).toMatchObject({
      status: 200,
      text: '{"y": 1}',
      headers: { 'content-type': 'application/json', 'x-amzn-invoked-production-variant': 'AllTraffic' },
    });
  });

  test.each([
    [500, 'server'],
    [400, 'client'],
    [302, 'server'],
  ])('ends with ModelError when the container answers %d', async (status, kind) => {
    const { live, invoke, script } = world();
    script({ script: { status, body: 'KeyError: x' } });
    await live();
    await expect(invoke()).rejects.toMatchObject({
      code: 'ModelError',
      status: 424,
      message: expect.stringMatching(
        new RegExp(
          `^Received ${kind} error \\(${status}\\) from primary with message "KeyError: x"\\. See https://`,
        ),
      ),
      fields: {
        OriginalStatusCode: status,
        OriginalMessage: 'KeyError: x',
        LogStreamArn: `arn:aws:logs:eu-west-1:123456789012:log-group:${GROUP}`,
      },
    });
  });

  test('is refused: no such endpoint, an asynchronous one, a target model', async () => {
    const { live, invoke } = world();
    const none = { code: 'ValidationError', message: 'Endpoint live of account 123456789012 not found.' };
    await expect(invoke()).rejects.toMatchObject(none);
    await live({}, { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://b/out' } } });
    await expect(invoke()).rejects.toThrow('use InvokeEndpointAsync');
    const other = world();
    await other.live();
    await expect(other.invoke({ TargetModel: 'm' })).rejects.toThrow('not a multi-model endpoint');
    await expect(other.invoke({}, 'InvokeEndpointAsync')).rejects.toThrow('not asynchronous');
  });

  test('of a serverless variant takes 4 MB, and as many requests at once as it says', async () => {
    const { live, invoke, script, settle, clock } = world();
    script({ script: { delay: 1000 } });
    await live({ ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 2 } });
    const size = 4 * 1024 * 1024;
    await expect(invoke({ Body: Buffer.alloc(size + 1) })).rejects.toThrow(`less than or equal to ${size}`);
    const two = [invoke(), invoke()];
    await settle();
    await expect(invoke()).rejects.toMatchObject({ code: 'ThrottlingException', status: 429 });
    clock.advance(1000);
    await expect(Promise.all(two)).resolves.toHaveLength(2);
  });
});

describe('Data capture', () => {
  test('keeps its share of the requests as JSON Lines, by hour', async () => {
    const { live, invoke, objects, pass, script } = world();
    script({ script: { body: '1,2', contentType: 'text/csv' } });
    await live(
      {},
      {
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: 50,
          DestinationS3Uri: 's3://bucket/captured/',
          CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
          CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'] },
        },
      },
    );
    for (let request = 0; request < 4; request += 1) {
      await invoke({
        ContentType: 'application/json',
        Body: Buffer.from('{}'),
        InferenceId: `id-${request}`,
      });
    }
    await pass(600);
    const [[uri = '', text = ''] = []] = [...objects];
    expect(uri).toMatch(
      /^s3:\/\/bucket\/captured\/live\/AllTraffic\/2026\/01\/01\/00\/00-00-\d{3}-[0-9a-f-]{36}\.jsonl$/,
    );
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toEqual({
      captureData: {
        endpointInput: {
          observedContentType: 'application/json',
          mode: 'INPUT',
          data: 'e30=',
          encoding: 'BASE64',
        },
        endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: '1,2', encoding: 'CSV' },
      },
      eventMetadata: {
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        inferenceId: 'id-1',
        inferenceTime: '2026-01-01T00:00:00Z',
      },
      eventVersion: '0',
    });
  });
});

describe('InvokeEndpointAsync', () => {
  const output = {
    AsyncInferenceConfig: {
      OutputConfig: {
        S3OutputPath: 's3://bucket/out/',
        S3FailurePath: 's3://bucket/failed',
        NotificationConfig: { SuccessTopic: 'arn:good', ErrorTopic: 'arn:bad' },
      },
    },
  };
  const accepted = async (all: ReturnType<typeof world>, more: object) => {
    const { status, headers, text } = await all.invoke(
      { Body: undefined as never, ...more },
      'InvokeEndpointAsync',
    );
    expect(status).toBe(202);
    await all.settle();
    return {
      id: JSON.parse(text).InferenceId as string,
      output: headers['x-amzn-sagemaker-outputlocation'] ?? '',
      failure: headers['x-amzn-sagemaker-failurelocation'] ?? '',
    };
  };

  test('reads the request from S3, writes the answer there, and tells the topic', async () => {
    const all = world();
    await all.live({}, output);
    all.objects.set('s3://bucket/in.json', '[1]');
    const { output: location, id } = await accepted(all, {
      InputLocation: 's3://bucket/in.json',
      ContentType: 'application/json',
      InferenceId: 'mine',
    });
    expect(id).toBe('mine');
    expect(location).toMatch(/^s3:\/\/bucket\/out\/[0-9a-f-]{36}\.out$/);
    expect(all.objects.get(location)).toBe('one');
    expect(all.published).toEqual([
      {
        topic: 'arn:good',
        message: expect.objectContaining({
          invocationStatus: 'Completed',
          inferenceId: 'mine',
          responseParameters: { outputLocation: location },
        }),
      },
    ]);
  });

  test.each([
    [
      'the container refuses it',
      's3://bucket/in.json',
      /^Received server error \(500\) from model with the message "no"$/,
    ],
    ['its input is not there', 's3://bucket/none', /none/],
  ])('writes the failure when %s', async (_, InputLocation, words) => {
    const all = world();
    all.script({ script: { status: 500, body: 'no' } });
    await all.live({}, output);
    all.objects.set('s3://bucket/in.json', '[1]');
    const { output: location, failure } = await accepted(all, { InputLocation });
    expect(all.objects.has(location)).toBe(false);
    expect(all.objects.get(failure)).toMatch(words);
    expect(all.published).toMatchObject([{ topic: 'arn:bad', message: { invocationStatus: 'Failed' } }]);
  });
});
