import type { Deployment, DeployResult } from './deployment.js';

/** Deletes an endpoint that can only be created anew. @returns undefined when it is gone */
export async function removeToReplace(
  deployment: Deployment,
  why: string,
): Promise<DeployResult | undefined> {
  const { name } = deployment.part;
  deployment.say(`The endpoint ${name} is deleted and created anew. ${why}.`);
  deployment.replacing = true;
  deployment.phase = 'deleting';
  await deployment.change(({ endpoints }, signal) => endpoints.remove(name, signal));
  const watched = await deployment.watch.until({
    reached: (endpoint) => endpoint === undefined,
    deadline: deployment.deadline,
  });
  if (watched.end === 'lost') return deployment.lost(watched.why, watched.fix);
  if (watched.end !== 'timeout') {
    deployment.phase = 'before';
    return undefined;
  }
  return deployment.failed({
    message: `The endpoint ${name} was not deleted within ${deployment.timeoutText}; it is ${watched.endpoint?.EndpointStatus}.`,
    fix: 'Run it again when it is gone.',
  });
}
