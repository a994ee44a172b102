/** The line that a host writes as its n-th, counted from 1: as long as those of a training usually are. */
export function sampleLine(host: string, n: number): string {
  const loss = (1 / (1 + n / 1000)).toFixed(6);
  return `[bench] ${host} ${n} epoch=${Math.ceil(n / 1000)} step=${n % 1000} loss=${loss} lr=0.000300 throughput=1873.2 samples/s`;
}
