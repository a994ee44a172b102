const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something of this name is there already',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'it does not exist',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/** Why the system refused, in words: `no space left on the disk (ENOSPC)`. */
export function reasonOf(error: unknown): string {
  const { code, message } = Object(error) as Partial<NodeJS.ErrnoException>;
  const meaning = code === undefined ? undefined : MEANINGS[code];
  return meaning === undefined ? (message ?? String(error)) : `${meaning} (${code})`;
}
