import { readFile } from 'node:fs/promises';

/**
 * Looks at a container's first process through this machine's /proc. Works where the engine runs on this
 * machine; with a remote engine, or on another operating system, everything is `undefined`: not seen, which
 * is not the same as not there.
 */
export interface ProcessTable {
  /**
   * Whether process 1 of the container has a handler for SIGTERM. Without one the kernel drops the signal,
   * unless the process blocks it: then it waits for it by other means (a signalfd), or never looks; that cannot
   * be seen from outside. Nor can `sigwait`, for whose time the kernel shows the signal as not blocked: the
   * small inits that live in it are known by their names.
   */
  handlesSigterm(pid: number, containerId: string): Promise<boolean | undefined>;
  /** `address:port` of each TCP socket that listens in the container's network namespace. */
  listeners(pid: number, containerId: string): Promise<readonly string[] | undefined>;
}

const SIGTERM = 15n;
/** Inits that wait for signals in `sigwait` or `sigtimedwait` and pass them on. [code] tini, dumb-init */
const WAITING_INITS = /^(tini(-static)?|docker-init|dumb-init)$/;
const LISTEN = '0A';

export function createProcessTable(root = '/proc'): ProcessTable {
  /** The process id of a remote engine may be some other process here: its control group tells. */
  async function isContainer(pid: number, containerId: string): Promise<boolean> {
    return pid > 0 && (await readFile(`${root}/${pid}/cgroup`, 'utf8')).includes(containerId);
  }

  async function seen<T>(
    pid: number,
    containerId: string,
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    try {
      return (await isContainer(pid, containerId)) ? await look() : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    handlesSigterm: (pid, containerId) =>
      seen(pid, containerId, async () => {
        const status = await readFile(`${root}/${pid}/status`, 'utf8');
        if (WAITING_INITS.test(/^Name:\s*(.*)$/m.exec(status)?.[1] ?? '')) {
          return undefined;
        }
        const has = (set: 'SigCgt' | 'SigBlk') => {
          const mask = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
          return mask === undefined ? undefined : ((BigInt(`0x${mask}`) >> (SIGTERM - 1n)) & 1n) === 1n;
        };
        const caught = has('SigCgt');
        return caught === false && has('SigBlk') === true ? undefined : caught;
      }),
    listeners: (pid, containerId) =>
      seen(pid, containerId, async () => {
        const four = await readFile(`${root}/${pid}/net/tcp`, 'utf8');
        const six = await readFile(`${root}/${pid}/net/tcp6`, 'utf8').catch(() => '');
        return [...new Set([...parseListeners(four), ...parseListeners(six)])];
      }),
  };
}

/** Listening sockets of a /proc/<pid>/net/tcp or tcp6 table; Docker's own name server is left out. */
export function parseListeners(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [hex = '', port = ''] = local.split(':');
    if (state !== LISTEN) {
      return [];
    }
    const address = hex.length === 8 ? ipv4(hex) : ipv6(hex);
    return address === '127.0.0.11' ? [] : `${address}:${Number.parseInt(port, 16)}`;
  });
}

/** The kernel writes addresses as words in the byte order of the machine: little-endian here. */
function ipv4(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function ipv6(hex: string): string {
  if (/^0{32}$/.test(hex)) {
    return '[::]';
  }
  if (hex === '00000000000000000000000001000000') {
    return '[::1]';
  }
  if (/^0{16}FFFF0000/i.test(hex)) {
    return ipv4(hex.slice(24));
  }
  const bytes = hex.match(/.{8}/g)?.flatMap((word) => (word.match(/../g) ?? []).reverse()) ?? [];
  const groups = Array.from({ length: 8 }, (_, index) => `${bytes[index * 2]}${bytes[index * 2 + 1]}`);
  return `[${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}]`;
}
