import type { Channel, ResourceConfig } from '@aws-sdk/client-sagemaker';
import { type HostGroup, hostNames } from '../../../src/contract/opt-ml.js';
import { AwsError } from '../service.js';

/** All hosts of a job, whatever group they are in. */
export function hostsOf(resources: ResourceConfig | undefined): readonly string[] {
  const groups = resources?.InstanceGroups ?? [];
  return hostNames(
    groups.length === 0
      ? (resources?.InstanceCount ?? 1)
      : groups.reduce((sum, { InstanceCount = 0 }) => sum + InstanceCount, 0),
  );
}

/**
 * The job's groups of instances, empty where it names none. Hosts are numbered group after group, in the order of
 * the request: what the platform does is not documented.
 */
export function groupsOf(resources: ResourceConfig | undefined): readonly HostGroup[] {
  const hosts = hostsOf(resources);
  let before = 0;
  return (resources?.InstanceGroups ?? []).map(
    ({ InstanceGroupName = '', InstanceType = '', InstanceCount = 0 }) => {
      before += InstanceCount;
      return {
        name: InstanceGroupName,
        instanceType: InstanceType,
        hosts: hosts.slice(before - InstanceCount, before),
      };
    },
  );
}

/** The hosts that get a channel: those of the groups that it names, or all. [model] InstanceGroupNames */
export function hostsOfChannel(channel: Channel, resources: ResourceConfig | undefined): readonly string[] {
  const names = channel.DataSource?.S3DataSource?.InstanceGroupNames ?? [];
  if (names.length === 0) {
    return hostsOf(resources);
  }
  return groupsOf(resources).flatMap(({ name, hosts }) => (names.includes(name) ? hosts : []));
}

/**
 * What does not go together. The words are approximate: no source quotes the service's.
 *
 * @throws AwsError
 */
export function checkInstanceGroups(
  resources: ResourceConfig | undefined,
  channels: readonly Channel[],
): void {
  const invalid = (message: string) => new AwsError('ValidationException', message);
  const groups = resources?.InstanceGroups ?? [];
  const names = groups.map(({ InstanceGroupName = '' }) => InstanceGroupName);
  if (groups.length > 0) {
    if (resources?.InstanceType !== undefined || resources?.InstanceCount !== undefined) {
      throw invalid('InstanceGroups cannot be given together with InstanceType or InstanceCount.');
    }
    if (resources?.KeepAlivePeriodInSeconds) {
      throw invalid('KeepAlivePeriodInSeconds is not supported for a job with InstanceGroups.');
    }
    if (new Set(names).size < names.length) {
      throw invalid('Instance group names must be unique');
    }
    if (hostsOf(resources).length === 0) {
      throw invalid('The instance groups have no instance.');
    }
  }
  for (const { ChannelName, DataSource } of channels) {
    const unknown = (DataSource?.S3DataSource?.InstanceGroupNames ?? []).filter(
      (name) => !names.includes(name),
    );
    if (unknown.length > 0) {
      throw invalid(
        `Channel ${ChannelName} names instance groups that the job has not: ${unknown.join(', ')}`,
      );
    }
  }
}
