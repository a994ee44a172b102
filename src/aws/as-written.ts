/**
 * SageMaker keeps metrics as floats of 32 bits: 0.91 comes as 0.9100000262260437. The shortest number that is the same
 * float is what the container wrote, or as good. Whole numbers, and numbers that are no such float, stay.
 */
export function asWritten(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
