// npm run bench: the figures, side by side in one run. What follows -- goes to each part, such as --quick.
import path from 'node:path';

import { build } from './build.mjs';
import { run, step } from './steps.mjs';
import { root } from './worker.mjs';

const parts = {
  'token-storm.ts': 'A storm on the token, beside the naive code of the field',
  'decrypt.ts': 'Decrypting user data, beside WebCrypto and a Node SDK',
  'client.ts': 'The client package: its size, and launches per second beside plain JavaScript',
  'package-ready.ts': 'The client package, from nothing to ready in a browser',
};

export async function bench(args) {
  await build();
  for (const [file, title] of Object.entries(parts)) {
    await step(title, () => run(process.execPath, [path.join(root, 'tests', 'bench', file), ...args], { cwd: root }));
  }
}
