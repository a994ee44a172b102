import type { Protocol } from './request.js';
import type { AwsError } from './service.js';

/** An answer as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error as each of AWS's protocols writes it. */
export function writeError(protocol: Protocol, error: AwsError, requestId: string): Answer {
  const { code, message, status, fields } = error;
  if (protocol === 'json') {
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
      // Errors that come from in front of a service, not from it, have a capital.
      body: JSON.stringify({
        __type: code,
        [code === 'AccessDeniedException' ? 'Message' : 'message']: message,
        ...fields,
      }),
    };
  }
  if (protocol === 'rest-json') {
    return {
      status,
      headers: {
        'content-type': 'application/json',
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': code,
      },
      body: JSON.stringify({ Message: message, ...fields }),
    };
  }
  const text = `<Code>${inXml(code)}</Code><Message>${inXml(message)}</Message>`;
  if (protocol === 's3') {
    return {
      status,
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text}<RequestId>${requestId}</RequestId><HostId>local-aws</HostId></Error>`,
    };
  }
  const type = status >= 500 ? 'Receiver' : 'Sender';
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<ErrorResponse><Error><Type>${type}</Type>${text}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

const inXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
