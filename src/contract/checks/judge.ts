import type { CheckResult, Severity } from '../../plan.js';
import type { Observations } from '../observations.js';
import { CHECKS, type CheckDefinition } from './index.js';

/**
 * Judges every check that is not turned off.
 *
 * @param severities the user's changes by check id
 * @param checks all checks; tests pass fewer
 */
export function judge(
  observations: Observations,
  severities: ReadonlyMap<string, Severity | 'off'>,
  checks: readonly CheckDefinition[] = CHECKS,
): readonly CheckResult[] {
  return checks.flatMap((check) => {
    const severity = severities.get(check.id) ?? check.severity;
    if (severity === 'off') {
      return [];
    }
    const verdict = check.judge(observations);
    return {
      id: check.id,
      group: check.group,
      title: check.title,
      severity,
      status: verdict.status,
      evidence: verdict.evidence,
      ...(verdict.lines && verdict.lines.length > 0 && { lines: verdict.lines }),
      ...(verdict.status === 'failed' && { fix: verdict.fix ?? check.fix }),
      ...(verdict.seconds !== undefined && { seconds: verdict.seconds }),
    };
  });
}
