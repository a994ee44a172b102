import { type Call, Calls } from './calls.js';
import { errorOf, type Fault, Faults, type FaultTarget } from './faults.js';
import { iamAction, type Protocol } from './request.js';
import { AwsError } from './service.js';

/** What becomes of a call that has reached local AWS. */
export interface Entry {
  readonly call: Call;
  /** The fault that it meets. */
  readonly fault?: Fault;
  /** What it is answered with in place of its own answer. */
  readonly error?: AwsError;
}

/** A policy in IAM's JSON, of which only `Effect` and `Action` are looked at. */
interface Policy {
  readonly Statement: readonly { readonly Effect: string; readonly Action: string | readonly string[] }[];
}

/** Every call passes here: it is counted, checked against its key's policy, and meets the scripted faults. */
export class Gate {
  readonly calls = new Calls();
  readonly faults: Faults;
  private readonly policies = new Map<string, Policy>();
  private readonly account: string;
  private readonly now: () => Date;

  constructor(account: string, now: () => Date) {
    this.account = account;
    this.now = now;
    this.faults = new Faults(now);
  }

  enter(
    target: FaultTarget & { readonly region: string; readonly resource: string },
    protocol: Protocol,
  ): Entry {
    const { service, operation, accessKeyId, via, region } = target;
    const base = { at: this.now().toISOString(), service, operation, accessKeyId, via };
    const arn =
      service === 's3'
        ? `arn:aws:s3:::${target.resource}`
        : `arn:aws:${service}:${region}:${this.account}:${target.resource}`;
    const principal = `arn:aws:iam::${this.account}:user/local-aws`;
    const needed = [{ action: iamAction(service, operation), resource: arn }, ...furtherActions(target, arn)];
    const denied = needed.find(({ action }) => !this.allows(accessKeyId, action));
    if (denied !== undefined) {
      const wording = { principal, ...denied };
      const error = errorOf({ service, operation, kind: 'access-denied' }, protocol, wording);
      return { call: this.calls.add({ ...base, fault: 'policy' }), ...(error && { error }) };
    }
    const fault = this.faults.meet(target);
    if (fault === undefined) return { call: this.calls.add(base) };
    const error = errorOf(fault, protocol, {
      principal,
      action: iamAction(service, operation),
      resource: arn,
    });
    return { call: this.calls.add({ ...base, fault: fault.kind }), fault, ...(error && { error }) };
  }

  /** From now on, calls with this key are denied unless the policy allows their action; undefined: all are allowed. */
  setPolicy(accessKeyId: string, policy: unknown): void {
    if (policy === undefined) this.policies.delete(accessKeyId);
    else if (Array.isArray((policy as Policy | null)?.Statement))
      this.policies.set(accessKeyId, policy as Policy);
    else throw new AwsError('BadPolicy', 'a policy is an object with a list Statement');
  }

  private allows(accessKeyId: string, action: string): boolean {
    const policy = this.policies.get(accessKeyId);
    // Every identity may ask who it is, whatever its policies say.
    if (policy === undefined || action === 'sts:GetCallerIdentity') return true;
    const named = (effect: string) =>
      policy.Statement.some(
        ({ Effect, Action }) =>
          Effect === effect && [Action].flat().some((pattern) => matches(pattern, action)),
      );
    return named('Allow') && !named('Deny');
  }
}

/** What AWS asks for beside the action of the call itself: to hand a role on, and to set tags. */
function furtherActions(
  { service, operation, body = '' }: FaultTarget,
  resource: string,
): readonly { readonly action: string; readonly resource: string }[] {
  const further: { action: string; resource: string }[] = [];
  if (!operation.startsWith('Create')) return further;
  if (service === 'sagemaker') {
    const [, role] = /"(?:RoleArn|ExecutionRoleArn)"\s*:\s*"([^"]*)"/.exec(body) ?? [];
    if (role !== undefined) further.push({ action: 'iam:PassRole', resource: role });
    if (/"Tags"\s*:\s*\[\s*\{/.test(body)) further.push({ action: 'sagemaker:AddTags', resource });
  }
  if (service === 'ecr' && /"tags"\s*:\s*\[\s*\{/.test(body)) {
    further.push({ action: 'ecr:TagResource', resource });
  }
  return further;
}

function matches(pattern: string, action: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(action);
}
