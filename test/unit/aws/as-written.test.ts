import { expect, test } from '@jest/globals';
import { asWritten } from '../../../src/aws/as-written.js';

test.each([
  [0.2, 0.2],
  [0.91, 0.91],
  [-0.0001, -0.0001],
  [1e-12, 1e-12],
  [0.1234567, 0.1234567],
  [16_777_216, 16_777_216],
  [33_554_432, 33_554_432],
  [0, 0],
])('%s in 32 bits is %s again', (written, value) => {
  expect(asWritten(Math.fround(written))).toBe(value);
});

test.each([0.2, 1 / 3, 123456.789])('%s, of more than 32 bits, stays', (value) => {
  expect(asWritten(value)).toBe(value);
});

test('whatever it says is the same float', () => {
  for (const value of [1 / 3, Math.PI, 1.17549435e-38, 3.4028234e38, 8.000001].map(Math.fround)) {
    expect(Math.fround(asWritten(value))).toBe(value);
  }
});
