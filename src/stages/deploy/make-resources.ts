import type { Deployment } from './deployment.js';
import { type Maker, makeConfig, makeModel } from './make.js';
import type { DeploymentRequests } from './requests.js';

/** Models and the configuration, as far as they are not there. They cost nothing and change nothing by themselves. */
export async function makeResources(
  deployment: Deployment,
  { models, config }: DeploymentRequests,
): Promise<void> {
  const { part, context } = deployment;
  const maker = (signal: AbortSignal): Maker => ({
    endpointName: part.name,
    source: context.source,
    clock: deployment.clock,
    signal,
  });
  for (const { variant, request } of models) {
    const name = request.ModelName ?? '';
    const made = await deployment.change((connection, signal) =>
      makeModel(connection, request, maker(signal)),
    );
    if (made === 'created') deployment.ownWork.push({ kind: 'model', name });
    deployment.say(
      `The model ${name} of the variant ${variant} ${made === 'created' ? 'is made' : 'is there'}.`,
    );
  }
  const name = config.EndpointConfigName ?? '';
  const made = await deployment.change((connection, signal) => makeConfig(connection, config, maker(signal)));
  if (made === 'created') deployment.ownWork.push({ kind: 'endpoint-config', name });
  deployment.say(`The configuration ${name} ${made === 'created' ? 'is made' : 'is there'}.`);
}
