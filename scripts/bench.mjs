// npm run bench: the figures, side by side in one run. What follows -- goes to each part, such as --quick.
import path from 'node:path';

import { buildWorker } from './build.mjs';
import { run, step } from './steps.mjs';
import { installToolchain } from './toolchain.mjs';
import { root } from './worker.mjs';

const parts = {
  'token-storm.ts': 'A storm on the token, beside the naive code of the field',
  'decrypt.ts': 'Decrypting user data, beside WebCrypto and a Node SDK',
};

export async function bench(args) {
  await buildWorker(await installToolchain());
  for (const [file, title] of Object.entries(parts)) {
    await step(title, () => run(process.execPath, [path.join(root, 'tests', 'bench', file), ...args], { cwd: root }));
  }
}
