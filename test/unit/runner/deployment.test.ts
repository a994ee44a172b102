import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EndpointRecord, SourceRecord } from '../../../src/plan.js';
import { type GithubDeployments, githubDeployments } from '../../../src/runner/deployment.js';
import { reportToGithub } from '../../../src/stages/deploy/report-to-github.js';

const TOKEN = 'ghs_0123456789';
const SOURCE: SourceRecord = {
  repository: 'octo-org/churn',
  commit: 'ffac537e6cbbf934b08745a378932722df287a53',
  runUrl: 'https://github.com/octo-org/churn/actions/runs/7',
};

interface Deployment {
  readonly id: number;
  readonly sent: Readonly<Record<string, unknown>>;
  readonly statuses: Readonly<Record<string, unknown>>[];
}

/** GitHub as far as deployments need it. */
let server: Server;
let env: NodeJS.ProcessEnv;
let deployments: Deployment[];
let calls: string[];
/** Statuses with which the next calls are refused; 0 breaks the connection. */
let refusals: number[];
let waits: number[];

function answer(method: string, url: string, body: string): [status: number, body: unknown] {
  const refused = refusals.shift();
  if (refused !== undefined && refused !== 200) {
    return [refused, { message: 'Resource not accessible by integration' }];
  }
  const sent = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;
  const path = url.split('?')[0];
  if (path === '/repos/octo-org/churn/deployments') {
    if (method === 'GET') {
      const environment = new URLSearchParams(url.split('?')[1]).get('environment');
      return [
        200,
        deployments
          .filter((deployment) => deployment.sent['environment'] === environment)
          .map(({ id, sent: { payload } }) => ({ id, payload })),
      ];
    }
    const id = deployments.length + 1;
    deployments.push({ id, sent, statuses: [] });
    return [201, { id }];
  }
  const id = /^\/repos\/octo-org\/churn\/deployments\/(\d+)\/statuses$/.exec(path ?? '')?.[1];
  const found = deployments.find((deployment) => deployment.id === Number(id));
  if (found === undefined) return [404, { message: 'Not Found' }];
  if (method === 'GET') return [200, found.statuses.slice(-1)];
  found.statuses.push(sent);
  return [201, {}];
}

