import { describe, expect, test } from '@jest/globals';
import { dockerPush } from '../../../../src/stages/push/docker-push.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';
import { fakeDocker } from '../../docker/fake-docker.js';
import { SeenLog } from '../train/seen-log.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** Pushes with a docker that says these words before it succeeds, one a try. */
async function pushAfter(failures: readonly string[]) {
  const { docker, calls } = fakeDocker(`case "$1" in
push)
  echo >>"$FOLDER/tries"
  case $(wc -l <"$FOLDER/tries" | tr -d ' ') in
${failures.map((text, index) => `  ${index + 1}) echo '${text}' >&2; exit 1 ;;`).join('\n')}
  esac
  echo 'tag: digest: ${DIGEST} size: 528' ;;
image) [ "$2" != inspect ] ;;
esac`);
  const waits: number[] = [];
  const log = new SeenLog();
  const context = {
    ...{ docker, log, runId: '0123456789ab', tempDir: '/nowhere', source: {} },
    signal: new AbortController().signal,
  };
  const pace = {
    now: () => 0,
    random: () => 0,
    sleep: async (milliseconds: number) => void waits.push(milliseconds),
  };
  const target = { host: 'registry', repository: 'model', tag: '1' };
  const ended = await dockerPush(context, 'id', target, {}, pace).catch((error: unknown) => error);
  const pushes = calls().filter(([word]) => word === 'push').length;
  return { ended, pushes, waits, log, last: calls().at(-1) };
}

describe('docker push', () => {
  test.each([
    ['toomanyrequests: Rate exceeded', 4, [2500, 5000, 10_000, 20_000]],
    ['received unexpected HTTP status: 503 Service Unavailable', 1, [500]],
    ['read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer', 1, [500]],
  ])('is tried again after: %s', async (text, times, expected) => {
    const { ended, waits, log, last } = await pushAfter(Array(times).fill(text));
    expect(ended).toBe(DIGEST);
    expect(waits).toEqual(expected);
    expect(log.info_.filter((line) => line.includes('pushing again'))).toHaveLength(times);
    expect(last).toEqual(['image', 'rm', '--no-prune', 'registry/model:1']);
  });

  test.each([
    ['toomanyrequests: Rate exceeded', 5, /too many requests/],
    ['received unexpected HTTP status: 500 Internal Server Error', 2, /lost the registry/],
    ['denied: requested access to the resource is denied', 1, /was denied/],
  ])('is given up when it stays: %s', async (text, times, message) => {
    const { ended, pushes, last } = await pushAfter(Array(9).fill(text));
    expect(ended).toBeInstanceOf(StageFailure);
    expect((ended as StageFailure).failure).toMatchObject({ message: expect.stringMatching(message) });
    expect(pushes).toBe(times);
    expect(last).toEqual(['image', 'rm', '--no-prune', 'registry/model:1']);
  });
});
