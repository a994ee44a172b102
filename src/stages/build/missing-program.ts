import { code } from './words.js';

/** A program that an instruction starts, and that is not there. */
export const missingProgram = (program: string): string =>
  `${code(program)} is not in the image at this point`;

export function missingProgramAdvice(program: string): string {
  return /^\/bin\/(?:ba)?sh$/.test(program)
    ? 'The base image has no shell: use one that has, or write the instruction as a list, `RUN ["program", "argument"]`, which needs none.'
    : 'Install or copy it in an instruction before this one, and check its name and `PATH`. A script with Windows line ends is “not found” too: store it with LF.';
}
