/** This action's version, as package.json has it: what AWS sees in the user agent. */
export const VERSION = '0.1.0';
