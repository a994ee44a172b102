/** A Region's name as AWS writes them; anything else makes no link. */
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/;

/** The page where quotas of SageMaker are raised, in the Region's own partition. */
export function quotasPage(region: string | undefined): string | undefined {
  if (region === undefined || !REGION.test(region)) return undefined;
  const host = region.startsWith('cn-')
    ? `${region}.console.amazonaws.cn`
    : region.startsWith('us-gov-')
      ? 'console.amazonaws-us-gov.com'
      : `${region}.console.aws.amazon.com`;
  return `https://${host}/servicequotas/home/services/sagemaker/quotas?region=${region}`;
}
