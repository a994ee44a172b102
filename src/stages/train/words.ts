/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const rest = (count: number, unit: string) => (count > 0 ? ` ${count} ${unit}` : '');
  return minutes < 60
    ? `${minutes} min${rest(whole % 60, 's')}`
    : `${Math.floor(minutes / 60)} h${rest(minutes % 60, 'min')}`;
}

/** A metric's value as people read it: at most six significant digits. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}