beforeEach(async () => {
  deployments = [];
  calls = [];
  refusals = [];
  waits = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      calls.push(`${method} ${url}`);
      const [status, body] =
        headers.authorization === `Bearer ${TOKEN}`
          ? answer(method, url, Buffer.concat(chunks).toString())
          : [401, { message: 'Bad credentials' }];
      if (status === 0) {
        request.socket.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  env = { GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const connect = (source = SOURCE, token = TOKEN): GithubDeployments =>
  githubDeployments({ environment: 'live / eu', token }, source, env, async (milliseconds) => {
    waits.push(milliseconds);
  });

const statuses = () => deployments.map((deployment) => deployment.statuses.map(({ state }) => state));

describe('a deployment', () => {
  test('is of the commit, waits for no checks and merges nothing', async () => {
    const github = connect();
    const deployment = await github.begin('churn');
    await deployment?.set('success', 'x'.repeat(200), 'https://console/churn');
    expect(deployments[0]?.sent).toEqual({
      ref: SOURCE.commit,
      auto_merge: false,
      required_contexts: [],
      environment: 'live / eu',
      description: 'SageMaker endpoint churn',
      payload: { endpoint: 'churn' },
    });
    expect(deployments[0]?.statuses).toEqual([
      { state: 'in_progress', description: 'Deploying to churn', log_url: SOURCE.runUrl },
      {
        state: 'success',
        description: `${'x'.repeat(139)}…`,
        log_url: SOURCE.runUrl,
        environment_url: 'https://console/churn',
      },
    ]);
    expect(github.notices).toEqual([]);
    expect(github.url).toBe('https://github.com/octo-org/churn/deployments/live%20%2F%20eu');
  });

  test.each([401, 403, 404])('that GitHub refuses (%d) is one notice', async (status) => {
    refusals = [status];
    const github = connect();
    expect(await github.begin('churn')).toBeUndefined();
    expect(github.notices).toEqual([
      expect.stringMatching(/GitHub refuses it.*`permissions: deployments: write`/),
    ]);
    expect(github.notices[0]).not.toContain(TOKEN);
    expect(calls).toHaveLength(1);
  });

  test('that GitHub has no answer for is not made twice, and is a notice', async () => {
    refusals = [0];
    const github = connect();
    expect(await github.begin('churn')).toBeUndefined();
    expect(github.notices).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });

  test('has its state set again when GitHub fails', async () => {
    refusals = [200, 500, 0];
    const github = connect();
    await github.begin('churn');
    expect(statuses()).toEqual([['in_progress']]);
    expect(waits).toEqual([1_000, 4_000]);
    expect(github.notices).toEqual([]);
  });

  test('is not made of an unknown commit', async () => {
    const github = connect({ repository: 'octo-org/churn' });
    expect(await github.begin('churn')).toBeUndefined();
    expect(github.notices).toHaveLength(1);
    expect(calls).toEqual([]);
  });

  test('is inactive once its endpoint is gone; others stay, and nothing is set twice', async () => {
    await connect().begin('churn');
    await connect().begin('other');
    await connect().begin('churn');
    await connect().retire('churn');
    const after = [['in_progress', 'inactive'], ['in_progress'], ['in_progress', 'inactive']];
    expect(statuses()).toEqual(after);
    await connect().retire('churn');
    expect(statuses()).toEqual(after);
  });

  test('that cannot be retired is a notice', async () => {
    refusals = [403];
    const github = connect();
    await github.retire('churn');
    expect(github.notices).toEqual([expect.stringContaining('still shown as active')]);
  });
});

describe('a stage that is reported', () => {
  const record = { name: 'churn', consoleUrl: 'https://console/churn' } as EndpointRecord;
  const known: EndpointRecord[] = [];

  const report = (
    outcome: 'passed' | 'failed' | 'canceled' | 'unknown' | Error,
    github: GithubDeployments | undefined = connect(),
    signal = new AbortController().signal,
  ) =>
    reportToGithub(github, {
      endpointName: 'churn',
      signal,
      onKnown: (one) => known.push(one),
      deploy: async (onKnown) => {
        onKnown(record);
        if (outcome instanceof Error) throw outcome;
        return { outcome, detail: 'How it went.', endpoint: record, notices: ['Before.'] };
      },
    });

  test.each([
    ['passed', 'success'],
    ['failed', 'failure'],
    ['unknown', 'error'],
    ['canceled', 'error'],
  ] as const)('and %s is shown as %s, with the endpoint’s page', async (outcome, state) => {
    const result = await report(outcome);
    expect(deployments[0]?.statuses.at(-1)).toEqual({
      state,
      description: 'How it went.',
      log_url: SOURCE.runUrl,
      environment_url: 'https://console/churn',
    });
    expect(result.endpoint?.deploymentUrl).toMatch(/\/octo-org\/churn\/deployments\/live/);
    expect(known.at(-1)?.deploymentUrl).toBe(result.endpoint?.deploymentUrl);
    expect(result.notices).toEqual(['Before.']);
  });

  test('and throws is shown as an error, and throws', async () => {
    await expect(report(new Error('No.'))).rejects.toThrow('No.');
    expect(statuses()).toEqual([['in_progress', 'error']]);
  });

  test('goes on without GitHub, with one notice and no page', async () => {
    refusals = [403];
    const result = await report('passed');
    expect(result).toMatchObject({ outcome: 'passed', notices: ['Before.', expect.stringContaining('403')] });
    expect(result.endpoint).not.toHaveProperty('deploymentUrl');
    expect(calls).toHaveLength(1);
  });

  test('is not reported without an environment', async () => {
    expect(
      await reportToGithub(undefined, {
        endpointName: 'churn',
        signal: new AbortController().signal,
        onKnown: () => {},
        deploy: async () => ({ outcome: 'passed', detail: '' }),
      }),
    ).toEqual({ outcome: 'passed', detail: '' });
    expect(calls).toEqual([]);
  });

  test('and canceled does not wait for GitHub', async () => {
    const cancel = new AbortController();
    let told = '';
    const github: GithubDeployments = {
      notices: [],
      begin: async () => {
        cancel.abort();
        return {
          set: (status) => {
            told = status;
            return new Promise<void>(() => {});
          },
        };
      },
      retire: async () => {},
    };
    expect(await report('canceled', github, cancel.signal)).toMatchObject({ outcome: 'canceled' });
    expect(told).toBe('error');
  });
});
