import { type CheckDefinition, failed, passed } from './check.js';

export const imageUser: CheckDefinition = {
  id: 'image-user',
  group: 'image',
  severity: 'warning',
  title: 'The image runs as root',
  proves: 'The program will be allowed to write the model, the output and the failure file.',
  why: 'SageMaker makes /opt/ml/model and /opt/ml/output owned by root, and expects all hosting containers to run with root users. A program with another USER can write neither its model nor the file that explains its failure.',
  fix: 'Remove the USER instruction, or switch back to root in the last stage of the Dockerfile: `USER root`.',
  source: '[doc] hosting: “SageMaker AI expects all containers to run with root users”; [obs] failure T36',
  judged: 'always',
  judge({ image }) {
    const [user = ''] = image.user.split(':');
    return user === '' || user === 'root' || user === '0'
      ? passed('The image runs as root.')
      : failed(`The image runs as user “${image.user}”.`);
  },
};
