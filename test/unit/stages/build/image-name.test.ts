import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { imageName } from '../../../../src/stages/build/image-name.js';

test('an image has the name of its repository, else of its context, and of its run', () => {
  expect(imageName({ repository: 'Org/My_App.x' }, '/w/container', '0123456789ab')).toBe(
    'sagemaker-byoc/my-app-x:0123456789ab',
  );
  expect(imageName({}, '/w/container', '0123456789ab')).toBe('sagemaker-byoc/container:0123456789ab');
  expect(imageName({}, '/w/模型', '0123456789ab')).toBe('sagemaker-byoc/image:0123456789ab');
});

test('whatever the names are, Docker takes it', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(imageName({ repository: `org/${name}` }, '/', 'a1')).toMatch(
        /^sagemaker-byoc\/[a-z0-9]+(?:-[a-z0-9]+)*:a1$/,
      );
    }),
  );
});
