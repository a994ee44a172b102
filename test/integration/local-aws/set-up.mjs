import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the tests of one run of jest leave word of the local AWS that they share; the first that needs it starts it. */
export default function setUp() {
  process.env.SHARED_LOCAL_AWS = mkdtempSync(join(tmpdir(), 'shared-local-aws-'));
}
