import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import type { InputMode } from '../plan.js';
import { folderEntries } from './folder-entries.js';
import { packing } from './packing.js';

/** Where the platform puts things. [doc] sagemaker-training: /opt/ml layout. */
export const OPT_ML = '/opt/ml';
export const INPUT_DIR = `${OPT_ML}/input`;
export const CONFIG_DIR = `${INPUT_DIR}/config`;
export const DATA_DIR = `${INPUT_DIR}/data`;
export const MODEL_DIR = `${OPT_ML}/model`;
export const MODELS_DIR = `${OPT_ML}/models`;
export const OUTPUT_DIR = `${OPT_ML}/output`;
export const FAILURE_FILE = `${OUTPUT_DIR}/failure`;

/** The only instance group of a job that names none. [obs] resourceconfig.json of real jobs. */
export const HOMOGENEOUS_CLUSTER = 'homogeneousCluster';
/** [doc] your-algorithms-training-algo-running-container.md */
export const NETWORK_INTERFACE = 'eth0';

/**
 * hyperparameters.json: one flat object, every value a string, `{}` (2 bytes) when there are none.
 * [doc] your-algorithms-training-algo-running-container.md; [obs] for the empty object.
 */
export function hyperparametersJson(hyperparameters: ReadonlyMap<string, string>): string {
  return JSON.stringify(Object.fromEntries(hyperparameters));
}

/** What one channel of a request says of itself. */
export interface ChannelSettings {
  /** Absent: the job's. */
  readonly inputMode?: InputMode;
  readonly contentType?: string;
  readonly distribution?: 'FullyReplicated' | 'ShardedByS3Key';
  readonly recordWrapper?: 'None' | 'RecordIO';
}

/**
 * inputdataconfig.json: by channel, keys in the order of the documentation's example, `ContentType` only where
 * it was given. A FastFile channel is shown as `File`. [doc] your-algorithms-training-algo-running-container.md
 */
export function inputDataConfigJson(
  channels: Iterable<string>,
  inputMode: InputMode,
  settings: ReadonlyMap<string, ChannelSettings> = new Map(),
): string {
  const config = [...channels].map((channel) => {
    const own = settings.get(channel);
    return [
      channel,
      {
        ...(own?.contentType !== undefined && { ContentType: own.contentType }),
        TrainingInputMode: (own?.inputMode ?? inputMode) === 'Pipe' ? 'Pipe' : 'File',
        S3DistributionType: own?.distribution ?? 'FullyReplicated',
        RecordWrapperType: own?.recordWrapper ?? 'None',
      },
    ];
  });
  return JSON.stringify(Object.fromEntries(config));
}

/** Hosts of one instance type, of a job that has several. */
export interface HostGroup {
  readonly name: string;
  readonly instanceType: string;
  readonly hosts: readonly string[];
}

/**
 * resourceconfig.json of one host: keys in alphabetical order, hosts sorted as text (algo-1, algo-10,
 * algo-2), `topology` null. [doc] the fields; [obs] order and topology, from dumps of real jobs.
 *
 * @param groups the job's `InstanceGroups`, which hold all hosts; empty: one group of the instance type
 */
export function resourceConfigJson(
  host: string,
  hosts: readonly string[],
  instanceType: string,
  groups: readonly HostGroup[] = [],
): string {
  const all = groups.length > 0 ? groups : [{ name: HOMOGENEOUS_CLUSTER, instanceType, hosts }];
  const own = all.find((group) => group.hosts.includes(host));
  return JSON.stringify({
    current_group_name: own?.name,
    current_host: host,
    current_instance_type: own?.instanceType,
    hosts: [...hosts].sort(),
    instance_groups: all.map((group) => ({
      hosts: [...group.hosts].sort(),
      instance_group_name: group.name,
      instance_type: group.instanceType,
    })),
    network_interface_name: NETWORK_INTERFACE,
    topology: null,
  });
}

/** Names of the hosts of a job: `algo-1` … `algo-N`. [doc] */
export function hostNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `algo-${index + 1}`);
}

/** What goes below /opt/ml before a training container starts. */
export interface TrainingTree {
  readonly host: string;
  readonly hosts: readonly string[];
  readonly instanceType: string;
  /** Absent: one group of the instance type. */
  readonly instanceGroups?: readonly HostGroup[];
  readonly hyperparameters: ReadonlyMap<string, string>;
  /** Channel → absolute path of a file or folder. */
  readonly channels: ReadonlyMap<string, string>;
  readonly inputMode: InputMode;
  readonly channelSettings?: ReadonlyMap<string, ChannelSettings>;
}

