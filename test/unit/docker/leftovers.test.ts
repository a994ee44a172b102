import { describe, expect, test } from '@jest/globals';
import { labelArgs, removeLeftovers, removeNetworks } from '../../../src/docker/leftovers.js';
import { fakeDocker } from './fake-docker.js';

const LISTS = `case "$1 $2" in
  'ps --all') printf 'c1\\nc2\\n';;
  'network ls') printf 'n1\\n';;
  'volume ls') printf 'v1\\nv2\\n';;
`;
const FILTER = ['--filter', 'label=io.github.sagemaker-byoc.run=run-1'];

test('labelArgs marks what belongs to a run', () => {
  expect(labelArgs('run-1')).toEqual(['--label', 'io.github.sagemaker-byoc.run=run-1']);
});

describe('removeLeftovers', () => {
  test('removes the run’s containers first, then its networks and volumes, and nothing else', async () => {
    const { docker, calls } = fakeDocker(`${LISTS} esac`);
    await removeLeftovers(docker, 'run-1');
    const made = calls();
    for (const call of made
      .filter(([, verb]) => verb === 'ls')
      .concat(made.filter(([verb]) => verb === 'ps'))) {
      expect(call.slice(-2)).toEqual(FILTER);
    }
    const removals = made.filter((call) => call.includes('rm'));
    expect(removals[0]).toEqual(['rm', '--force', '--volumes', 'c1', 'c2']);
    expect(removals.slice(1).sort()).toEqual([
      ['network', 'rm', 'n1'],
      ['volume', 'rm', '--force', 'v1', 'v2'],
    ]);
  });

  test('removes nothing when there is nothing', async () => {
    const { docker, calls } = fakeDocker('exit 0');
    await removeLeftovers(docker, 'run-1');
    expect(calls().filter((call) => call.includes('rm'))).toEqual([]);
  });

  test('is content when something is gone already, or is being removed by another', async () => {
    const { docker } = fakeDocker(`${LISTS}
      'rm --force') echo 'Error: No such container: c1' >&2
        echo 'Error response from daemon: removal of container c2 is already in progress' >&2; exit 1;;
      'network rm') echo 'Error response from daemon: network n1 not found' >&2; exit 1;;
      'volume rm') echo 'Error: No such volume: v1' >&2; exit 1;;
    esac`);
    await expect(removeLeftovers(docker, 'run-1')).resolves.toBeUndefined();
  });

  test('says so when something cannot be removed', async () => {
    const { docker } = fakeDocker(`${LISTS}
      'rm --force') echo 'Error: No such container: c1' >&2; echo 'Error: device or resource busy' >&2; exit 1;;
    esac`);
    await expect(removeLeftovers(docker, 'run-1')).rejects.toThrow('device or resource busy');
  });
});

describe('removeNetworks', () => {
  test('takes off a network what is still on it, and then removes it', async () => {
    const { docker, calls } = fakeDocker(`case "$1 $2" in
      'network rm') [ -e "$FOLDER/off" ] || {
        echo 'Error response from daemon: error while removing network: network n1 has active endpoints' >&2; exit 1
      };;
      'network inspect') printf 'n1 c9\\n\\n';;
      'network disconnect') touch "$FOLDER/off";;
    esac`);
    await removeNetworks(docker, ['n1']);
    expect(calls().map((call) => call.filter((word) => !word.startsWith('{{')))).toEqual([
      ['network', 'rm', 'n1'],
      ['network', 'inspect', '--format', 'n1'],
      ['network', 'disconnect', '--force', 'n1', 'c9'],
      ['network', 'rm', 'n1'],
    ]);
  });

  test('asks nothing of docker when there are none', async () => {
    const { docker, calls } = fakeDocker('exit 1');
    await removeNetworks(docker, []);
    expect(calls()).toEqual([]);
  });

  test('says so when docker cannot', async () => {
    const { docker } = fakeDocker('echo "Error: permission denied" >&2; exit 1');
    await expect(removeNetworks(docker, ['n1'])).rejects.toThrow('permission denied');
  });
});
