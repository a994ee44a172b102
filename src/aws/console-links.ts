/** Addresses of AWS's console, for people. */

const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'console.amazonaws.cn'],
  [/^us-gov-/, 'console.amazonaws-us-gov.com'],
];

/** [doc] partitions.json; the isolated partitions have no console that is reached like this. */
function consoleRoot(region: string): string | undefined {
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(region) || /-(?:iso\w*|eusc)-|^eusc-/.test(region)) return undefined;
  const host = HOSTS.find(([pattern]) => pattern.test(region))?.[1] ?? 'console.aws.amazon.com';
  return `https://${region}.${host}`;
}

export function trainingJobPage(region: string, name: string): string | undefined {
  const root = consoleRoot(region);
  return root && `${root}/sagemaker/home?region=${region}#/jobs/${encodeURIComponent(name)}`;
}

/** The page of a model card; model packages have theirs in SageMaker Studio only. */
export function modelCardPage(region: string, name: string): string | undefined {
  const root = consoleRoot(region);
  return root && `${root}/sagemaker/home?region=${region}#/model-cards/${encodeURIComponent(name)}`;
}

/** The job's log streams. */
export function trainingLogsPage(region: string, name: string): string | undefined {
  const root = consoleRoot(region);
  if (root === undefined) return undefined;
  const group = twice('/aws/sagemaker/TrainingJobs');
  const filter = encodeURIComponent(`?logStreamNameFilter=${encodeURIComponent(`${name}/`)}`).replaceAll(
    '%',
    '$',
  );
  return `${root}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}${filter}`;
}

export function endpointPage(region: string, name: string): string | undefined {
  const root = consoleRoot(region);
  return root && `${root}/sagemaker/home?region=${region}#/endpoints/${encodeURIComponent(name)}`;
}

/** The endpoint's log group. */
export function endpointLogsPage(region: string, name: string): string | undefined {
  const root = consoleRoot(region);
  const group = twice(`/aws/sagemaker/Endpoints/${name}`);
  return root && `${root}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}`;
}

/** The console writes what is in its fragment encoded twice, with `$` for `%`. */
const twice = (text: string): string => encodeURIComponent(encodeURIComponent(text)).replaceAll('%', '$');
