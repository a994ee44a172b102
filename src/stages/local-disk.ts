/** Families whose volume is an NVMe disk of the instance: the API refuses a key for it. [doc] VolumeKmsKeyId */
const FAMILIES =
  /^ml\.(?:g4dn|g5|g6e?|g7e?|m5d|m6gd|c5d|c6gd|p3dn|p4de?|p5(?:en?)?|p6\w*(?:-\w+)?|r5d|r6gd|trn1n?|trn2)\./;

/** Whether the instances of this type (`ml.g5.xlarge`) bring their own encrypted disk, for which no key is taken. */
export const hasLocalDisk = (instanceType: string): boolean => FAMILIES.test(instanceType);
