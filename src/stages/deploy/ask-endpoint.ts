import type { ProofRecord } from '../../plan.js';
import type { DeployConnection } from './connection.js';
import type { Deployment } from './deployment.js';
import { type Proof, prove, type Sample } from './prove.js';
import { HASTY_ATTEMPTS } from './time-limits.js';

/** Sends the samples to each variant that takes requests. @throws CanceledError */
export async function askEndpoint(deployment: Deployment, samples: readonly Sample[]): Promise<Proof> {
  const { part, context } = deployment;
  const variants = deployment.facts?.endpoint?.ProductionVariants ?? [];
  const asked = variants
    .filter(({ DesiredWeight, CurrentWeight }) => (DesiredWeight ?? CurrentWeight ?? 1) > 0)
    .flatMap(({ VariantName }) => VariantName ?? []);
  const requests = samples.length * Math.max(1, part.proof.repeats);
  deployment.say(`Asking the endpoint ${part.name}: ${requests} requests a variant.`);
  let connection: DeployConnection | undefined;
  return prove({
    endpointName: part.name,
    plan: part.proof,
    samples,
    variants: variants.length > 1 && part.async === undefined ? asked : [],
    ...(part.async && { async: part.async }),
    runId: context.runId,
    connect: async (fresh) => {
      if (fresh) connection = undefined;
      connection ??= await deployment.connect(HASTY_ATTEMPTS);
      return connection;
    },
    clock: deployment.clock,
    signal: context.signal,
    log: context.log,
  });
}

/** What is bad about the answers; undefined when nothing is, or nothing was asked. */
export function badProof(
  proof: Proof | undefined,
): { readonly why: string; readonly fix?: string } | undefined {
  if (proof === undefined || (proof.kind === 'judged' && proof.record.passed)) return undefined;
  return proof.kind === 'judged'
    ? {
        why: proof.why ?? 'a sample was answered badly.',
        fix: 'Compare the answer with `endpoint-expect`, `endpoint-accept` and `endpoint-max-latency`. The smoke test with the same samples (`smoke-payload`) finds it before anything is deployed.',
      }
    : { why: `it could not be asked. ${proof.why}`, fix: proof.fix };
}

const requestsOf = ({ samples }: ProofRecord): number =>
  samples.reduce((sum, { requests }) => sum + requests, 0);

/** How the configuration that is back answers. */
export function answersText(proof: Proof | undefined): string {
  if (proof === undefined) return '';
  if (proof.kind === 'impossible') return ` Whether it answers is not known: ${proof.why}`;
  return proof.record.passed
    ? ` It answers (${requestsOf(proof.record)} requests).`
    : ` It does not answer the samples as they should be either: ${proof.why}`;
}

export const provenText = (proof: Proof | undefined): string =>
  proof?.kind === 'judged' ? `, and has answered ${requestsOf(proof.record)} requests` : '';
