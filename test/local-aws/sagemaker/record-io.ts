const MAGIC = 0xced7230a;

/** One RecordIO record: magic number, length, content, and zeros up to a multiple of four. */
export function recordOf(content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
}