/**
 * The training host's tree as a tar stream relative to /opt/ml: everything owned by root, folders 0755,
 * files 0644. [obs] `ls -lR` of a real job shows root:root and 0644 for the config files; one listing shows
 * the config folder itself as `drw-r--r--`, which root does not notice.
 *
 * The channels' files are part of it in File mode only: FastFile channels are a read-only mount of their
 * own ({@link packChannels}), and so are the FIFOs of Pipe channels. A folder that is mounted read-only must
 * not even be named here: the engine would set its owner, and fail.
 */
export function packTrainingTree(tree: TrainingTree): Readable {
  return packing(async (tar) => {
    const modes = [...tree.channels.keys()].map(
      (channel) => tree.channelSettings?.get(channel)?.inputMode ?? tree.inputMode,
    );
    const mounted = modes.includes('Pipe') || (modes.length > 0 && !modes.includes('File'));
    for (const folder of [
      ...['input/', 'input/config/', ...(mounted ? [] : ['input/data/'])],
      ...['model/', 'output/', 'output/data/'],
    ]) {
      addFolder(tar, folder);
    }
    addFile(tar, 'input/config/hyperparameters.json', hyperparametersJson(tree.hyperparameters));
    addFile(
      tar,
      'input/config/inputdataconfig.json',
      inputDataConfigJson(tree.channels.keys(), tree.inputMode, tree.channelSettings),
    );
    addFile(
      tar,
      'input/config/resourceconfig.json',
      resourceConfigJson(tree.host, tree.hosts, tree.instanceType, tree.instanceGroups),
    );
    if (!mounted) {
      const copied = [...tree.channels].filter((_, index) => modes[index] === 'File');
      await addChannels(tar, new Map(copied), 'input/data/');
    }
  });
}

/** The channels' folders alone, relative to /opt/ml/input/data. */
export function packChannels(channels: ReadonlyMap<string, string>): Readable {
  return packing((tar) => addChannels(tar, channels, ''));
}

/** A file or folder of the repository as the content of a folder: what `model.tar.gz` would hold. */
export function packFolder(path: string, prefix = ''): Readable {
  return packing(async (tar) => {
    await addContent(tar, path, prefix);
  });
}

async function addChannels(tar: Pack, channels: ReadonlyMap<string, string>, prefix: string): Promise<void> {
  for (const [channel, path] of channels) {
    addFolder(tar, `${prefix}${channel}/`);
    const names = await addContent(tar, path, `${prefix}${channel}/`);
    // A file beside the channel's folder, seen on real hosts [obs]: programs that take every entry of
    // /opt/ml/input/data for a channel trip over it. Its exact content is not documented.
    addFile(tar, `${prefix}${channel}-manifest`, JSON.stringify(names));
  }
}

/** Adds a file, or the files below a folder; gives the names of the files. */
async function addContent(tar: Pack, path: string, prefix: string): Promise<readonly string[]> {
  const info = await stat(path);
  if (info.isFile()) {
    await addFromDisk(tar, path, info.size, `${prefix}${basename(path)}`);
    return [basename(path)];
  }
  const names: string[] = [];
  for await (const entry of folderEntries(path)) {
    if (entry.kind === 'folder') {
      addFolder(tar, `${prefix}${entry.name}/`);
    } else {
      await addFromDisk(tar, entry.path, entry.size, `${prefix}${entry.name}`);
      names.push(entry.name);
    }
  }
  return names;
}

const ROOT = { uid: 0, gid: 0, uname: 'root', gname: 'root' };

function addFolder(tar: Pack, name: string): void {
  tar.entry({ name, type: 'directory', mode: 0o755, ...ROOT });
}

function addFile(tar: Pack, name: string, content: string): void {
  tar.entry({ name, mode: 0o644, ...ROOT }, content);
}

/** A file that grows while it is read is taken as long as it was: the size is written before the content. */
async function addFromDisk(tar: Pack, path: string, size: number, name: string): Promise<void> {
  const target = tar.entry({ name, size, mode: 0o644, ...ROOT });
  await pipeline(size === 0 ? [] : createReadStream(path, { end: size - 1 }), target);
}
