/**
 * Makes the step's standard output wait: a write returns when the reader has taken the text.
 *
 * When standard output is a pipe, which it is on a runner, Node queues what the pipe cannot take at once (a pipe
 * holds 64 KiB) without limit in memory, and loses it when the process ends by `process.exit`. A log that waits
 * does neither, whatever a container prints: while the runner does not read, the container's own pipe fills and
 * the container waits. The order with what `@actions/core` writes stays, since it is the same stream.
 *
 * The handle's `setBlocking` is not in Node's documentation, only old and much used. Without it, output is as
 * Node makes it.
 */
export function waitForReader(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { _handle?: { setBlocking?: (blocking: boolean) => number } };
  handle?.setBlocking?.(true);
  // The reader is gone: there is nobody to tell, and cleaning up matters more than dying of it.
  stream.on('error', () => {});
}
