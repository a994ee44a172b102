import type { World } from '../service.js';

/** Publishes to a topic of moto's SNS. @throws when it does not take it */
export async function publish(
  { motoEndpoint, accessKeyId, region }: World,
  topicArn: string,
  message: string,
): Promise<void> {
  const answer = await fetch(motoEndpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20240101/${region}/sns/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'x-amz-date': '20240101T000000Z',
    },
    body: new URLSearchParams({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Message: message,
    }),
  });
  if (!answer.ok) throw new Error(`SNS answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
}
