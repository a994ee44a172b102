import { type CheckDefinition, failed, passed } from './check.js';

/** The limit of serverless endpoints on the uncompressed image, in bytes: failure A30 of the catalogue. */
const SERVERLESS_LIMIT = 10 * 1024 ** 3;

export const imageSize: CheckDefinition = {
  id: 'image-size',
  group: 'image',
  severity: 'warning',
  title: 'The image is small enough for every kind of endpoint',
  proves: 'The uncompressed image is not over the 10 GiB that serverless endpoints take.',
  why: 'Serverless endpoints refuse a larger image. On instances a large image is only slow: it is downloaded before every job and every scale-out, in paid time.',
  fix: 'Use a slimmer base image, clean package caches in the layer that makes them, and leave compilers in an earlier stage.',
  source: '[doc] serverless-endpoints.md; [obs] failure A30',
  judged: 'always',
  judge({ image }) {
    const size = `${(image.sizeBytes / 1024 ** 3).toFixed(2)} GiB`;
    return image.sizeBytes <= SERVERLESS_LIMIT
      ? passed(`The image takes ${size}.`)
      : failed(`The image takes ${size}; serverless endpoints take 10 GiB.`);
  },
};
