import { describe, expect, test } from '@jest/globals';
import { Ahead } from '../../../../src/stages/smoke-test/ahead.js';

/** A preparation that counts what happens to it. */
function counted(fails = false) {
  const seen = { made: 0, discarded: 0 };
  const ahead = new Ahead(async () => {
    seen.made += 1;
    if (fails) {
      throw new Error('no space left');
    }
    return {
      discard: () => {
        seen.discarded += 1;
      },
    };
  });
  return { ahead, seen };
}

describe('something that is made ahead', () => {
  test('is made once, and belongs to whoever takes it', async () => {
    const { ahead, seen } = counted();
    ahead.begin();
    await ahead.take();
    await ahead.drop();
    expect(seen).toEqual({ made: 1, discarded: 0 });
  });

  test('is made when it is taken, if not before', async () => {
    const { ahead, seen } = counted();
    await ahead.take();
    expect(seen.made).toBe(1);
  });

  test('is let go of when nobody takes it', async () => {
    const { ahead, seen } = counted();
    ahead.begin();
    await ahead.drop();
    expect(seen).toEqual({ made: 1, discarded: 1 });
  });

  test('is not made for being dropped', async () => {
    const { ahead, seen } = counted();
    await ahead.drop();
    expect(seen).toEqual({ made: 0, discarded: 0 });
  });

  test('tells its failure to whoever takes it, and to nobody else', async () => {
    const { ahead } = counted(true);
    ahead.begin();
    await expect(ahead.take()).rejects.toThrow('no space left');
    const unused = counted(true);
    unused.ahead.begin();
    await expect(unused.ahead.drop()).resolves.toBeUndefined();
  });
});
